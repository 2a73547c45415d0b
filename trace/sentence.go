package trace

import (
	"strings"

	"github.com/sublot/sublot/internal/words"
)

// A Sentence is something that a finding says. It is English in text and in
// JSON, and can be said in the other languages of the catalogue.
type Sentence struct {
	text string // where it is all that is known, as after JSON
	key  string // in the catalogue, else empty
	args []any
}

// say makes a sentence: format and args are those of fmt. The format is what the
// catalogue knows the sentence by, so it must be a constant.
func say(format string, args ...any) Sentence {
	return Sentence{key: format, args: args} // put into words only where somebody reads it
}

// String returns the sentence in English.
func (s Sentence) String() string {
	if s.key == "" {
		return s.text
	}
	return words.Speaker{}.Say(s.key, s.args...)
}

// IsZero reports whether nothing is said.
func (s Sentence) IsZero() bool { return s.key == "" && s.text == "" }

// In returns the sentence in a language, named by its ISO 639 code: in English
// where the catalogue does not have it in that language.
func (s Sentence) In(lang string) string {
	speaker, err := words.In(lang)
	if err != nil {
		return s.String()
	}
	return s.Say(speaker)
}

// Say returns the sentence as a speaker of this module's catalogue says it.
func (s Sentence) Say(in words.Speaker) string {
	if s.key == "" {
		return s.text
	}
	return in.Say(s.key, s.args...)
}

// MarshalText writes the sentence in English.
func (s Sentence) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads a sentence that stays as it is in every language.
func (s *Sentence) UnmarshalText(b []byte) error {
	*s = Sentence{text: string(b)}
	return nil
}

// code is a sentence of one word that records use: an act, a movement, a state.
func code(word string) Sentence {
	word = strings.ReplaceAll(word, "_", " ")
	return Sentence{key: word}
}

// A list is names one after the other, which the catalogue joins.
type list struct {
	names []any
	more  int // how many are left out at the end
}

func (l list) String() string { return l.Say(words.Speaker{}) }

func (l list) Say(in words.Speaker) string {
	names := make([]string, len(l.names))
	for i, n := range l.names {
		names[i] = in.Say("%v", n)
	}
	s := strings.Join(names, ", ")
	if l.more > 0 {
		s = in.Say("%s and %d more", s, l.more)
	}
	return s
}

// some lists the first few names.
func some[T any](all []T, name func(T) string) list {
	const most = 4
	l := list{more: max(len(all)-most, 0)}
	for _, x := range all[:min(most, len(all))] {
		l.names = append(l.names, name(x))
	}
	return l
}
