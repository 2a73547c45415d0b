package picturetest

import (
	"fmt"
	"hash/fnv"
	"image"
	_ "image/gif" // the kinds of pictures there are
	_ "image/jpeg"
	_ "image/png"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	_ "golang.org/x/image/webp"

	"github.com/sublot/sublot/codes/internal/gray"
)

// A Reader returns for each symbol in a picture the spellings of what it says:
// its bytes, and its text where that differs.
type Reader func(img *gray.Image) [][]string

// Score reads the sets and returns how many pictures were read and misread. It logs a table
// with both halves of each set and what was not read. Without pictures the test is
// skipped. SUBLOT_PICTURES_ONLY takes a pattern of SET/NAME for work on a few.
func Score(t *testing.T, sets []string, read Reader) (good, wrong int) {
	t.Helper()
	root := os.Getenv("SUBLOT_PICTURES")
	if root == "" {
		t.Skip("SUBLOT_PICTURES names no folder of pictures")
	}
	only := regexp.MustCompile(os.Getenv("SUBLOT_PICTURES_ONLY"))
	for _, set := range sets {
		s := score{}
		for _, path := range pictures(t, filepath.Join(root, set)) {
			name := set + "/" + filepath.Base(path)
			if only.MatchString(name) {
				s.picture(t, name, path, read)
			}
		}
		t.Log(s.line(set))
		good, wrong = good+s.good, wrong+s.wrong
	}
	return good, wrong
}

type score struct {
	n, good, wrong int
	halves         [2][2]int // read of all
	ms             []float64
	missed         []string
}

func (s *score) picture(t *testing.T, name, path string, read Reader) {
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	img, _, err := image.Decode(file)
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	g := gray.From(img)
	begin := time.Now()
	got := read(g)
	s.ms = append(s.ms, float64(time.Since(begin).Microseconds())/1000)
	want := truth(path)
	right := false
	for _, symbol := range got {
		for _, spelling := range symbol {
			right = right || want == nil || slices.Contains(want, spelling) || slices.Contains(want, spelled(spelling))
		}
	}
	if strings.HasPrefix(name, "falsepositives") {
		right = false
	}
	h := fnv.New32a()
	h.Write([]byte(name))
	half := h.Sum32() >> 7 & 1 // by name: one half to tune on, one to be honest
	s.n++
	s.halves[half][1]++
	switch {
	case right:
		s.good++
		s.halves[half][0]++
	case len(got) > 0:
		s.wrong++
		s.missed = append(s.missed, fmt.Sprintf("%s (misread: %q)", filepath.Base(name), got))
	default:
		s.missed = append(s.missed, filepath.Base(name))
	}
}

func (s *score) line(set string) string {
	slices.Sort(s.ms)
	at := func(q float64) float64 {
		if len(s.ms) == 0 {
			return 0
		}
		return s.ms[min(len(s.ms)-1, int(float64(len(s.ms))*q))]
	}
	text := fmt.Sprintf("%-18s n %2d read %2d wrong %d halves %d/%d %d/%d p50 %.1f ms p95 %.1f ms", set, s.n, s.good, s.wrong,
		s.halves[0][0], s.halves[0][1], s.halves[1][0], s.halves[1][1], at(0.5), at(0.95))
	if len(s.missed) > 0 && (s.wrong > 0 || !strings.HasPrefix(set, "falsepositives")) {
		text += "\n    not read: " + strings.Join(s.missed, ", ")
	}
	return text
}

func pictures(t *testing.T, folder string) (paths []string) {
	files, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		switch strings.ToLower(filepath.Ext(f.Name())) {
		case ".png", ".jpg", ".jpeg", ".webp", ".gif":
			paths = append(paths, filepath.Join(folder, f.Name()))
		}
	}
	if len(paths) == 0 {
		t.Fatalf("no pictures in %s", folder)
	}
	return paths
}

func truth(path string) (known []string) {
	stem := strings.TrimSuffix(path, filepath.Ext(path))
	for _, ext := range []string{".bin", ".txt"} {
		if b, err := os.ReadFile(stem + ext); err == nil {
			known = append(known, string(b), spelled(string(b)))
		}
	}
	return known
}

var (
	controlNames = map[string]string{"GS": "\x1d", "RS": "\x1e", "EOT": "\x04", "FS": "\x1c", "US": "\x1f", "LF": "\n", "CR": "\r", "NUL": "\x00", "HT": "\t"}
	namedControl = regexp.MustCompile(`<([A-Z]{2,3})>`)
	codePoint    = regexp.MustCompile(`<U\+([0-9A-Fa-f]+)>`)
)

// spelled brings bytes or text to one spelling: <GS> is the control character, no
// newline or space at the end, no FNC1 in front.
func spelled(s string) string {
	if !utf8.ValidString(s) {
		var latin1 strings.Builder
		for _, b := range []byte(s) {
			latin1.WriteRune(rune(b))
		}
		s = latin1.String()
	}
	s = namedControl.ReplaceAllStringFunc(s, func(m string) string {
		if c, ok := controlNames[m[1:len(m)-1]]; ok {
			return c
		}
		return m
	})
	s = codePoint.ReplaceAllStringFunc(s, func(m string) string {
		n, err := strconv.ParseUint(m[3:len(m)-1], 16, 32)
		if err != nil {
			return m
		}
		return string(rune(n))
	})
	return strings.TrimLeft(strings.TrimRight(strings.ReplaceAll(s, "\r\n", "\n"), "\r\n "), "\x1d")
}
