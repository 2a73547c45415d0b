package codes

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// npmPeers returns node and the script that speaks with programs of its registry.
// CI installs them; elsewhere it is npm ci in codes/testdata/peers, or a skip.
func npmPeers(t *testing.T) (node, script string) {
	node = peer(t, "node")
	dir := filepath.Join("testdata", "peers")
	if _, err := os.Stat(filepath.Join(dir, "node_modules", "zxing-wasm")); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("run npm ci in codes/%s: CI must have it", dir)
		}
		t.Skipf("run npm ci in codes/%s to compare with zxing-wasm and bwip-js", dir)
	}
	return node, filepath.Join(dir, "peers.mjs")
}

// A newer zxing-cpp than Debian's, as WebAssembly, reads all that Debian's reads.
func TestZXingWasmReads(t *testing.T) {
	node, script := npmPeers(t)
	dir := t.TempDir()
	args := []string{script, "read"}
	cases := peerCases()
	for i, c := range cases {
		s, err := Encode(Payload{Data: c.data}, c.cfg)
		require.NoError(t, err)
		b, err := s.AppendPNG(nil, DrawConfig{DPI: 254, ModuleMM: 0.4})
		require.NoError(t, err)
		name := filepath.Join(dir, fmt.Sprintf("%03d.png", i))
		require.NoError(t, os.WriteFile(name, b, 0o600))
		args = append(args, name)
	}
	gs1 := []byte("01095060001343521726010110LOT42\x1d2112345")
	identifiers := map[Symbology]string{DataMatrix: "]d2", QR: "]Q3", Code128: "]C1"}
	var order []Symbology
	for symbology := range identifiers {
		s, err := Encode(Payload{Data: gs1, GS1: true}, EncodeConfig{Symbology: symbology})
		require.NoError(t, err)
		b, err := s.AppendPNG(nil, DrawConfig{DPI: 254, ModuleMM: 0.4})
		require.NoError(t, err)
		name := filepath.Join(dir, string(symbology)+".png")
		require.NoError(t, os.WriteFile(name, b, 0o600))
		args, order = append(args, name), append(order, symbology)
	}
	lines := strings.Split(strings.TrimSpace(string(run(t, node, args...))), "\n")
	require.Len(t, lines, len(cases)+len(order))
	for i, c := range cases {
		_, data, _ := strings.Cut(lines[i], " ")
		require.Equal(t, hex.EncodeToString(c.data), data, "%+v, %d bytes: %q", c.cfg, len(c.data), c.data)
	}
	for i, symbology := range order {
		identifier, data, _ := strings.Cut(lines[len(cases)+i], " ")
		require.Equal(t, identifiers[symbology], identifier)
		require.Equal(t, hex.EncodeToString(gs1), data, symbology)
	}
}

// What another program draws is read, sizes and modes that ours never chooses among
// it.
func TestReadsWhatBwipJSWrites(t *testing.T) {
	node, script := npmPeers(t)
	dir := t.TempDir()
	const text = "XCW/XCW24C001-012/001/0042"
	gs1 := "(01)09520123456788(10)XCW24C001-012(21)001/0042"
	gs1Data := "010952012345678810XCW24C001-012\x1d21001/0042"
	cases := []struct {
		options   map[string]any
		symbology Symbology
		want      string
		gs1       bool
	}{
		{map[string]any{"bcid": "datamatrix", "text": text}, DataMatrix, text, false},
		{map[string]any{"bcid": "datamatrix", "text": text, "encoding": "base256"}, DataMatrix, text, false},
		{map[string]any{"bcid": "datamatrix", "text": text, "encoding": "c40"}, DataMatrix, text, false},
		{map[string]any{"bcid": "datamatrix", "text": text, "encoding": "edifact"}, DataMatrix, text, false},
		{map[string]any{"bcid": "datamatrix", "text": text, "version": "52x52"}, DataMatrix, text, false},
		{map[string]any{"bcid": "datamatrix", "text": "^FNC1" + gs1Data[:2], "parsefnc": true}, DataMatrix, "01", true},
		{map[string]any{"bcid": "datamatrixrectangular", "text": text}, DataMatrix, text, false},
		{map[string]any{"bcid": "datamatrixrectangularextension", "text": text, "version": "8x96"}, DataMatrix, text, false},
		{map[string]any{"bcid": "datamatrixrectangularextension", "text": text, "version": "26x48"}, DataMatrix, text, false},
		{map[string]any{"bcid": "datamatrixrectangularextension", "text": text, "version": "24x64"}, DataMatrix, text, false},
		{map[string]any{"bcid": "gs1datamatrix", "text": gs1}, DataMatrix, gs1Data, true},
		{map[string]any{"bcid": "qrcode", "text": text}, QR, text, false},
		{map[string]any{"bcid": "qrcode", "text": text, "eclevel": "H"}, QR, text, false},
		{map[string]any{"bcid": "gs1qrcode", "text": gs1}, QR, gs1Data, true},
		{map[string]any{"bcid": "azteccode", "text": text}, Aztec, text, false},
		{map[string]any{"bcid": "azteccode", "text": text, "format": "full", "layers": 8}, Aztec, text, false},
		{map[string]any{"bcid": "code128", "text": text}, Code128, text, false},
		{map[string]any{"bcid": "gs1-128", "text": gs1}, Code128, gs1Data, true},
		{map[string]any{"bcid": "pdf417", "text": text}, PDF417, text, false},
		{map[string]any{"bcid": "pdf417", "text": text, "columns": 3, "eclevel": 5}, PDF417, text, false},
		{map[string]any{"bcid": "pdf417compact", "text": text}, PDF417, text, false},
	}
	var in bytes.Buffer
	for i := range cases {
		o := cases[i].options
		o["file"] = filepath.Join(dir, fmt.Sprintf("%03d.png", i))
		o["scale"], o["padding"], o["backgroundcolor"] = 4, 10, "FFFFFF"
		b, err := json.Marshal(o)
		require.NoError(t, err)
		in.Write(append(b, '\n'))
	}
	cmd := exec.Command(node, script, "write")
	cmd.Stdin = &in
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	for i, c := range cases {
		f, err := os.Open(filepath.Join(dir, fmt.Sprintf("%03d.png", i)))
		require.NoError(t, err)
		img, err := ReadPicture(f, PictureLimit{})
		f.Close()
		require.NoError(t, err)
		r, err := Scan(img, ScanConfig{MaxTime: 20 * time.Second})
		require.NoError(t, err)
		require.Len(t, r.Hits, 1, "%v", c.options)
		require.Equal(t, c.symbology, r.Hits[0].Symbology, "%v", c.options)
		require.Equal(t, c.want, string(r.Hits[0].Payload.Data), "%v", c.options)
		require.Equal(t, c.gs1, r.Hits[0].Payload.GS1, "%v", c.options)
	}
}
