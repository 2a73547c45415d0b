package codes_test

import (
	"fmt"
	"image"
	"image/png"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/datamatrix"
	"github.com/makiuchi-d/gozxing/qrcode"
	"github.com/stretchr/testify/require"

	"github.com/sublot/sublot/codes"
	"github.com/sublot/sublot/codes/degrade"
	"github.com/sublot/sublot/codes/internal/parse"
)

// A series makes one thing worse and worse.
type series struct {
	name, unit string
	levels     []float64
	set        func(c *degrade.Config, level float64)
}

var allSeries = []series{
	{"blur", "standard deviation, modules", []float64{0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7}, func(c *degrade.Config, x float64) { c.Blur = x }},
	{"contrast", "levels of gray", []float64{128, 64, 32, 16, 8, 4}, func(c *degrade.Config, x float64) { c.Contrast = x }},
	{"noise", "standard deviation, levels of gray", []float64{10, 20, 40, 60, 80, 100}, func(c *degrade.Config, x float64) { c.Noise = x }},
	{"resolution", "pixels a module", []float64{4, 3, 2, 1.75, 1.5, 1.25, 1}, func(c *degrade.Config, x float64) { c.ModulePixels = x }},
	{"cylinder", "half angle, degrees", []float64{20, 35, 45, 55, 65, 75}, func(c *degrade.Config, x float64) { c.Cylinder = x }},
	{"rotation", "degrees", []float64{0, 10, 20, 30, 45, 60, 90, 135}, func(c *degrade.Config, x float64) { c.Rotation = x }},
	{"tilt", "degrees", []float64{15, 30, 40, 50, 60}, func(c *degrade.Config, x float64) { c.Tilt = x }},
	{"light", "fall across the picture", []float64{0.3, 0.6, 0.8, 0.9, 0.95}, func(c *degrade.Config, x float64) { c.Light = x }},
	{"damage", "share of the area", []float64{0.02, 0.05, 0.08, 0.12, 0.16, 0.2}, func(c *degrade.Config, x float64) { c.Damage = x }},
	{"dots", "diameter of a dot, modules, on rough metal", []float64{1, 0.9, 0.8, 0.7, 0.6, 0.5}, func(c *degrade.Config, x float64) {
		c.Dots, c.Jitter, c.Rough, c.Contrast, c.ModulePixels, c.Noise = x, 0.05, 0.3, 140, 8, 8
	}},
	{"jpeg", "quality", []float64{50, 20, 10, 5, 3}, func(c *degrade.Config, x float64) { c.JPEG, c.Noise = int(x), 6 }},
}

// sample makes trial number i of a level of a series: another payload, turned a
// little another way, for each trial.
func sample(t testing.TB, symbology codes.Symbology, s series, level float64, i int) (*image.Gray, []byte) {
	r := rand.New(rand.NewPCG(uint64(i), 0xc0de))
	data := make([]byte, 100)
	for k := range data {
		data[k] = byte(r.IntN(256))
	}
	symbol, err := codes.Encode(codes.Payload{Data: data}, codes.EncodeConfig{Symbology: symbology})
	require.NoError(t, err)
	c := degrade.Config{Seed: uint64(i), Rotation: r.Float64()*20 - 10, TiltTowards: r.Float64() * 360}
	s.set(&c, level)
	return degrade.Draw(symbol, c), data
}

// A peer reads the bytes in a picture; nil means that it reads nothing.
type peer struct {
	name string
	read func(t testing.TB, img *image.Gray, symbology codes.Symbology) []byte
}

var ours = peer{"sublot", func(t testing.TB, img *image.Gray, symbology codes.Symbology) []byte {
	r, err := codes.Scan(img, codes.ScanConfig{MaxTime: time.Minute, Symbologies: []codes.Symbology{symbology}})
	require.NoError(t, err)
	if len(r.Hits) == 0 {
		return nil
	}
	return r.Hits[0].Payload.Data
}}

