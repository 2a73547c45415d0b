package codes_test

import (
	"fmt"
	"hash/fnv"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"golang.org/x/text/encoding/charmap"

	"github.com/sublot/sublot/codes"
	"github.com/sublot/sublot/codes/internal/picturetest"
)

// Photographs that others took stay out of the project. The environment variable
// SUBLOT_PICTURES names a folder of them: a folder a set, NAME.txt or NAME.bin
// beside a picture with what is in it, neither where nothing is known but that a
// symbol is there, and no symbol at all in sets called falsepositives.

// recorded is how many pictures of each set must be read. It only grows.
var recorded = map[string]int{
	"aztec-1": 32, "code128-1": 6, "code128-2": 14, "datamatrix-1": 30, "datamatrix-2": 13, "datamatrix-4": 21,
	"dot-peen-1": 5, "pdf417-1": 17, "pdf417-2": 25, "qrcode-1": 8, "qrcode-2": 55, "qrcode-3": 18, "qrcode-5": 16, "siemens": 70,
}

// A score is the outcome of one set or one half of it.
type score struct {
	n, read, wrong int
	ms, cpu        []float64 // by the clock, and of the processor
	misses         []string
}

func (s *score) add(name string, read, wrong bool, ms, cpu float64) {
	s.n++
	s.ms, s.cpu = append(s.ms, ms), append(s.cpu, cpu)
	switch {
	case wrong:
		s.wrong++
		s.misses = append(s.misses, name+" (wrong)")
	case read:
		s.read++
	default:
		s.misses = append(s.misses, name)
	}
}

func quantile(ms []float64, q float64) float64 {
	if len(ms) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(ms))
	return sorted[min(len(sorted)-1, int(float64(len(sorted))*q))]
}

var pictureKinds = []string{".png", ".jpg", ".jpeg", ".webp", ".gif"}

// TestPictures gives each picture three times the usual time, as it may run beside
// others. It fails when a set drops below its recorded count or any picture is
// misread. SUBLOT_PICTURES_TIME=1s gives another time, to measure, and then the
// counts do not matter: a busy machine does less in it.
// SUBLOT_PICTURES_ONLY takes a pattern of SET/NAME for work on a few.
func TestPictures(t *testing.T) {
	root := os.Getenv("SUBLOT_PICTURES")
	if root == "" {
		t.Skip("SUBLOT_PICTURES names no folder of pictures")
	}
	limit, measured := 3*time.Second, os.Getenv("SUBLOT_PICTURES_TIME")
	if measured != "" {
		var err error
		limit, err = time.ParseDuration(measured)
		require.NoError(t, err, "SUBLOT_PICTURES_TIME")
	}
	only := regexp.MustCompile(os.Getenv("SUBLOT_PICTURES_ONLY"))
	sets := pictureSets(t, root)
	var table strings.Builder
	fmt.Fprintf(&table, "%-18s %4s %5s %6s  %-13s %8s %8s %8s %8s\n", "set", "n", "read", "wrong", "halves", "p50 ms", "p95 ms", "cpu p50", "cpu p95")
	total, symbols := &score{}, &score{}
	for _, set := range slices.Sorted(maps.Keys(sets)) {
		s := &score{}
		var halves [2]score
		for _, path := range sets[set] {
			name := set + "/" + filepath.Base(path)
			if !only.MatchString(name) {
				continue
			}
			read, wrong, ms, cpu := scorePicture(t, set, path, limit)
			for _, sum := range []*score{s, total, &halves[half(name)]} {
				sum.add(name, read, wrong, ms, cpu)
			}
			if !strings.HasPrefix(set, "falsepositives") {
				symbols.add(name, read, wrong, ms, cpu)
			}
		}
		if s.n == 0 {
			continue
		}
		fmt.Fprintf(&table, "%-18s %4d %5d %6d  %d/%d %d/%d %*s %8.1f %8.1f %8.1f %8.1f\n", set, s.n, s.read, s.wrong,
			halves[0].read, halves[0].n, halves[1].read, halves[1].n, 3, "",
			quantile(s.ms, 0.5), quantile(s.ms, 0.95), quantile(s.cpu, 0.5), quantile(s.cpu, 0.95))
		if len(s.misses) > 0 && !strings.HasPrefix(set, "falsepositives") || s.wrong > 0 {
			fmt.Fprintf(&table, "    not read: %s\n", strings.Join(s.misses, ", "))
		}
		if os.Getenv("SUBLOT_PICTURES_ONLY") == "" && measured == "" {
			require.GreaterOrEqual(t, s.read, recorded[set], "%s: fewer read than recorded", set)
		}
	}
	for _, sum := range []struct {
		name string
		*score
	}{{"with a symbol", symbols}, {"all", total}} {
		fmt.Fprintf(&table, "%-18s %4d %5d %6d  %13s %8.1f %8.1f %8.1f %8.1f  cpu p90 %.1f p99 %.1f most %.1f\n", sum.name, sum.n, sum.read, sum.wrong, "",
			quantile(sum.ms, 0.5), quantile(sum.ms, 0.95), quantile(sum.cpu, 0.5), quantile(sum.cpu, 0.95),
			quantile(sum.cpu, 0.9), quantile(sum.cpu, 0.99), quantile(sum.cpu, 1))
	}
	t.Log("\n" + table.String())
	require.Zero(t, total.wrong, "pictures misread")
}

