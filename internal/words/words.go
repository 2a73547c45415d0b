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
}

// A catalogue is what one language says.
type catalogue struct {
	said    map[string]string // by key, see inContext
	counted map[string]bool   // the keys that are said in one way or another by how many they count
	plural  *gotext.Domain    // says those
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
	return Speaker{lang: lang}, nil
}

// catalogues are read when somebody first speaks their language.
var catalogues = func() map[string]func() catalogue {
	all := map[string]func() catalogue{}
	for _, lang := range Languages {
		all[lang] = sync.OnceValue(func() catalogue { return load(lang) })
	}
	return all
}()

func load(lang string) catalogue {
	b, err := files.ReadFile(lang + ".po")
	if err != nil {
		panic(err) // a language of the list without its file, which any test shows
	}
	po := gotext.NewPo()
	po.Parse(b)
	c := catalogue{said: map[string]string{}, counted: map[string]bool{}, plural: po.GetDomain()}
	for key, t := range c.plural.GetTranslations() {
		if t.PluralID != "" {
			c.counted[key] = true
		} else {
			c.said[key] = t.Get()
		}
	}
	for context, all := range c.plural.GetCtxTranslations() {
		for key, t := range all {
			c.said[inContext(context, key)] = t.Get()
		}
	}
	return c
}

// inContext is the key of a word that means something of its own in a context,
// as gettext joins the two.
func inContext(context, key string) string { return context + "\x04" + key }

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
// said in the same language; a sentence that is not translated is said as the key
// stands. A sentence that counts ("1 round", "2 rounds") agrees with its first number.
func (s Speaker) Say(key string, args ...any) string {
	key = s.sentence(key, args)
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

// Word says a word or a text that means something of its own in a context, such as
// the names of fields on a form: the msgctxt of gettext.
func (s Speaker) Word(context, key string) string {
	if said := catalogues[s.Lang()]().said[inContext(context, key)]; said != "" {
		return said
	}
	return key
}

// sentence returns how the language says a key, still to be filled in.
func (s Speaker) sentence(key string, args []any) string {
	c := catalogues[s.Lang()]()
	if c.counted[key] {
		for _, a := range args {
			switch n := a.(type) {
			case int:
				return c.plural.GetN(key, key, n)
			case int64:
				return c.plural.GetN(key, key, int(n))
			}
		}
	}
	if said := c.said[key]; said != "" {
		return said
	}
	return key
}
