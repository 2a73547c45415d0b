package codes_test

import (
	"fmt"
	"image"
	"math/rand/v2"
	"os"
	"regexp"
	"testing"
	"time"

	"github.com/boombuler/barcode/pdf417"
	"github.com/stretchr/testify/require"

	"github.com/sublot/sublot/codes"
	"github.com/sublot/sublot/codes/degrade"
)

// A way is a way in which pictures of marks are bad, with chance in how much: what
// a good reader should mostly read, of any symbology, content and size.
type way struct {
	name string
	set  func(c *degrade.Config, r *rand.Rand)
}

func between(r *rand.Rand, a, b float64) float64 { return a + (b-a)*r.Float64() }

var ways = []way{
	{"photo", func(c *degrade.Config, r *rand.Rand) { *c = degrade.Photo(c.Seed) }},
	{"tilt", func(c *degrade.Config, r *rand.Rand) { c.Tilt = between(r, 35, 52) }},
	{"small", func(c *degrade.Config, r *rand.Rand) { c.ModulePixels, c.Noise = between(r, 1.6, 2.4), 3 }},
	{"blur", func(c *degrade.Config, r *rand.Rand) { c.Blur, c.Noise = between(r, 0.3, 0.5), 3 }},
	{"low light", func(c *degrade.Config, r *rand.Rand) {
		c.Contrast, c.Noise, c.Blur = between(r, 25, 60), between(r, 10, 20), 0.15
	}},
	{"motion", func(c *degrade.Config, r *rand.Rand) { c.Motion, c.Noise = between(r, 0.7, 1.3), 3 }},
	{"glare", func(c *degrade.Config, r *rand.Rand) {
		c.Glare, c.Contrast, c.Light, c.Noise = between(r, 0.4, 1), 150, between(r, 0, 0.5), 4
	}},
	{"jpeg", func(c *degrade.Config, r *rand.Rand) {
		c.JPEG, c.Noise, c.ModulePixels = 6+r.IntN(15), 5, between(r, 3, 6)
	}},
	{"dots", func(c *degrade.Config, r *rand.Rand) {
		c.Dots, c.Jitter, c.Rough = between(r, 0.65, 0.95), between(r, 0, 0.1), between(r, 0.1, 0.35)
		c.Contrast, c.ModulePixels, c.Noise = between(r, 70, 180), between(r, 5, 14), 6
	}},
	{"case, upright", func(c *degrade.Config, r *rand.Rand) {
		c.Cylinder, c.Axis, c.Noise = between(r, 25, 60), float64(r.IntN(2)*90), 3
	}},
	{"case, any axis", func(c *degrade.Config, r *rand.Rand) {
		c.Cylinder, c.Axis, c.Noise = between(r, 15, 40), between(r, 0, 180), 3
	}},
	{"no quiet zone", func(c *degrade.Config, r *rand.Rand) {
		c.Quiet, c.Background, c.Noise = between(r, 0.2, 1), between(r, 0.5, 1), 3
	}},
	{"behind, inverted", func(c *degrade.Config, r *rand.Rand) {
		c.Mirrored, c.Inverted, c.Noise, c.Tilt = true, true, 5, 20
	}},
	{"damage", func(c *degrade.Config, r *rand.Rand) { c.Damage, c.Noise = between(r, 0.02, 0.06), 5 }},
	{"cover", func(c *degrade.Config, r *rand.Rand) { c.Cover, c.Noise = between(r, 0.02, 0.06), 3 }},
	{"shadow", func(c *degrade.Config, r *rand.Rand) {
		c.Light, c.Contrast, c.Noise = between(r, 0.7, 0.9), between(r, 60, 120), 5
	}},
	{"in 12 megapixels", func(c *degrade.Config, r *rand.Rand) {
		*c = degrade.Photo(c.Seed)
		c.ModulePixels = between(r, 2.5, 5)
	}},
}