// BenchmarkPictures measures a set at a time: an operation is one picture scanned,
// its file not counted.
func BenchmarkPictures(b *testing.B) {
	root := os.Getenv("SUBLOT_PICTURES")
	if root == "" {
		b.Skip("SUBLOT_PICTURES names no folder of pictures")
	}
	sets := pictureSets(b, root)
	for _, set := range slices.Sorted(maps.Keys(sets)) {
		b.Run(set, func(b *testing.B) {
			s := &score{}
			for i := range max(b.N, len(sets[set])) {
				path := sets[set][i%len(sets[set])]
				read, wrong, ms, cpu := scorePicture(b, set, path, 0)
				s.add(path, read, wrong, ms, cpu)
			}
			rounds := float64(s.n) / float64(len(sets[set]))
			b.ReportMetric(float64(s.read)/rounds, "read")
			b.ReportMetric(float64(len(sets[set])), "of")
			b.ReportMetric(float64(s.wrong)/rounds, "wrong")
			b.ReportMetric(quantile(s.ms, 0.5), "p50-ms")
			b.ReportMetric(quantile(s.ms, 0.95), "p95-ms")
			b.ReportMetric(quantile(s.cpu, 0.5), "p50-cpu-ms")
			b.ReportMetric(quantile(s.cpu, 0.95), "p95-cpu-ms")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// half splits the pictures by their names: one half to tune on, one to be honest.
func half(name string) int {
	h := fnv.New32a()
	h.Write([]byte(name))
	return int(h.Sum32() >> 7 & 1)
}

func pictureSets(t testing.TB, root string) map[string][]string {
	sets := map[string][]string{}
	folders, err := os.ReadDir(root)
	require.NoError(t, err)
	for _, f := range folders {
		if !f.IsDir() {
			continue
		}
		files, err := os.ReadDir(filepath.Join(root, f.Name()))
		require.NoError(t, err)
		for _, p := range files {
			if slices.Contains(pictureKinds, strings.ToLower(filepath.Ext(p.Name()))) {
				sets[f.Name()] = append(sets[f.Name()], filepath.Join(root, f.Name(), p.Name()))
			}
		}
	}
	require.NotEmpty(t, sets, "no pictures under %s", root)
	return sets
}

// scorePicture reads a picture within a time and compares it with what is known.
func scorePicture(t testing.TB, set, path string, limit time.Duration) (read, wrong bool, ms, cpu float64) {
	f, err := os.Open(path)
	require.NoError(t, err)
	defer f.Close()
	img, err := codes.ReadPicture(f, codes.PictureLimit{})
	require.NoError(t, err, path)
	begin, used := time.Now(), picturetest.Processor()
	r, err := codes.Scan(img, codes.ScanConfig{MaxTime: limit})
	ms = float64(time.Since(begin).Microseconds()) / 1000
	cpu = float64((picturetest.Processor() - used).Microseconds()) / 1000
	require.NoError(t, err, path)
	want := truth(t, path)
	if os.Getenv("SUBLOT_PICTURES_ONLY") != "" {
		for _, h := range r.Hits {
			t.Logf("%s: %s %q %s corners %.0f %dx%d", path, h.Symbology, h.Text, h.Grade(), h.Corners, h.Rows, h.Cols)
		}
		for _, s := range r.Seen {
			t.Logf("%s: seen %s: %s %.0f", path, s.Symbology, s.Says, s.Corners)
		}
	}
	for _, h := range r.Hits {
		switch {
		case strings.HasPrefix(set, "falsepositives"):
			wrong = true
		case want == nil || want[string(h.Payload.Data)] || want[spelled(h.Payload.Data)] || want[spelled([]byte(h.Text))]:
			read = true
		}
	}
	if len(r.Hits) > 0 && !read {
		wrong = true
		t.Logf("%s: wrong %q", path, r.Hits[0].Text)
	}
	return read, wrong, ms, cpu
}

func truth(t testing.TB, path string) map[string]bool {
	stem := strings.TrimSuffix(path, filepath.Ext(path))
	var known map[string]bool
	for _, ext := range []string{".bin", ".txt"} {
		if b, err := os.ReadFile(stem + ext); err == nil {
			if known == nil {
				known = map[string]bool{}
			}
			known[string(b)] = true
			known[spelled(b)] = true
		}
	}
	return known
}

var controlNames = map[string]string{"GS": "\x1d", "RS": "\x1e", "EOT": "\x04", "FS": "\x1c", "US": "\x1f", "LF": "\n", "CR": "\r", "NUL": "\x00", "HT": "\t"}

var (
	namedControl = regexp.MustCompile(`<([A-Z]{2,3})>`)
	codePoint    = regexp.MustCompile(`<U\+([0-9A-Fa-f]+)>`)
)

// spelled brings bytes or text to one spelling: <GS> is the control character, no
// newline at the end, no FNC1 in front.
func spelled(b []byte) string {
	s := string(b)
	if !utf8.Valid(b) {
		s, _ = charmap.ISO8859_1.NewDecoder().String(s)
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
	s = strings.ReplaceAll(s, "\r\n", "\n")
	return strings.TrimLeft(strings.TrimRight(s, "\r\n "), "\x1d")
}
