package words

import (
	"embed"
	"fmt"
	"slices"
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
	lang string
	said map[string]string // by key; nil: English, the keys themselves
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
	return Speaker{lang, load(lang)}, nil
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

// Phrase is something that says itself in several languages.
type Phrase interface{ In(lang string) string }

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
		if p, ok := a.(Phrase); ok {
			said[i] = p.In(s.Lang())
		}
	}
	return fmt.Sprintf(key, said...)
}
