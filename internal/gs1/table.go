package gs1

import (
	_ "embed"
	"fmt"
	"strconv"
	"strings"
	"sync"
)

//go:embed ais.txt
var file string

// rule is what the table says of one application identifier.
type rule struct {
	ai         string
	predefined bool // fixed length that every scanner knows: no separator follows
	attribute  bool // may stand in the query of a Digital Link
	parts      []part
	needs      [][][]string // every group: one of the alternatives: all of it
	excludes   []string
	isKey      bool
	qualifiers [][]string // of a Digital Link, in order; alternatives
}

// part is a component of a value.
type part struct {
	class    byte // N, X, Y, Z
	min, max int
	optional bool
	checks   []string
}

var table = sync.OnceValue(func() map[string]*rule {
	t, err := parseTable(file)
	if err != nil {
		panic(err) // the tests hold that the embedded table is without fault
	}
	return t
})

func parseTable(text string) (map[string]*rule, error) {
	t := map[string]*rule{}
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		f := strings.Split(line, "|")
		if len(f) != 5 {
			return nil, fmt.Errorf("gs1: table line %q has %d fields", line, len(f))
		}
		from, to, ranged := strings.Cut(f[0], "-")
		if !ranged {
			to = from
		}
		lo, err1 := strconv.Atoi(from)
		hi, err2 := strconv.Atoi(to)
		if err1 != nil || err2 != nil {
			return nil, fmt.Errorf("gs1: table line %q", line)
		}
		for n := lo; n <= hi; n++ {
			ai := fmt.Sprintf("%0*d", len(from), n)
			ais, excludes := []string{ai}, f[3]
			if f[3] == "@" { // measures: the fourth digit places the decimal point
				ais, excludes = nil, ai+"n"
				for d := range 6 {
					ais = append(ais, ai+strconv.Itoa(d))
				}
			}
			for _, a := range ais {
				r := &rule{ai: a}
				if err := r.format(f[1]); err != nil {
					return nil, fmt.Errorf("gs1: table line %q: %w", line, err)
				}
				for group := range strings.FieldsSeq(f[2]) {
					var alternatives [][]string
					for alt := range strings.SplitSeq(group, ",") {
						alternatives = append(alternatives, strings.Split(alt, "+"))
					}
					r.needs = append(r.needs, alternatives)
				}
				if excludes != "" {
					r.excludes = strings.Split(excludes, ",")
				}
				if f[4] != "" {
					r.isKey = true
					if f[4] != "key" {
						for alt := range strings.SplitSeq(f[4], ";") {
							r.qualifiers = append(r.qualifiers, strings.Split(alt, ","))
						}
					}
				}
				t[a] = r
			}
		}
	}
	return t, nil
}

func (r *rule) format(s string) error {
	for f := range strings.FieldsSeq(s) {
		switch f {
		case "*?":
			r.predefined, r.attribute = true, true
			continue
		case "*":
			r.predefined = true
			continue
		case "?":
			r.attribute = true
			continue
		}
		checks := strings.Split(f, ",")
		spec := checks[0]
		p := part{checks: checks[1:], optional: strings.HasPrefix(spec, "[")}
		spec = strings.Trim(spec, "[]")
		if spec == "" || !strings.Contains("NXYZ", spec[:1]) {
			return fmt.Errorf("format %q", f)
		}
		p.class = spec[0]
		n, err := strconv.Atoi(strings.TrimPrefix(spec[1:], ".."))
		if err != nil {
			return err
		}
		p.min, p.max = n, n
		if strings.Contains(spec, "..") {
			p.min = 1
		}
		r.parts = append(r.parts, p)
	}
	return nil
}

// lookup finds the rule of the identifier that s begins with. Identifiers are
// of two to four digits, and none begins with another.
func lookup(s string) *rule {
	for n := 2; n <= 4 && n <= len(s); n++ {
		if r := table()[s[:n]]; r != nil {
			return r
		}
	}
	return nil
}

// matches reports whether ai is of a pattern such as 31nn.
func matches(pattern, ai string) bool {
	if len(pattern) != len(ai) {
		return false
	}
	for i := range pattern {
		if pattern[i] != 'n' && pattern[i] != ai[i] {
			return false
		}
	}
	return true
}
