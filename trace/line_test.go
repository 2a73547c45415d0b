package trace

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sublot/sublot/internal/oracle"
)

// readsBothWays holds that a line that is read straight into a record is read
// through a tree as well, into the same record, and that just those lines are read
// straight that MarshalJSON writes, if no text in them has an escape.
func readsBothWays(t testing.TB, line string) (straight bool) {
	t.Helper()
	r := new(jsonParser).canonical(line)
	tree, err := new(jsonParser).tree(line)
	if r == nil {
		if err == nil {
			written, err := tree.MarshalJSON()
			require.NoError(t, err)
			deep := strings.Count(line, "{")+strings.Count(line, "[") >= maxNesting
			require.True(t, string(written) != line || deep || strings.Contains(line, `\`), "not read straight: %s", line)
		}
		return false
	}
	require.Nil(t, err, line)
	require.Equal(t, tree, r, line)
	written, _ := r.MarshalJSON()
	require.Equal(t, line, string(written))
	return true
}

// wholeSamples are records of every kind with every field, as they are written
// once they were read, signed and not.
func wholeSamples(t testing.TB) (lines []string) {
	for _, table := range schema {
		r, err := ParseRecord([]byte(strings.Replace(samples[table.kind], `two\nlines`, `é, 2 lines`, 1)))
		require.NoError(t, err)
		signed := *r
		signed.KeyHint, signed.Signature = "0a1b2c3d", bytes.Repeat([]byte{7}, 64)
		line, err := signed.MarshalJSON()
		require.NoError(t, err)
		lines = append(lines, string(r.Canonical), string(line))
	}
	return lines
}

// What is canonical is read straight: every field of every kind.
func TestCanonicalLinesAreReadStraight(t *testing.T) {
	for _, line := range wholeSamples(t) {
		require.True(t, readsBothWays(t, line), line)
	}
	for _, c := range benchLines {
		require.Equal(t, c.name != "spaced" && c.name != "unordered", readsBothWays(t, c.line), c.name)
	}
	for _, line := range []string{
		`{"country":"XA","ext":{},"id":"1","kind":"party","name":"n","note":"a\nb","roles":["maker"],"source":"XA"}`,
		`{"aliases":[],"country":"XA","id":"1","kind":"party","name":"n","roles":["maker"],"source":"XA"}`,
		`{"at":"2024-01-01","ext":{"a":[1,{"kind":"lot"}],"kind":"lot"},"id":",","kind":"correction","reason":"r","source":"XA","voids":"XA:2"}`,
		`{"agency":"XA","at":"2024-01-01","country":"XA","id":"1","items":[{},{"read":{"a":"clear","kind":"absent"}}],"kind":"recovery","source":"XA"}`,
	} {
		require.Equal(t, !strings.Contains(line, `\`), readsBothWays(t, line), line)
	}
}

// Records of random worlds and of the worked cases are read alike both ways.
func TestLinesOfWorlds(t *testing.T) {
	straight := 0
	read := func(line string) {
		r, err := ParseRecord([]byte(line))
		if err != nil {
			return // a question
		}
		readsBothWays(t, line)
		written, _ := r.MarshalJSON()
		if readsBothWays(t, string(written)) {
			straight++
		}
	}
	for seed := range uint64(200) {
		for _, line := range slices.Concat(oracle.NewWorld(seed).Records, oracle.NewBusyWorld(seed).Records) {
			read(line)
		}
	}
	require.Greater(t, straight, 1000)
	dir := os.Getenv("SUBLOT_FIXTURES")
	if dir == "" {
		dir = filepath.Join("..", "..", "shared", "fixtures")
	}
	files, err := filepath.Glob(filepath.Join(dir, "*", "*.jsonl"))
	require.NoError(t, err)
	more, err := filepath.Glob(filepath.Join(dir, "worlds", "*", "*.jsonl"))
	require.NoError(t, err)
	for _, file := range append(files, more...) {
		b, err := os.ReadFile(file)
		require.NoError(t, err)
		for line := range strings.Lines(string(b)) {
			read(strings.TrimSpace(line))
		}
	}
	t.Logf("%d lines", straight)
}

// A line with a byte more, less or another is read straight only where the tree
// says that it is a record and canonical.
func TestChangedBytes(t *testing.T) {
	odd := []string{`"`, `\`, `,`, `:`, `{`, `}`, `[`, `]`, ` `, "\n", "\x00", "\x7f", "\xff", "é", "\u0301", `0`, `9`, `-`, `.`, `e`, `A`, `a`, `/`}
	step := 1
	if testing.Short() {
		step = 10
	}
	straight, not := 0, 0
	try := func(line string) {
		if readsBothWays(t, line) {
			straight++
		} else {
			not++
		}
	}
	for _, line := range wholeSamples(t) {
		for i := 0; i < len(line); i += step {
			try(line[:i])
			try(line[:i] + line[i+1:])
			try(line[:i] + line[i:i+1] + line[i:])
			for k := i % 3; k < len(odd); k += 3 {
				try(line[:i] + odd[k] + line[i:])
				try(line[:i] + odd[k] + line[i+1:])
			}
		}
		try(line + line)
	}
	t.Logf("%d read straight, %d not", straight, not)
	require.Greater(t, straight, 1000)
	require.Greater(t, not, 1000)
}

// A line with other values and members is read straight only where the tree says
// that it is a record and canonical.
func TestChangedValues(t *testing.T) {
	other := []string{`null`, `true`, `""`, `"x"`, `" x"`, `"x  y"`, `"é"`, `"e` + "\u0301" + `"`, `"\u00e9"`, `"a\nb"`, `"` + strings.Repeat("x", maxID+1) + `"`, `"` + strings.Repeat("é", maxName+1) + `"`,
		`"2024-02-30"`, `"2024-02-29"`, `"2024-02-29T00:00:00Z"`, `"XA:1"`, `":1"`, `"XA"`, `"xa"`, `"XCW/1"`, `"XCW/1/2"`, `"XCW/1/1..3"`, `"XCW/1/3..1"`, `"AA=="`, `"AB=="`, `"1.4S"`,
		`0`, `-0`, `-1`, `1`, `01`, `1.0`, `1.5`, `1e3`, `1E3`, `1e+21`, `1e21`, `0.0000001`, `1e-7`, `NaN`, `+Inf`, `+1`, `0x1p4`, `1_000`, `1.`, `.5`,
		`1000000000000000`, `1000000000000001`, `9007199254740991`, `9007199254740992`, `9007199254740993`, `10000000000000000`, `99999999999999999999`,
		`[]`, `[null]`, `[[]]`, `["XA"]`, `["XA","XA"]`, `[1]`, `[{}]`, `{}`, `{"zz":1}`, `{"b":1,"a":2}`, `{"a":1,"a":1}`, `{"a":1.0}`, `{"a": 1}`, `{"a":"clear"}`, `{"":"clear"}`,
		strings.Repeat(`{"a":`, 28) + "1" + strings.Repeat("}", 28), strings.Repeat(`{"a":`, 40) + "1" + strings.Repeat("}", 40)}
	straight, not := 0, 0
	for _, line := range wholeSamples(t) {
		if strings.HasPrefix(line, signedRecord) {
			continue // its members come in another order than those of a tree
		}
		whole, fault := parseJSON([]byte(line))
		require.Nil(t, fault)
		try := func() {
			if readsBothWays(t, string(whole.appendCanonical(nil))) {
				straight++
			} else {
				not++
			}
		}
		var change func(v *jsonValue)
		change = func(v *jsonValue) {
			kept := *v
			for _, s := range other {
				*v = jsonValue{text: s}
				try()
			}
			*v = kept
			for i := range v.members {
				change(&v.members[i].value)
				v.members = slices.Delete(slices.Clone(kept.members), i, i+1)
				try()
				v.members = slices.Insert(slices.Clone(kept.members), i, kept.members[i])
				try()
				for _, name := range []string{"", "aa", "kind", "zz", kept.members[i].name + "s"} {
					v.members = slices.Insert(slices.Clone(kept.members), i, jsonMember{name, kept.members[i].value})
					try()
				}
				if i > 0 {
					v.members = slices.Clone(kept.members)
					v.members[i-1], v.members[i] = v.members[i], v.members[i-1]
					try()
				}
				v.members = kept.members
			}
		}
		change(&whole)
		require.Equal(t, line, string(whole.appendCanonical(nil)))
	}
	t.Logf("%d read straight, %d not", straight, not)
	require.Greater(t, straight, 1000)
	require.Greater(t, not, 1000)
}

// The law of FuzzLine is that of readsBothWays.
func FuzzLine(f *testing.F) {
	lines := wholeSamples(f)
	if len(lines) < 2*len(schema) {
		f.Fatalf("%d seeds for %d kinds", len(lines), len(schema))
	}
	for _, line := range lines {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		readsBothWays(t, line)
		if r, err := ParseRecord([]byte(line)); err == nil {
			written, _ := r.MarshalJSON()
			readsBothWays(t, string(written))
		}
	})
}
