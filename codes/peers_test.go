package codes

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// peer returns the path of a program written by others. CI installs all of them;
// elsewhere a missing one is a skip.
func peer(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("%s is not installed: CI must have it", name)
		}
		t.Skipf("%s is not installed: the symbols are read by Go programs only", name)
	}
	return path
}

// picture writes a symbol as PNG and returns the name of the file.
func picture(t *testing.T, s *Symbol, dots int) string {
	t.Helper()
	b, err := s.AppendPNG(nil, DrawConfig{DPI: 254, ModuleMM: float64(dots) / 10})
	require.NoError(t, err)
	name := filepath.Join(t.TempDir(), "symbol.png")
	require.NoError(t, os.WriteFile(name, b, 0o600))
	return name
}

func run(t *testing.T, name string, args ...string) []byte {
	t.Helper()
	var stderr bytes.Buffer
	cmd := exec.Command(name, args...)
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	require.NoError(t, err, "%s %v: %s", name, args, stderr.String())
	return out
}

// peerCases covers each symbology, size family and mode.
func peerCases() []struct {
	cfg  EncodeConfig
	data []byte
} {
	r := rand.New(rand.NewPCG(2, 1))
	binary := func(n int) []byte {
		b := make([]byte, n)
		for i := range b {
			b[i] = byte(r.IntN(256))
		}
		return b
	}
	type peerCase = struct {
		cfg  EncodeConfig
		data []byte
	}
	var cases []peerCase
	for _, n := range []int{1, 2, 6, 10, 16, 28, 34, 60, 84, 112, 142, 202, 249, 250, 251, 400, 900} {
		cases = append(cases, peerCase{EncodeConfig{}, binary(n)}, peerCase{EncodeConfig{Symbology: QR}, binary(n)})
	}
	for _, z := range dmSizes[23:] {
		cases = append(cases, peerCase{EncodeConfig{Rows: z.rows, Cols: z.cols}, binary(z.dataWords - 2)})
	}
	for n := 5; n <= 100; n += 5 {
		cases = append(cases, peerCase{EncodeConfig{}, randomData(r, n)}, peerCase{EncodeConfig{Symbology: QR, Level: "L"}, randomData(r, n)})
	}
	for _, n := range []int{1, 6, 30, 84, 200, 600} {
		cases = append(cases, peerCase{EncodeConfig{Symbology: Aztec}, binary(n)})
	}
	cases = append(cases, peerCase{EncodeConfig{Symbology: Aztec, Rows: 41}, binary(20)})
	for _, text := range []string{"A", "0112345", "XCW/24E017/B/412", "abc\tDEF\x00\x7f", "1234567890", "12345a67890\x1d11", "a\x01b\x02"} {
		cases = append(cases, peerCase{EncodeConfig{Symbology: Code128}, []byte(text)})
	}
	return cases
}

func TestZXingReads(t *testing.T) {
	zxing := peer(t, "ZXingReader")
	for _, c := range peerCases() {
		s, err := Encode(Payload{Data: c.data}, c.cfg)
		require.NoError(t, err)
		got := run(t, zxing, "-ispure", "-bytes", picture(t, s, 4))
		require.Equal(t, c.data, got, "%+v, %d bytes: %q", c.cfg, len(c.data), c.data)
	}
}

func TestZXingReadsGS1(t *testing.T) {
	zxing := peer(t, "ZXingReader")
	data := []byte("01095060001343521726010110LOT42\x1d2112345")
	for symbology, identifier := range map[Symbology]string{DataMatrix: "]d2", QR: "]Q3", Code128: "]C1"} {
		s, err := Encode(Payload{Data: data, GS1: true}, EncodeConfig{Symbology: symbology})
		require.NoError(t, err)
		name := picture(t, s, 4)
		require.Equal(t, string(data), string(run(t, zxing, "-ispure", "-bytes", name)), symbology)
		require.Contains(t, string(run(t, zxing, "-ispure", name)), identifier)
	}
}

func TestLibdmtxReads(t *testing.T) {
	dmtx := peer(t, "dmtxread")
	for _, c := range peerCases() {
		if c.cfg.Symbology != "" || c.cfg.Cols > 48 || c.cfg.Rows > 16 || c.cfg.Cols == 48 && c.cfg.Rows == 8 {
			continue // libdmtx does not know DMRE
		}
		s, err := Encode(Payload{Data: c.data}, c.cfg)
		require.NoError(t, err)
		size := fmt.Sprintf("-s%dx%d", s.Height(), s.Width())
		got := run(t, dmtx, "-N1", size, picture(t, s, 6))
		require.Equal(t, c.data, got, "%+v, %d bytes: %q", c.cfg, len(c.data), c.data)
	}
}

func TestZbarReads(t *testing.T) {
	zbar := peer(t, "zbarimg")
	for _, text := range []string{"XCW/24E017/B/412", "SL1:ABCDEF123456", "1234567890123"} {
		for _, symbology := range []Symbology{QR, Code128} {
			s, err := Encode(Payload{Data: []byte(text)}, EncodeConfig{Symbology: symbology})
			require.NoError(t, err)
			got := run(t, zbar, "-q", "--raw", picture(t, s, 4))
			require.Equal(t, text+"\n", string(got), symbology)
		}
	}
}
