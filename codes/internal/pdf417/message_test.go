package pdf417

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// messages are data codewords behind the length descriptor, and what they say.
var messages = []struct {
	name  string
	words []int
	want  Message
}{
	{"example of the standard", []int{453, 178, 121, 239}, Message{Data: []byte("PDF417")}},
	{"two bytes behind a latch", []int{901, 65, 255}, Message{Data: []byte("A\xff")}},
	{"six bytes", []int{924, 387, 700, 208, 213, 302}, Message{Data: []byte{231, 101, 11, 97, 205, 2}}},
	{"five words behind 901 are single", []int{901, 1, 2, 3, 4, 5}, Message{Data: []byte{1, 2, 3, 4, 5}}},
	{"digits", []int{902, 1, 624, 434, 632, 282, 200}, Message{Data: []byte("000213298174000")}},
	{"shift to a byte keeps the submode", []int{27*30 + 0, 913, 200, 1*30 + 2}, Message{Data: []byte("a\xc8bc")}},
	{"shifts", []int{0*30 + 29, 10*30 + 27, 0*30 + 27, 0*30 + 29, 20*30 + 1}, Message{Data: []byte("A!aA\"b")}},
	{"mixed and punctuation latches", []int{28*30 + 1, 25*30 + 22, 29*30 + 1}, Message{Data: []byte("1*B")}},
	{"ECI in text", []int{0*30 + 1, 927, 26, 2*30 + 3}, Message{Data: []byte("ABCD"), Sets: []Set{{2, 26}}}},
	{"general and user ECI", []int{926, 1, 5, 925, 7, 901, 9}, Message{Data: []byte{9}, Sets: []Set{{0, 1805}, {0, 810907}}}},
	{"ECI between groups of bytes", []int{901, 0, 0, 0, 0, 1, 927, 4, 0, 0, 0, 0, 2, 7}, Message{
		Data: []byte{0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 2, 7}, Sets: []Set{{6, 4}}}},
	{"reader initialisation", []int{921, 0*30 + 1}, Message{Data: []byte("AB"), Init: true}},
	{"macro", []int{0*30 + 1, 928, 111, 100, 17, 53, 923, 1, 111, 104, 922}, Message{
		Data: []byte("AB"), Macro: &Macro{Index: 0, Total: 4, File: []int{17, 53}, Last: true}}},
	{"macro in the middle of a set", []int{0*30 + 1, 928, 111, 102, 17}, Message{
		Data: []byte("AB"), Macro: &Macro{Index: 2, File: []int{17}}}},
}

func TestParseReadsEveryMode(t *testing.T) {
	for _, c := range messages {
		m, err := parse(c.words)
		require.NoError(t, err, c.name)
		require.Equal(t, c.want, *m, c.name)
	}
}

func TestParseRefusesWhatTheStandardDoesNotAllow(t *testing.T) {
	for name, words := range map[string][]int{
		"nothing":              {},
		"padding only":         {900, 900},
		"reserved codeword":    {0, 903},
		"no byte":              {901, 256},
		"no six bytes":         {924, 899, 899, 899, 899, 899},
		"no number":            {902, 2},
		"cut ECI":              {0, 927},
		"cut shift":            {0, 913},
		"late initialisation":  {0, 921},
		"macro cut":            {0, 928, 1},
		"macro beyond its set": {0, 928, 111, 105, 17, 923, 1, 111, 104},
		"group interrupted":    {924, 1, 2, 927, 4, 3, 4, 5},
	} {
		m, err := parse(words)
		require.Error(t, err, "%s: %+v", name, m)
	}
}

// Whatever the words, parse gives a message or an error, and no message is longer
// than its words can say.
func FuzzParse(f *testing.F) {
	seeds := 0
	for _, c := range messages {
		var b []byte
		for _, w := range c.words {
			b = append(b, byte(w>>8), byte(w))
		}
		f.Add(b)
		seeds++
	}
	if seeds < 10 {
		f.Fatalf("%d seeds, want at least 10", seeds)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var words []int
		for i := 0; i+1 < len(b) && len(words) < maxWords; i += 2 {
			words = append(words, (int(b[i])<<8|int(b[i+1]))%values)
		}
		m, err := parse(words)
		if err != nil {
			return
		}
		require.LessOrEqual(t, len(m.Data), 3*len(words))
		for i, s := range m.Sets {
			require.LessOrEqual(t, s.Start, len(m.Data))
			if i > 0 {
				require.LessOrEqual(t, m.Sets[i-1].Start, s.Start)
			}
		}
	})
}
