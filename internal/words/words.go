package words

import (
	"embed"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/leonelquinteros/gotext"
)

//go:embed *.po
var files embed.FS

// Languages lists the languages there are, English first.
var Languages = []string{"en", "fr"}

// A Speaker says things in a language. The zero Speaker speaks English.
type Speaker struct {
	lang    string
	grouped bool
	said    map[string]string // by key; nil: English, the keys themselves
}

// An UnknownLanguageError says that there is no catalogue of a language.
type UnknownLanguageError struct{ Lang string }

func (e *UnknownLanguageError) Error() string {
	return fmt.Sprintf("there is no catalogue of the language %q", e.Lang)
}

// Hint lists the languages there are.
func (e *UnknownLanguageError) Hint() string {
	return "the languages are " + strings.Join(Languages, " and ")
}

// In returns who speaks a language, named by its ISO 639 code; empty means English.
func In(lang string) (Speaker, error) {
	switch {
	case lang == "" || lang == "en":
		return Speaker{}, nil
	case !slices.Contains(Languages, lang):
		return Speaker{}, &UnknownLanguageError{lang}
	}
	return Speaker{lang: lang, said: load(lang)}, nil
}

var (
	mu     sync.Mutex
	loaded = map[string]map[string]string{}
)

func load(lang string) map[string]string {
	mu.Lock()
	defer mu.Unlock()
	if loaded[lang] == nil {
		b, err := files.ReadFile(lang + ".po")
		if err != nil {
			panic(err) // a language of the list without its file, which any test shows
		}
		po := gotext.NewPo()
		po.Parse(b)
		said := map[string]string{}
		for key, t := range po.GetDomain().GetTranslations() {
			said[key] = t.Get()
		}
		loaded[lang] = said
	}
	return loaded[lang]
}

// Lang returns the ISO 639 code of the language.
func (s Speaker) Lang() string {
	if s.lang == "" {
		return "en"
	}
	return s.lang
}

// Grouped returns the same speaker, who writes the thousands of quantities apart:
// of arguments that are an int64, as years and counts of other things are not.
func (s Speaker) Grouped() Speaker {
	s.grouped = true
	return s
}

// A quantity is a number that is written with its thousands apart, whatever its verb.
type quantity int64

func (q quantity) Format(f fmt.State, _ rune) { fmt.Fprint(f, Group(int64(q))) }

// Group writes a number with its thousands apart, as every language reads them
// (ISO 80000-1): by a space that does not break.
func Group(n int64) string {
	s := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, s = "-", s[1:]
	}
	if len(s) <= 4 {
		return sign + s
	}
	out := ""
	for len(s) > 3 {
		out = "\u00a0" + s[len(s)-3:] + out
		s = s[:len(s)-3]
	}
	return sign + s + out
}

// Phrase is something that says itself in several languages.
type Phrase interface{ Say(Speaker) string }

// Say formats the sentence of a key as fmt does. Arguments that are phrases are
// said in the same language; a sentence that is not translated is said in English.
func (s Speaker) Say(key string, args ...any) string {
	if said := s.said[key]; said != "" {
		key = said
	}
	if len(args) == 0 {
		return strings.ReplaceAll(key, "%%", "%")
	}
	said := slices.Clone(args)
	for i, a := range said {
		switch a := a.(type) {
		case Phrase:
			said[i] = a.Say(s)
		case int64:
			if s.grouped {
				said[i] = quantity(a)
			}
		}
	}
	return fmt.Sprintf(key, said...)
}