// gozxingReader is the library's reader, one call, as its documentation shows. Its
// text does not give the bytes back, so its codewords are compared, to be fair to
// its detector.
var gozxingReader = peer{"gozxing", func(t testing.TB, img *image.Gray, symbology codes.Symbology) (data []byte) {
	defer func() { _ = recover() }()
	bitmap, err := gozxing.NewBinaryBitmapFromImage(img)
	require.NoError(t, err)
	var reader gozxing.Reader = datamatrix.NewDataMatrixReader()
	if symbology == codes.QR {
		reader = qrcode.NewQRCodeReader()
	}
	r, err := reader.Decode(bitmap, nil)
	if err != nil {
		return nil
	}
	var m *parse.Message
	if symbology == codes.DataMatrix {
		m, err = parse.DataMatrix(r.GetRawBytes())
	} else {
		m, err = parse.QR(r.GetRawBytes(), 6) // 100 bytes at level M
	}
	if err != nil {
		return nil
	}
	return m.Data
}}

// zxingCPP is ZXingReader of zxing-cpp, when it is installed.
func zxingCPP(t testing.TB) (peer, bool) {
	path, err := exec.LookPath("ZXingReader")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("ZXingReader is not installed")
		}
		return peer{}, false
	}
	return peer{"zxing-cpp", func(t testing.TB, img *image.Gray, symbology codes.Symbology) []byte {
		file := filepath.Join(t.TempDir(), "p.png")
		f, err := os.Create(file)
		require.NoError(t, err)
		require.NoError(t, png.Encode(f, img))
		require.NoError(t, f.Close())
		out, _ := exec.Command(path, "-format", map[codes.Symbology]string{codes.DataMatrix: "DataMatrix", codes.QR: "QRCode", codes.Aztec: "Aztec", codes.Code128: "Code128", codes.PDF417: "PDF417"}[symbology], file).Output()
		for line := range strings.Lines(string(out)) {
			if hex, ok := strings.CutPrefix(line, "Bytes:"); ok {
				var data []byte
				for _, h := range strings.Fields(hex) {
					var b byte
					if _, err := fmt.Sscanf(h, "%02X", &b); err == nil {
						data = append(data, b)
					}
				}
				return data
			}
		}
		return nil
	}}, true
}

// TestCurves measures how far each kind of degradation may go, SUBLOT_CURVES trials
// a level, for the symbologies drawn, beside gozxing and zxing-cpp, and draws the curves
// into docs. It takes some minutes and is run on demand.
func TestCurves(t *testing.T) {
	trials := 0
	if _, err := fmt.Sscan(os.Getenv("SUBLOT_CURVES"), &trials); err != nil {
		t.Skip("SUBLOT_CURVES sets no number of trials")
	}
	peers := []peer{ours, gozxingReader}
	if p, ok := zxingCPP(t); ok {
		peers = append(peers, p)
	}
	only := os.Getenv("SUBLOT_CURVES_ONLY")
	for _, symbology := range []codes.Symbology{codes.DataMatrix, codes.QR} {
		var table strings.Builder
		curves := map[string][][]int{}
		for _, s := range allSeries {
			if only != "" && !strings.Contains(string(symbology)+" "+s.name, only) {
				continue
			}
			fmt.Fprintf(&table, "%s (%s)\n", s.name, s.unit)
			counts := make([][]int, len(peers))
			for k := range peers {
				counts[k] = make([]int, len(s.levels))
			}
			for l, level := range s.levels {
				for i := range trials {
					img, data := sample(t, symbology, s, level, i)
					for k, p := range peers {
						if got := p.read(t, img, symbology); string(got) == string(data) {
							counts[k][l]++
						} else if got != nil && k == 0 {
							t.Errorf("%s %s %v, trial %d: misread", symbology, s.name, level, i)
						}
					}
				}
			}
			for k, p := range peers {
				fmt.Fprintf(&table, "  %-10s", p.name)
				for l, level := range s.levels {
					fmt.Fprintf(&table, "  %v:%d", level, counts[k][l])
				}
				fmt.Fprintln(&table)
			}
			curves[s.name] = counts
		}
		t.Logf("\n%s, 100 bytes, %d trials a level\n%s", symbology, trials, table.String())
		if dir := os.Getenv("SUBLOT_CURVES_OUT"); dir != "" {
			require.NoError(t, os.WriteFile(filepath.Join(dir, "reading-"+string(symbology)+".svg"), drawCurves(symbology, peers, curves, trials), 0o644))
		}
	}
}
