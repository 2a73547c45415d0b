package carrier

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/sublot/sublot/internal/gs1"
	"github.com/sublot/sublot/internal/interchange"
	"github.com/sublot/sublot/marking"
	"github.com/sublot/sublot/marking/pointer"
)

// A Syntax is how a payload says what it says.
type Syntax string

// The syntaxes that are read.
const (
	Frame       Syntax = "frame"        // the bytes of a frame
	Text        Syntax = "text"         // SL1: and base45, or base32
	GS1         Syntax = "gs1"          // element string, plain or bracketed
	DigitalLink Syntax = "digital-link" // GS1 Digital Link
	Interchange Syntax = "iso15434"
	Identity    Syntax = "identity"  // the identity as text, with or without a check character
	Headstamp   Syntax = "headstamp" // what stands on a case head, with clock positions
	Pointer     Syntax = "pointer"   // a register pointer, which names no identity by itself
)

// Content is what a payload says.
type Content struct {
	Syntax Syntax
	Mark   marking.Mark // a claim; the level is empty where the syntax has none
	Frame  []byte       // to be verified; nil where there is none

	Pointer  pointer.Pointer // where that is the syntax; then the mark is empty
	GTIN     string          // GS1 alone
	UII      string          // unique item identifier of MIL-STD-130, ISO/IEC 15434 alone
	Problems []string        // what is wrong in it, in words: check digits, codes that cannot be
}

// An Error says why an identity cannot be written in a syntax, or why a payload
// holds none.
type Error struct {
	Reason string
	hint   string
}

func (e *Error) Error() string { return "carrier: " + e.Reason }

// Hint says what to do instead.
func (e *Error) Hint() string {
	if e.hint == "" {
		return "read the symbol again; what it says is in `scan --json`"
	}
	return e.hint
}

const makerPrefix = "SL:" // before the maker in (90), which others use as they like

// Years that the two digits of (11) mean. GS1 has a window that slides with the
// clock; this one stands still, so that a label always says the same.
const firstYear, lastYear = 1980, 2079

// ElementString writes a mark as a GS1 element string with GS (0x1D) for FNC1.
// GTIN is that of the product, 8 to 14 digits. Frame may be nil.
func ElementString(m marking.Mark, gtin string, frame []byte) (string, error) {
	msg, err := message(m, gtin, frame)
	if err != nil {
		return "", err
	}
	return msg.Plain(), nil
}

// Bracketed writes a mark as [ElementString] does, with brackets round the
// identifiers, for people.
func Bracketed(m marking.Mark, gtin string, frame []byte) (string, error) {
	msg, err := message(m, gtin, frame)
	if err != nil {
		return "", err
	}
	return msg.Bracketed(), nil
}

// Link writes a mark as a GS1 Digital Link on a base such as https://id.gs1.org.
func Link(m marking.Mark, gtin string, frame []byte, base string) (string, error) {
	msg, err := message(m, gtin, frame)
	if err != nil {
		return "", err
	}
	return msg.Link(base)
}

func message(m marking.Mark, gtin string, frame []byte) (gs1.Message, error) {
	if m.Item.IsZero() {
		return nil, &Error{Reason: "mark without an item", hint: "set Mark.Item"}
	}
	if gtin == "" {
		return nil, &Error{Reason: "a lot cannot stand alone in GS1: (10) needs the GTIN of the product, (01)",
			hint: "give the product's GTIN, or write ISO/IEC 15434 format 06, which has a place for a maker and a lot"}
	}
	if len(gtin) < 8 || len(gtin) > 14 || strings.Trim(gtin, "0123456789") != "" {
		return nil, &Error{Reason: fmt.Sprintf("GTIN %q, wanted 8 to 14 digits", gtin), hint: "the GTIN is the number under the product's bar code"}
	}
	lot, rest := below(m.Item)
	msg := gs1.Message{{AI: "01", Value: strings.Repeat("0", 14-len(gtin)) + gtin}}
	if m.Made != 0 {
		if y := m.Made.First().Year(); y >= firstYear && y <= lastYear {
			msg = append(msg, gs1.Element{AI: "11", Value: m.Made.First().Format("0601") + "00"})
		}
	}
	msg = append(msg, gs1.Element{AI: "10", Value: lot})
	if rest != "" {
		msg = append(msg, gs1.Element{AI: "21", Value: rest})
	}
	if len(m.NSN) == 13 && strings.Trim(m.NSN, "0123456789") == "" { // (7001) has no letters
		msg = append(msg, gs1.Element{AI: "7001", Value: m.NSN})
	}
	msg = append(msg, gs1.Element{AI: "90", Value: makerPrefix + m.Item.Maker()})
	text := base64.RawURLEncoding.EncodeToString(frame)
	for ai := 91; text != ""; ai++ {
		if ai > 95 {
			return nil, &Error{Reason: fmt.Sprintf("a frame of %d bytes does not fit (91) to (95)", len(frame)), hint: "leave out optional fields of the mark"}
		}
		n := min(90, len(text))
		msg = append(msg, gs1.Element{AI: strconv.Itoa(ai), Value: text[:n]})
		text = text[n:]
	}
	if err := msg.Check(); err != nil {
		return nil, &Error{Reason: fmt.Sprintf("%v cannot be written in GS1: %s", m.Item, strings.TrimPrefix(err.Error(), "gs1: ")),
			hint: "GS1 has 20 characters for a lot and for what stands below it, and no spaces, # or letters but A to Z; use a frame, which has"}
	}
	return msg, nil
}

