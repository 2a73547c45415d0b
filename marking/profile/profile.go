package profile

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/sublot/sublot/marking"
)

//go:embed profiles.json
var file []byte

// A Profile is what somebody asks of a mark.
type Profile struct {
	Name     string   `json:"name"`  // as in sublot check mark --profile
	Title    string   `json:"title"` // who asks for what
	Elements []string `json:"elements"`
	Source   string   `json:"source,omitempty"`
	Verified bool     `json:"verified,omitempty"` // compared with its source
}

// elements by their names; whether a mark states each.
var elements = map[string]func(m marking.Mark) bool{
	"maker":           func(m marking.Mark) bool { return m.Item.Maker() != "" },
	"lot":             func(m marking.Mark) bool { return !m.Item.Lot().IsZero() },
	"sublot":          func(m marking.Mark) bool { return m.Item.Depth() >= 1 },
	"unit":            func(m marking.Mark) bool { return m.Item.Depth() >= 2 },
	"year":            func(m marking.Mark) bool { return m.Made != 0 },
	"month":           func(m marking.Mark) bool { return m.Made != 0 },
	"calibre":         func(m marking.Mark) bool { return m.Calibre != "" },
	"type":            func(m marking.Mark) bool { return m.Type != "" },
	"calibre-or-type": func(m marking.Mark) bool { return m.Calibre != "" || m.Type != "" },
	"rounds":          func(m marking.Mark) bool { return m.Rounds > 0 },
	"nsn":             func(m marking.Mark) bool { return m.NSN != "" },
	"national":        func(m marking.Mark) bool { return len(m.National) > 0 },
}

var nationalElement = regexp.MustCompile(`^national:([A-Z]{2}):([a-z0-9_-]{1,16})$`)

// states reports whether m states an element, which check has found known.
func states(m marking.Mark, element string) bool {
	if f := elements[element]; f != nil {
		return f(m)
	}
	name := nationalElement.FindStringSubmatch(element)
	return slices.ContainsFunc(m.National, func(n marking.National) bool { return n.State == name[1] && n.Name == name[2] })
}

// Missing returns the elements that m does not state, in the order of the
// profile; none where the mark passes.
func (p Profile) Missing(m marking.Mark) []string {
	var missing []string
	for _, e := range p.Elements {
		if !states(m, e) {
			missing = append(missing, e)
		}
	}
	return missing
}

func (p Profile) check() error {
	if p.Name == "" || p.Title == "" || len(p.Elements) == 0 {
		return errors.New("profile: wanted name, title and elements")
	}
	for _, e := range p.Elements {
		if elements[e] == nil && !nationalElement.MatchString(e) {
			return fmt.Errorf("profile: %.20q: element %.60q, wanted one of maker, lot, sublot, unit, year, month, calibre, type, calibre-or-type, rounds, nsn, national, national:STATE:NAME", p.Name, e)
		}
	}
	return nil
}

var builtIn = sync.OnceValue(func() []Profile {
	var all []Profile
	if err := json.Unmarshal(file, &all); err != nil {
		panic(err) // the tests hold that the embedded file is without fault
	}
	return all
})

// All returns the profiles that are built in.
func All() []Profile { return slices.Clone(builtIn()) }

// ByName returns a profile that is built in. Its error names those there are.
func ByName(name string) (Profile, error) {
	var names []string
	for _, p := range builtIn() {
		if p.Name == name {
			return p, nil
		}
		names = append(names, p.Name)
	}
	return Profile{}, fmt.Errorf("profile: no profile %.60q, wanted one of %s, or a file", name, strings.Join(names, ", "))
}

const maxFile = 64 << 10 // bytes

// Parse reads a profile from JSON, strictly: an unknown field or element is an
// error.
func Parse(r io.Reader) (Profile, error) {
	b, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	if err != nil {
		return Profile{}, fmt.Errorf("profile: %w", err)
	}
	if len(b) > maxFile {
		return Profile{}, fmt.Errorf("profile: longer than %d bytes", maxFile)
	}
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	var p Profile
	if err := dec.Decode(&p); err != nil {
		return Profile{}, fmt.Errorf("profile: %w", err)
	}
	if _, err := dec.Token(); err != io.EOF {
		return Profile{}, errors.New("profile: more than one JSON value")
	}
	return p, p.check()
}