// rows is a symbol of another's making.
type rows struct {
	img  image.Image
	w, h int
}

func (s rows) Width() int     { return s.w }
func (s rows) Height() int    { return s.h }
func (s rows) RowHeight() int { return 3 }
func (s rows) QuietZone() int { return 4 }
func (s rows) At(x, y int) bool {
	if x < 0 || y < 0 || x >= s.w || y >= s.h {
		return false
	}
	c, _, _, _ := s.img.At(x, 2*y).RGBA()
	return c < 0x8000
}

// kinds make symbols of chance contents and sizes.
var kinds = []struct {
	name      string
	symbology codes.Symbology
	draw      func(t testing.TB, r *rand.Rand) (degrade.Grid, []byte)
}{
	{"data matrix", codes.DataMatrix, func(t testing.TB, r *rand.Rand) (degrade.Grid, []byte) {
		return drawn(t, chance(r, 3+r.IntN(110)), codes.EncodeConfig{})
	}},
	{"rectangle", codes.DataMatrix, func(t testing.TB, r *rand.Rand) (degrade.Grid, []byte) {
		sizes := [][3]int{{8, 18, 3}, {8, 32, 8}, {12, 26, 14}, {12, 36, 20}, {16, 36, 30}, {16, 48, 47}, {8, 48, 16}, {8, 64, 22}, {8, 80, 30}, {8, 96, 36},
			{8, 120, 47}, {8, 144, 61}, {12, 64, 41}, {12, 88, 62}, {16, 64, 60}, {20, 36, 42}, {20, 44, 54}, {20, 64, 82}, {22, 48, 70}, {24, 48, 78}, {24, 64, 106}, {26, 40, 68}, {26, 48, 88}, {26, 64, 116}}
		z := sizes[r.IntN(len(sizes))]
		return drawn(t, chance(r, max(z[2]-r.IntN(4), 2)), codes.EncodeConfig{Rows: z[0], Cols: z[1]})
	}},
	{"qr", codes.QR, func(t testing.TB, r *rand.Rand) (degrade.Grid, []byte) {
		return drawn(t, chance(r, 3+r.IntN(150)), codes.EncodeConfig{Symbology: codes.QR})
	}},
	{"aztec", codes.Aztec, func(t testing.TB, r *rand.Rand) (degrade.Grid, []byte) {
		return drawn(t, chance(r, 3+r.IntN(110)), codes.EncodeConfig{Symbology: codes.Aztec})
	}},
	{"code 128", codes.Code128, func(t testing.TB, r *rand.Rand) (degrade.Grid, []byte) {
		b := make([]byte, 4+r.IntN(20))
		for i := range b {
			b[i] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-/"[r.IntN(38)]
		}
		return drawn(t, b, codes.EncodeConfig{Symbology: codes.Code128})
	}},
	{"pdf417", codes.PDF417, func(t testing.TB, r *rand.Rand) (degrade.Grid, []byte) {
		for { // the library draws true only what has rows in threes
			b := make([]byte, 10+r.IntN(100))
			for i := range b {
				b[i] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-/"[r.IntN(38)]
			}
			img, err := pdf417.Encode(string(b), byte(2+r.IntN(3)))
			require.NoError(t, err)
			if h := img.Bounds().Dy() / 2; h%3 == 0 {
				return rows{img, img.Bounds().Dx(), h}, b
			}
		}
	}},
}

func chance(r *rand.Rand, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.IntN(256))
	}
	return b
}

func drawn(t testing.TB, data []byte, cfg codes.EncodeConfig) (degrade.Grid, []byte) {
	s, err := codes.Encode(codes.Payload{Data: data}, cfg)
	require.NoError(t, err)
	return s, data
}

