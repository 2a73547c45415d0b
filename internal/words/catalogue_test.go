package words_test

import (
	"bytes"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/leonelquinteros/gotext"
	"github.com/stretchr/testify/require"

	"github.com/sublot/sublot/internal/paper"
	"github.com/sublot/sublot/internal/words"
)

var update = flag.Bool("update", false, "write catalogue.pot from the source")

// said are the functions whose first argument is a key of the catalogue, and
// the folders in which they are called.
var (
	said    = []string{"say", "line", "item", "section", "Say"}
	folders = []string{"trace", "internal/report", "internal/seizure", "internal/paper", "cmd/sublot"}
)

// codes are the words of records that texts repeat.
var codes = []string{
	"sale", "gift", "loan", "lease", "other", "issue", "return", // acts
	"receipt", "move", "expend", "found", "count", // movements
	"short", "over", "damaged", "wrong lot", // discrepancies
	"complete", "partial", "destroyed", "refused", "not searched", // coverage
	"held", "in transit", "unconfirmed", "lost", "expended", "unaccounted", // whereabouts
	"delivered", "overdue", "no delivery due", "first transfer", "with consent", "without consent", "not covered", "not bound", // transfers
	"end user", "candidate", "last holder", // seizures
	"open", "not yet valid", "expired", "revoked", "used up", // papers
	"live", "fired", "reloaded", "item", "inner", "outer", "paper", // marks
}

// keys finds every key in the source, with the places that use it.
func keys(t *testing.T) (found []string, at map[string][]string) {
	t.Helper()
	root := filepath.Join("..", "..")
	at = map[string][]string{}
	for _, folder := range folders {
		paths, err := filepath.Glob(filepath.Join(root, folder, "*.go"))
		require.NoError(t, err)
		for _, path := range paths {
			if strings.HasSuffix(path, "_test.go") {
				continue
			}
			files := token.NewFileSet()
			file, err := parser.ParseFile(files, path, nil, 0)
			require.NoError(t, err)
			ast.Inspect(file, func(n ast.Node) bool {
				call, ok := n.(*ast.CallExpr)
				if !ok || len(call.Args) == 0 || !slices.Contains(said, nameOf(call.Fun)) || folder == "cmd/sublot" && nameOf(call.Fun) != "Say" {
					return true
				}
				first := call.Args[0]
				if nameOf(call.Fun) == "section" {
					first = call.Args[len(call.Args)-1]
				}
				for _, key := range literals(first) {
					if !strings.ContainsFunc(verb.ReplaceAllString(key, ""), isLetter) {
						continue // nothing to translate
					}
					if at[key] == nil {
						found = append(found, key)
					}
					at[key] = append(at[key], folder+"/"+filepath.Base(path))
				}
				return true
			})
		}
	}
	for _, c := range codes {
		if at[c] == nil {
			found = append(found, c)
			at[c] = []string{"docs/records.md"}
		}
	}
	slices.Sort(found)
	return found, at
}

func isLetter(r rune) bool { return 'a' <= r|0x20 && r|0x20 <= 'z' }

func nameOf(fun ast.Expr) string {
	switch f := fun.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		return f.Sel.Name
	}
	return ""
}

func literals(e ast.Expr) []string {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return nil
	}
	s, err := strconv.Unquote(lit.Value)
	if err != nil {
		return nil
	}
	return []string{s}
}

// translations reads what a language says for each key: one sentence, or one for
// each of its plural forms.
func translations(t *testing.T, lang string) map[string][]string {
	t.Helper()
	b, err := os.ReadFile(lang + ".po")
	require.NoError(t, err)
	po := gotext.NewPo()
	po.Parse(b)
	out := map[string][]string{}
	for key, tr := range po.GetDomain().GetTranslations() {
		if key != "" {
			for form := range len(tr.Trs) {
				out[key] = append(out[key], tr.Trs[form])
			}
		}
	}
	return out
}

// TestTemplate holds the list that translators work from against the source.
func TestTemplate(t *testing.T) {
	found, at := keys(t)
	english := translations(t, "en")
	var b bytes.Buffer
	b.WriteString("# What sublot says to people. Copy this file to LANGUAGE.po and fill in each msgstr.\n" +
		"# Placeholders such as %s may change their order as %[2]s. Written from the source by\n" +
		"# go test ./internal/words -update\n" +
		"msgid \"\"\nmsgstr \"Content-Type: text/plain; charset=UTF-8\\n\"\n")
	for _, key := range found {
		places := slices.Compact(slices.Sorted(slices.Values(at[key])))
		fmt.Fprintf(&b, "\n#: %s\n", strings.Join(places, " "))
		if strings.Contains(key, "%") {
			b.WriteString("#, c-format\n")
		}
		if len(english[key]) > 1 { // a language has as many forms as its Plural-Forms say
			fmt.Fprintf(&b, "msgid %s\nmsgid_plural %[1]s\nmsgstr[0] \"\"\nmsgstr[1] \"\"\n", quote(key))
			continue
		}
		fmt.Fprintf(&b, "msgid %s\nmsgstr \"\"\n", quote(key))
	}
	for _, key := range paper.Texts() {
		fmt.Fprintf(&b, "\n#: docs/records.md\nmsgctxt \"form\"\nmsgid %s\nmsgstr \"\"\n", quote(key))
	}
	if *update {
		require.NoError(t, os.WriteFile("catalogue.pot", b.Bytes(), 0o644))
	}
	have, err := os.ReadFile("catalogue.pot")
	require.NoError(t, err)
	require.Equal(t, b.String(), string(have), "go test ./internal/words -update writes it")
}

func quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(s) + `"`
}

// TestEveryKeyInEveryLanguage wants each sentence in each language, with the
// same placeholders in each of its forms, and nothing that no text uses. English
// lists only what it says differently of one.
func TestEveryKeyInEveryLanguage(t *testing.T) {
	found, _ := keys(t)
	require.Greater(t, len(found), 100)
	english := translations(t, "en")
	for _, lang := range words.Languages {
		have := translations(t, lang)
		for _, key := range found {
			forms := have[key]
			if lang != "en" && len(forms) == 0 {
				t.Errorf("%s.po lacks %q", lang, key)
			}
			if len(english[key]) > 1 && len(forms) < 2 {
				t.Errorf("%s.po does not tell one from many in %q", lang, key)
			}
			for _, said := range forms {
				if said == "" || lang != "en" && said == key && strings.Contains(key, " ") {
					t.Errorf("%s.po lacks %q", lang, key)
				} else if a, b := placeholders(key), placeholders(said); !slices.Equal(a, b) {
					t.Errorf("%s.po: %q has the placeholders %v, wanted %v", lang, said, b, a)
				}
			}
		}
		for key := range have {
			if !slices.Contains(found, key) {
				t.Errorf("%s.po has %q, which no text uses", lang, key)
			}
		}
	}
}

// TestFormsInEveryLanguage wants what the paper forms say of the fields of records.
func TestFormsInEveryLanguage(t *testing.T) {
	texts := paper.Texts()
	require.Greater(t, len(texts), 100)
	for _, lang := range words.Languages[1:] {
		b, err := os.ReadFile(lang + ".po")
		require.NoError(t, err)
		po := gotext.NewPo()
		po.Parse(b)
		have := po.GetDomain().GetCtxTranslations()["form"]
		for _, key := range texts {
			if have[key] == nil || have[key].Get() == key && strings.Contains(key, " ") {
				t.Errorf("%s.po lacks %q of forms", lang, key)
			}
		}
		for key := range have {
			if key != "" && !slices.Contains(texts, key) {
				t.Errorf("%s.po has %q of forms, which no form says", lang, key)
			}
		}
	}
}

// TestRoundsAreCounted wants two ways of saying each sentence that counts rounds or days.
func TestRoundsAreCounted(t *testing.T) {
	found, _ := keys(t)
	english := translations(t, "en")
	for _, key := range found {
		if regexp.MustCompile(`^[^%]*(%[sq][^%]*)*%d (rounds|days|records)`).MatchString(key) {
			require.Len(t, english[key], 2, "en.po does not tell one from many in %q", key)
		}
	}
}

var verb = regexp.MustCompile(`%(\[(\d+)\])?[-+# 0]*\d*(\.\d+)?[a-zA-Z]`)

// placeholders lists the arguments that a format uses, each with its verb.
func placeholders(format string) []string {
	var out []string
	next := 1
	for _, m := range verb.FindAllStringSubmatch(strings.ReplaceAll(format, "%%", ""), -1) {
		if m[2] != "" {
			next, _ = strconv.Atoi(m[2])
		}
		out = append(out, fmt.Sprintf("%d%s", next, m[0][len(m[0])-1:]))
		next++
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func TestSay(t *testing.T) {
	fr, err := words.In("fr")
	require.NoError(t, err)
	require.Equal(t, "fr", fr.Lang())
	require.Equal(t, "Aucune trace de X n'existe.", fr.Say("Aucune trace de %s n'existe.", "X"), "what is not in the catalogue is said as it stands")
	require.Equal(t, "en tout", fr.Say("in all"))
	en, err := words.In("")
	require.NoError(t, err)
	require.Equal(t, "en", en.Lang())
	require.Equal(t, "12 rounds", en.Say("%d rounds", 12))
	require.Equal(t, "0 rounds", en.Say("%d rounds", int64(0)))
	require.Equal(t, "1 round", en.Say("%d rounds", int64(1)))
	require.Equal(t, "0 cartouche", fr.Say("%d rounds", int64(0)))
	_, err = words.In("xx")
	var unknown *words.UnknownLanguageError
	require.ErrorAs(t, err, &unknown)
	require.Contains(t, unknown.Hint(), "fr")
}