// below splits an identity in its lot and what stands below it.
func below(id marking.ID) (lot, rest string) {
	s := strings.TrimPrefix(id.String(), id.Maker()+"/")
	lot, rest, _ = strings.Cut(s, "/")
	return lot, rest
}

var isCAGE = regexp.MustCompile(`^[0-9A-HJ-NP-Z]{5}$`)

// Formats of ISO/IEC 15434 that [Envelope] writes.
const (
	GS1Identifiers  = interchange.GS1 // 05: as an element string
	DataIdentifiers = interchange.DI  // 06
	TextElements    = interchange.TEI // 12
)

// Envelope writes a mark as an ISO/IEC 15434 message. Format 06 takes any maker
// and lot; 12 a maker whose code is a CAGE; 05 needs the GTIN of the product and is
// the only one that can hold a frame. GTIN and frame are for format 05 alone.
func Envelope(m marking.Mark, format, gtin string, frame []byte) ([]byte, error) {
	if m.Item.IsZero() {
		return nil, &Error{Reason: "mark without an item", hint: "set Mark.Item"}
	}
	lot, rest := below(m.Item)
	msg := interchange.Message{Format: format}
	add := func(id, value string) {
		if value != "" {
			msg.Elements = append(msg.Elements, interchange.Element{ID: id, Value: value})
		}
	}
	maker := m.Item.Maker()
	switch format {
	case GS1Identifiers:
		elements, err := message(m, gtin, frame)
		if err != nil {
			return nil, err
		}
		for _, e := range elements {
			add(e.AI, e.Value)
		}
	case DataIdentifiers:
		if isCAGE.MatchString(maker) {
			add("17V", maker)
		} else {
			add("18V", maker)
		}
		add("1T", lot)
		add("S", rest)
		add("N", m.NSN)
		if m.Rounds > 0 {
			add("Q", strconv.FormatInt(m.Rounds, 10))
		}
	case TextElements:
		if !isCAGE.MatchString(maker) {
			return nil, &Error{Reason: fmt.Sprintf("format 12 names a maker by its CAGE code, which %q is not", maker), hint: "write format 06, which takes any maker's code"}
		}
		add("MFR", maker)
		add("LOT", lot)
		add("SEQ", rest)
	default:
		return nil, &Error{Reason: fmt.Sprintf("format %q, wanted 05, 06 or 12", format), hint: "write format 06"}
	}
	b, err := msg.Bytes()
	if err != nil {
		return nil, &Error{Reason: fmt.Sprintf("%v cannot be written in ISO/IEC 15434: %s", m.Item, strings.TrimPrefix(err.Error(), "interchange: ")),
			hint: "the message is of ASCII characters alone; use a frame"}
	}
	return b, nil
}

const maxPayload = 8192 // bytes

// Parse finds the identity in what a symbol said, whatever its syntax: payload
// is the exact bytes, with GS (0x1D) for FNC1. It fails with an [*Error] where
// there is none, or where a message and the frame in it state two; then the
// frame is in the content.
func Parse(payload []byte) (Content, error) {
	s := string(payload)
	switch {
	case len(payload) == 0:
		return Content{}, &Error{Reason: "no bytes"}
	case len(payload) > maxPayload:
		return Content{}, &Error{Reason: fmt.Sprintf("%d bytes, wanted %d at most", len(payload), maxPayload)}
	case strings.HasPrefix(s, "[)>"):
		return parseInterchange(payload)
	case strings.HasPrefix(s, "http://"), strings.HasPrefix(s, "https://"):
		return parseLink(s)
	case strings.HasPrefix(s, "("):
		msg, err := gs1.ParseBracketed(s)
		return fromGS1(msg, err, GS1)
	case isHeadstamp(s):
		return parseHeadstamp(s)
	}
	if m, _, err := marking.Read(payload); err == nil {
		return Content{Syntax: Frame, Mark: m, Frame: bytes.Clone(payload)}, nil
	}
	if frame, err := marking.ParseText(s); err == nil {
		if m, _, err := marking.Read(frame); err == nil {
			return Content{Syntax: Text, Mark: m, Frame: frame}, nil
		}
	}
	if id, err := marking.ParseChecked(s); err == nil {
		return Content{Syntax: Identity, Mark: marking.Mark{Item: id}}, nil
	}
	if id, err := marking.ParseID(s); err == nil {
		return Content{Syntax: Identity, Mark: marking.Mark{Item: id}}, nil
	}
	if p, err := pointer.Parse(s); err == nil && p.String() == s {
		return Content{Syntax: Pointer, Pointer: p}, nil
	}
	msg, err := gs1.ParsePlain(s)
	return fromGS1(msg, err, GS1)
}

