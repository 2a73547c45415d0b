package interchange

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/sublot/sublot/internal/gs1"
)

const maxUII = 50 // characters, MIL-STD-130

// enterprises are the identifiers of an enterprise, with the issuing agency code
// that MIL-STD-130 puts before each.
var enterprises = map[string]string{
	"17V": "D", "12V": "UN", "7L": "LD", "18V": "", // data identifiers
	"MFR": "D", "SPL": "D", "CAG": "D", "DUN": "UN", // text element identifiers
}

// isCAGE fits a CAGE code: five characters, without the letters I and O.
var isCAGE = regexp.MustCompile(`^[0-9A-HJ-NP-Z]{5}$`)

// uiiCharacters are those that a unique item identifier may hold.
var uiiCharacters = regexp.MustCompile(`^[A-Z0-9/-]+$`)

// UII makes the unique item identifier. Construct 1 is agency, enterprise and a
// serial number unique in the enterprise; construct 2 puts the part or the lot
// before a serial number that is unique only in it.
func (m Message) UII() (string, error) {
	get := func(ids ...string) string {
		for _, id := range ids {
			if v, ok := m.Get(id); ok {
				return v
			}
		}
		return ""
	}
	uii := ""
	switch m.Format {
	case GS1: // the identifiers of single assets are unique by themselves
		uii = get("8003", "8004")
	case DI, TEI, Legacy:
		if uii = get("25S", "UID"); uii != "" {
			break
		}
		if v := get("18S", "USN"); v != "" {
			uii = "D" + v
			break
		}
		enterprise := ""
		for _, e := range m.Elements {
			if agency, ok := enterprises[e.ID]; ok && enterprise == "" {
				enterprise = agency + e.Value
			}
		}
		if enterprise == "" {
			return "", errors.New("interchange: no enterprise, such as 17V: no UII")
		}
		if v := get("SER"); v != "" {
			uii = enterprise + v
			break
		}
		inner, serial := get("1P", "1T", "PNO", "LOT", "LTN", "BII"), get("S", "SEQ")
		if lot := get("1T"); lot != "" {
			inner = lot // where lot and part stand together, the serial counts in the lot
		}
		if inner == "" || serial == "" {
			return "", errors.New("interchange: no part or lot with a serial number in it: no UII")
		}
		uii = enterprise + inner + serial
	}
	switch {
	case uii == "":
		return "", errors.New("interchange: no unique item identifier in the message")
	case len(uii) > maxUII:
		return "", fmt.Errorf("interchange: UII of %d characters, wanted %d at most", len(uii), maxUII)
	case !uiiCharacters.MatchString(uii):
		return "", fmt.Errorf("interchange: UII %s holds more than A-Z, 0-9, - and /", uii)
	}
	return uii, nil
}

// Problems says what is wrong inside an envelope, in words: wrong check digits,
// CAGE codes with the letters I or O, elements that stand twice. It is empty for
// a message without fault.
func (m Message) Problems() []string {
	var all []string
	var ids []string
	for _, e := range m.Elements {
		if slices.Contains(ids, e.ID) {
			all = append(all, e.ID+" stands twice")
		}
		ids = append(ids, e.ID)
		cage := ""
		switch e.ID {
		case "17V", "MFR", "SPL", "CAG":
			cage = e.Value
		case "18S", "USN":
			cage = e.Value[:min(5, len(e.Value))]
		}
		if cage != "" && !isCAGE.MatchString(cage) {
			what := fmt.Sprintf("%s: %q is no CAGE code", e.ID, cage)
			if strings.ContainsAny(cage, "IO") {
				what += ": it holds the letter I or O, perhaps for 1 or 0"
			}
			all = append(all, what)
		}
		if m.Format == GS1 {
			if err := (gs1.Message{{AI: e.ID, Value: e.Value}}).Formats(); err != nil {
				all = append(all, strings.TrimPrefix(err.Error(), "gs1: "))
			}
		}
	}
	return all
}