// among lays a picture somewhere in a picture of 12 megapixels of a desk with other
// things on it.
func among(img *image.Gray, r *rand.Rand) *image.Gray {
	out := image.NewGray(image.Rect(0, 0, 4000, 3000))
	for y := range 3000 {
		for x := range 4000 {
			out.Pix[y*4000+x] = uint8(90 + x/50 + r.IntN(9))
		}
	}
	for range 60 { // lines of print
		x, y, h := r.IntN(3500), r.IntN(2900), 14+r.IntN(30)
		for i := range 8 + r.IntN(20) {
			w := h/3 + r.IntN(h/3)
			for j := range h {
				for k := range w {
					if px, py := x+i*h*3/4+k, y+j; px < 4000 && py < 3000 && r.IntN(9) > 0 && (j/4+k/3+i)%3 > 0 {
						out.Pix[py*4000+px] = 40
					}
				}
			}
		}
	}
	x, y := r.IntN(max(4000-img.Rect.Dx(), 1)), r.IntN(max(3000-img.Rect.Dy(), 1))
	for j := range min(img.Rect.Dy(), 3000) {
		copy(out.Pix[(y+j)*4000+x:(y+j+1)*4000], img.Pix[j*img.Stride:j*img.Stride+min(img.Rect.Dx(), 4000-x)])
	}
	return out
}

// TestHeldOut reads pictures that nothing was tuned on, and tells the share read of
// even and odd seeds. SUBLOT_HELD sets how many of each way and kind (a sample by
// default), SUBLOT_HELD_FROM the first seed, SUBLOT_HELD_ONLY a pattern of KIND/WAY. Nothing may be misread.
func TestHeldOut(t *testing.T) {
	n := trials("SUBLOT_HELD", 0)
	first := trials("SUBLOT_HELD_FROM", 1000)
	only := regexp.MustCompile(os.Getenv("SUBLOT_HELD_ONLY"))
	if n == 0 {
		t.Skip("SUBLOT_HELD sets no number of pictures")
	}
	peers := []peer{ours, gozxingReader}
	if p, ok := zxingCPP(t); ok {
		peers = append(peers, p)
	}
	total := make([][2]int, len(peers))
	of := [2]int{}
	var slowest time.Duration
	for _, k := range kinds {
		for i, w := range ways {
			if !only.MatchString(k.name + "/" + w.name) {
				continue
			}
			read := make([][2]int, len(peers))
			missed := ""
			for j := range n {
				seed := uint64(first + j)
				r := rand.New(rand.NewPCG(seed, uint64(i)<<8|uint64(len(k.name))))
				grid, data := k.draw(t, r)
				c := degrade.Config{Seed: seed, ModulePixels: between(r, 3, 7), Rotation: r.Float64() * 360, TiltTowards: r.Float64() * 360}
				w.set(&c, r)
				img := degrade.Draw(grid, c)
				if w.name == "in 12 megapixels" {
					img = among(img, r)
				}
				of[j%2]++
				for p, peer := range peers {
					if peer.name == "gozxing" && k.symbology != codes.DataMatrix && k.symbology != codes.QR {
						continue
					}
					begin := time.Now()
					got := peer.read(t, img, k.symbology)
					if p == 0 {
						slowest = max(slowest, time.Since(begin))
					}
					switch {
					case string(got) == string(data):
						read[p][j%2]++
						total[p][j%2]++
					case p == 0 && got != nil:
						t.Errorf("%s, %s, seed %d: misread %q as %q", k.name, w.name, seed, data, got)
					case p == 0:
						missed += fmt.Sprintf(" %d", seed)
					}
				}
			}
			line := fmt.Sprintf("%-12s %-18s", k.name, w.name)
			for p := range peers {
				line += fmt.Sprintf("  %s %2d+%-2d", peers[p].name, read[p][0], read[p][1])
			}
			t.Logf("%s  of %d; missed%s", line, n, missed)
		}
	}
	for p := range peers {
		t.Logf("all: %s %d of %d and %d of %d", peers[p].name, total[p][0], of[0], total[p][1], of[1])
	}
	t.Logf("slowest %v", slowest)
}