// parseLink reads a GS1 Digital Link, or an address whose last part is a frame.
func parseLink(s string) (Content, error) {
	path, _, _ := strings.Cut(s, "?")
	if frame, err := marking.ParseText(path[strings.LastIndexByte(path, '/')+1:]); err == nil {
		if m, _, err := marking.Read(frame); err == nil {
			return Content{Syntax: Text, Mark: m, Frame: frame}, nil
		}
	}
	msg, err := gs1.ParseLink(s)
	return fromGS1(msg, err, DigitalLink)
}

func fromGS1(msg gs1.Message, err error, syntax Syntax) (Content, error) {
	if err != nil {
		return Content{}, &Error{Reason: strings.TrimPrefix(err.Error(), "gs1: ")}
	}
	c := Content{Syntax: syntax}
	if err := msg.Check(); err != nil {
		c.Problems = append(c.Problems, strings.TrimPrefix(err.Error(), "gs1: "))
	}
	c.GTIN, _ = msg.Get("01")
	text := ""
	for ai := 91; ai <= 95; ai++ {
		v, ok := msg.Get(strconv.Itoa(ai))
		if !ok {
			break
		}
		text += v
	}
	lot, _ := msg.Get("10")
	rest, _ := msg.Get("21")
	maker, ours := msg.Get("90")
	maker, is := strings.CutPrefix(maker, makerPrefix)
	if frame, err := base64.RawURLEncoding.Strict().DecodeString(text); err == nil && text != "" {
		if m, _, err := marking.Read(frame); err == nil {
			c.Mark, c.Frame = m, frame
			if l, r := below(m.Item); l != lot || r != rest || ours && is && maker != m.Item.Maker() {
				return c, &Error{Reason: fmt.Sprintf("the element string says lot %q, %q below it, and the frame in it %v", lot, rest, m.Item),
					hint: "two statements on one label disagree: treat the label as suspect"}
			}
			return c, nil
		}
	}
	if lot == "" || !ours || !is {
		return Content{}, &Error{Reason: "a GS1 message without a lot (10) and a maker of ours (90): it names a product, not an identity",
			hint: "search for the lot number by itself"}
	}
	if c.Mark.Item, err = identity(maker, lot, rest); err != nil {
		return Content{}, err
	}
	if v, ok := msg.Get("11"); ok {
		yy, _ := strconv.Atoi(v[:2])
		month, _ := strconv.Atoi(v[2:4])
		year := firstYear - firstYear%100 + yy
		if year < firstYear {
			year += 100
		}
		c.Mark.Made = marking.MonthOf(year, time.Month(month))
	}
	c.Mark.NSN, _ = msg.Get("7001")
	return c, nil
}

func identity(maker, lot, rest string) (marking.ID, error) {
	s := maker + "/" + lot
	if rest != "" {
		s += "/" + rest
	}
	id, err := marking.ParseID(s)
	if err != nil {
		return marking.ID{}, &Error{Reason: strings.TrimPrefix(err.Error(), "marking: "), hint: "search for the lot number by itself"}
	}
	return id, nil
}

func parseInterchange(payload []byte) (Content, error) {
	msg, err := interchange.Parse(payload)
	if err != nil {
		return Content{}, &Error{Reason: strings.TrimPrefix(err.Error(), "interchange: ")}
	}
	problems := msg.Problems()
	if msg.Format == interchange.GS1 {
		var m gs1.Message
		for _, e := range msg.Elements {
			m = append(m, gs1.Element{AI: e.ID, Value: e.Value})
		}
		if m.Formats() == nil {
			c, err := fromGS1(m, nil, Interchange)
			c.Problems = append(problems, c.Problems...)
			return c, err
		}
		return Content{}, &Error{Reason: strings.Join(problems, "; "), hint: "the label was printed wrong: search for the lot number by itself"}
	}
	get := func(ids ...string) string {
		for _, id := range ids {
			if v, ok := msg.Get(id); ok {
				return v
			}
		}
		return ""
	}
	c := Content{Syntax: Interchange, Problems: problems}
	c.UII, _ = msg.UII()
	maker, lot := get("17V", "18V", "MFR", "CAG"), get("1T", "LOT", "LTN", "BII")
	if maker == "" || lot == "" {
		return c, &Error{Reason: "an ISO/IEC 15434 message without a maker and a lot: it names an item, not an identity",
			hint: "search for the unique identifier " + c.UII}
	}
	if c.Mark.Item, err = identity(maker, lot, get("S", "SEQ")); err != nil {
		return c, err
	}
	c.Mark.NSN = get("N")
	if n, err := strconv.ParseInt(get("Q"), 10, 64); err == nil && n > 0 {
		c.Mark.Rounds = n
	} else if get("Q") != "" {
		c.Problems = append(c.Problems, "Q: no number of rounds")
	}
	return c, nil
}
