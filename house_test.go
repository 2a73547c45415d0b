// Package sublot_test holds the house together: who may import whom, where
// package comments stand, and how many names each package exports.
package sublot_test

import (
	"go/ast"
	"go/build"
	"go/doc"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const module = "github.com/sublot/sublot"

// rooms says what the packages of a room may import of this module, beside what
// lies inside the room itself. The first that fits counts. Tests may import more.
var rooms = []struct {
	room string
	may  []string
}{
	{"codes/internal", nil},
	{"codes/degrade", []string{"codes/internal"}},
	{"codes", nil},
	{"marking/carrier", []string{"marking", "internal/gs1", "internal/interchange"}},
	{"marking/profile", []string{"marking"}},
	{"marking/calibre", nil},
	{"marking/lotno", nil},
	{"marking", []string{"internal/gs1"}},
	{"trace/clue", []string{"marking"}},
	{"trace/ledgertest", []string{"marking", "trace"}},
	{"trace", []string{"marking", "internal/words"}},
	{"storage", []string{"marking", "trace"}},
	{"internal/gs1", nil},
	{"internal/words", nil},
	{"internal/interchange", []string{"internal/gs1"}},
	{"internal", []string{"marking", "codes", "trace", "storage", "internal"}},
	{"cmd", []string{"marking", "codes", "trace", "storage", "internal"}},
	{"examples", []string{"marking", "codes", "trace", "storage", "internal"}},
}

// budgets is how many names a package exports at most: types, functions,
// variables and constants, an enumeration counting as one. To raise one is a
// decision that a reviewer sees here.
var budgets = map[string]int{
	"marking": 40,
	"codes":   25,
	"trace":   107, // 40 of them are the record kinds of the contract and their parts
	"storage": 25,
}

// engines are the libraries whose types must not leave the package that uses them.
var engines = map[string]string{"storage": "github.com/cockroachdb/pebble"}

// packages returns the folders of the module that hold Go files.
func packages(t *testing.T) []string {
	var dirs []string
	require.NoError(t, filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && path != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata"):
			return fs.SkipDir
		case !d.IsDir() && strings.HasSuffix(path, ".go") && filepath.Dir(path) != ".":
			dirs = append(dirs, filepath.ToSlash(filepath.Dir(path)))
		}
		return nil
	}))
	slices.Sort(dirs)
	dirs = slices.Compact(dirs)
	require.Greater(t, len(dirs), 20, "the house was not found")
	return dirs
}

func within(path, room string) bool { return path == room || strings.HasPrefix(path, room+"/") }

func TestDirectionsOfImport(t *testing.T) {
	for _, dir := range packages(t) {
		ctx := build.Default
		ctx.BuildTags = []string{"peers"}
		pkg, err := ctx.ImportDir(dir, 0)
		if _, none := err.(*build.NoGoError); none {
			continue
		}
		require.NoError(t, err, dir)
		i := slices.IndexFunc(rooms, func(r struct {
			room string
			may  []string
		}) bool {
			return within(dir, r.room)
		})
		require.GreaterOrEqual(t, i, 0, "%s is in no room of the house: give it one here and in ARCHITECTURE.md", dir)
		for _, imported := range pkg.Imports {
			inside, ours := strings.CutPrefix(imported, module+"/")
			if !ours || within(inside, rooms[i].room) {
				continue
			}
			ok := slices.ContainsFunc(rooms[i].may, func(may string) bool { return within(inside, may) })
			require.True(t, ok, "%s imports %s: %s may know only %v", dir, inside, rooms[i].room, rooms[i].may)
		}
	}
}

// parse reads the files of a package that are not tests.
func parse(t *testing.T, dir string) (*token.FileSet, []*ast.File) {
	fset := token.NewFileSet()
	var files []*ast.File
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	require.NoError(t, err)
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(fset, name, nil, parser.ParseComments)
		require.NoError(t, err)
		files = append(files, f)
	}
	return fset, files
}

func TestPackageCommentsStandInDocGo(t *testing.T) {
	for _, dir := range packages(t) {
		_, files := parse(t, dir)
		if len(files) == 0 || files[0].Name.Name == "main" && within(dir, "examples") {
			continue // an example is one file with its comment on top
		}
		comments := 0
		for _, f := range files {
			if f.Doc != nil {
				comments++
			}
		}
		_, err := os.Stat(filepath.Join(dir, "doc.go"))
		require.NoError(t, err, "%s has no doc.go", dir)
		require.Equal(t, 1, comments, "%s: the package comment stands in doc.go and nowhere else", dir)
	}
}

