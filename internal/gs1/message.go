package gs1

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Separator stands for FNC1 between element strings.
const Separator = '\x1d'

const maxMessage = 8192 // bytes

// An Element is an application identifier and its value.
type Element struct {
	AI    string // two to four digits
	Value string
}

// A Message is what one symbol says: elements in their order.
type Message []Element

// Get returns the value of an identifier.
func (m Message) Get(ai string) (string, bool) {
	for _, e := range m {
		if e.AI == ai {
			return e.Value, true
		}
	}
	return "", false
}

// add appends an element after checking its format.
func (m Message) add(r *rule, value string) (Message, error) {
	if err := r.check(value); err != nil {
		return nil, fmt.Errorf("gs1: (%s): %w", r.ai, err)
	}
	return append(m, Element{r.ai, value}), nil
}

// ParseBracketed reads the form (01)09520123456788(10)ABC. A bracket in a value
// is written \( .
func ParseBracketed(s string) (Message, error) {
	if len(s) > maxMessage {
		return nil, fmt.Errorf("gs1: message of %d bytes, wanted %d at most", len(s), maxMessage)
	}
	var m Message
	for rest := s; rest != ""; {
		if rest[0] != '(' {
			return nil, fmt.Errorf("gs1: %q: an element begins with (, then its identifier", short(rest))
		}
		ai, after, ok := strings.Cut(rest[1:], ")")
		r := table()[ai]
		if !ok || r == nil {
			return nil, fmt.Errorf("gs1: %q is no application identifier", short(ai))
		}
		var value strings.Builder
		for after != "" && after[0] != '(' {
			if strings.HasPrefix(after, `\(`) {
				after = after[1:]
			}
			value.WriteByte(after[0])
			after = after[1:]
		}
		var err error
		if m, err = m.add(r, value.String()); err != nil {
			return nil, err
		}
		rest = after
	}
	if m == nil {
		return nil, errors.New("gs1: empty message")
	}
	return m, nil
}

// ParsePlain reads an element string as a scanner gives it: with [Separator]
// for FNC1, and with or without one in front.
func ParsePlain(s string) (Message, error) {
	if len(s) > maxMessage {
		return nil, fmt.Errorf("gs1: message of %d bytes, wanted %d at most", len(s), maxMessage)
	}
	s = strings.TrimPrefix(s, string(Separator))
	var m Message
	for rest := s; rest != ""; {
		r := lookup(rest)
		if r == nil {
			return nil, fmt.Errorf("gs1: %q begins with no application identifier", short(rest))
		}
		rest = rest[len(r.ai):]
		end := strings.IndexByte(rest, Separator)
		if r.predefined {
			n := 0
			for _, p := range r.parts {
				n += p.max
			}
			if end < 0 || end > n {
				end = min(n, len(rest))
			}
		} else if end < 0 {
			end = len(rest)
		}
		var err error
		if m, err = m.add(r, rest[:end]); err != nil {
			return nil, err
		}
		rest = rest[end:]
		if rest != "" && rest[0] == Separator {
			if rest = rest[1:]; rest == "" {
				return nil, errors.New("gs1: a separator with nothing behind it")
			}
		}
	}
	if m == nil {
		return nil, errors.New("gs1: empty message")
	}
	return m, nil
}

// Bracketed writes the form that [ParseBracketed] reads.
func (m Message) Bracketed() string {
	var b strings.Builder
	for _, e := range m {
		b.WriteString("(" + e.AI + ")" + strings.ReplaceAll(e.Value, "(", `\(`))
	}
	return b.String()
}

// Plain writes the element string that [ParsePlain] reads, without FNC1 in
// front: the symbol has it as a field of its own. A separator stands only where
// it must.
func (m Message) Plain() string {
	var b strings.Builder
	for i, e := range m {
		b.WriteString(e.AI + e.Value)
		if r := table()[e.AI]; i < len(m)-1 && (r == nil || !r.predefined) {
			b.WriteByte(Separator)
		}
	}
	return b.String()
}

// Check holds a message as a whole to the rules: which identifier needs which
// other, which exclude each other, and none twice with two values.
func (m Message) Check() error {
	if len(m) == 0 {
		return errors.New("gs1: empty message")
	}
	if err := m.Formats(); err != nil {
		return err
	}
	has := func(pattern string) bool {
		return slices.ContainsFunc(m, func(e Element) bool { return matches(pattern, e.AI) })
	}
	for _, e := range m {
		r := table()[e.AI]
		for _, other := range m {
			if other.AI == e.AI && other.Value != e.Value {
				return fmt.Errorf("gs1: (%s) stands twice with two values", e.AI)
			}
			for _, x := range r.excludes {
				if other.AI != e.AI && matches(x, other.AI) {
					return fmt.Errorf("gs1: (%s) must not stand with (%s)", e.AI, other.AI)
				}
			}
		}
		for _, group := range r.needs {
			if !slices.ContainsFunc(group, func(all []string) bool {
				return !slices.ContainsFunc(all, func(p string) bool { return !has(p) })
			}) {
				return fmt.Errorf("gs1: (%s) must stand with one of %s", e.AI, alternatives(group))
			}
		}
	}
	return nil
}

func alternatives(group [][]string) string {
	var s []string
	for _, all := range group {
		s = append(s, "("+strings.Join(all, ")+(")+")")
	}
	return strings.Join(s, ", ")
}

// Split cuts one element string into its application identifier and its value,
// which is not checked. It reports false where no identifier is known.
func Split(s string) (ai, value string, ok bool) {
	r := lookup(s)
	if r == nil {
		return "", "", false
	}
	return r.ai, s[len(r.ai):], true
}

// Formats holds each element to its own format, without regard to the others.
func (m Message) Formats() error {
	for _, e := range m {
		r := table()[e.AI]
		if r == nil {
			return fmt.Errorf("gs1: %q is no application identifier", short(e.AI))
		}
		if err := r.check(e.Value); err != nil {
			return fmt.Errorf("gs1: (%s): %w", e.AI, err)
		}
	}
	return nil
}