func TestEveryExportedNameIsDocumented(t *testing.T) {
	for _, dir := range packages(t) {
		fset, files := parse(t, dir)
		if len(files) == 0 || files[0].Name.Name == "main" {
			continue
		}
		p, err := doc.NewFromFiles(fset, files, module+"/"+dir)
		require.NoError(t, err)
		var bare []string
		for _, f := range p.Funcs {
			if f.Doc == "" {
				bare = append(bare, f.Name)
			}
		}
		values := append(slices.Clone(p.Consts), p.Vars...)
		for _, typ := range p.Types {
			values = append(append(values, typ.Consts...), typ.Vars...)
			if typ.Doc == "" {
				bare = append(bare, typ.Name)
			}
			for _, f := range append(slices.Clone(typ.Funcs), typ.Methods...) {
				if f.Doc == "" && !wellKnown[f.Name] {
					bare = append(bare, typ.Name+"."+f.Name)
				}
			}
		}
		for _, v := range values {
			if v.Doc == "" && !slices.ContainsFunc(v.Decl.Specs, func(s ast.Spec) bool { return s.(*ast.ValueSpec).Comment != nil }) {
				bare = append(bare, v.Names...)
			}
		}
		require.Empty(t, bare, "%s exports names without a comment", dir)
	}
}

// wellKnown are methods whose meaning the interface that they implement gives.
var wellKnown = map[string]bool{"Error": true, "Unwrap": true, "String": true, "Len": true, "Less": true, "Swap": true}

func TestBudgetOfExportedNames(t *testing.T) {
	for dir, most := range budgets {
		fset, files := parse(t, dir)
		p, err := doc.NewFromFiles(fset, files, module+"/"+dir)
		require.NoError(t, err)
		n := len(p.Funcs) + len(p.Consts) + len(p.Vars) // a group of constants or variables is one
		for _, typ := range p.Types {
			n += 1 + len(typ.Funcs)
		}
		t.Logf("%s exports %d names of %d", dir, n, most)
		require.LessOrEqual(t, n, most, "%s exports more names than its budget", dir)
	}
}

// TestNoEngineTypeLeaves holds that whoever uses a package need not know the
// library inside it.
func TestNoEngineTypeLeaves(t *testing.T) {
	for dir, engine := range engines {
		fset, files := parse(t, dir)
		p, err := doc.NewFromFiles(fset, files, module+"/"+dir)
		require.NoError(t, err)
		name := filepath.Base(engine)
		check := func(what string, n ast.Node) {
			ast.Inspect(n, func(n ast.Node) bool {
				if b, ok := n.(*ast.BlockStmt); ok && b != nil {
					return false // inside a function is its own affair
				}
				if s, ok := n.(*ast.SelectorExpr); ok {
					if x, ok := s.X.(*ast.Ident); ok {
						require.NotEqual(t, name, x.Name, "%s: %s shows %s.%s", dir, what, x.Name, s.Sel.Name)
					}
				}
				return true
			})
		}
		for _, f := range p.Funcs {
			check(f.Name, f.Decl.Type)
		}
		for _, typ := range p.Types {
			check(typ.Name, typ.Decl) // doc has dropped the fields that are not exported
			for _, f := range append(slices.Clone(typ.Funcs), typ.Methods...) {
				check(typ.Name+"."+f.Name, f.Decl.Type)
			}
		}
	}
}

// TestCommandsOfTheREADME holds that it gives the two commands for a fresh
// machine, and that what it shows as a Go program is the compiled example.
func TestCommandsOfTheREADME(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	text := string(readme)
	require.Contains(t, text, "\n    go run ./cmd/sublot demo\n")
	require.Contains(t, text, "\n    go test ./...\n")
	blocks := regexp.MustCompile("(?s)```go\n(.*?)```").FindAllStringSubmatch(text, -1)
	require.Len(t, blocks, 1)
	example, err := os.ReadFile("example_test.go")
	require.NoError(t, err)
	require.Equal(t, string(example), blocks[0][1], "the program in README.md is not example_test.go")
}
