package label

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"fmt"
	"image"
	"image/draw"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sublot/sublot/codes"
	"github.com/sublot/sublot/codes/drawtest"
)

var values = map[string]string{
	"title": "9x19 mm ball", "subtitle": "FMJ 8.0 g, brass case", "identity": "XCW/24E017/B/412", "lot": "24E017-B",
	"maker": "Example Cartridge Works, XA", "date": "2026-05", "note": "Национальный знак 11.b.iv: ÄÖÜ 0O 1lI", "quantity": "1000 ROUNDS", "hazard": "1.4S",
}

func with(changes ...string) map[string]string {
	m := map[string]string{}
	for k, v := range values {
		m[k] = v
	}
	for i := 0; i < len(changes); i += 2 {
		m[changes[i]] = changes[i+1]
	}
	return m
}

func frame(n int) codes.Payload {
	data := make([]byte, n)
	for i := range data {
		data[i] = byte(i*i*7 + 33)
	}
	return codes.Payload{Data: data}
}

func symbol(t testing.TB, p codes.Payload, cfg codes.EncodeConfig) *codes.Symbol {
	t.Helper()
	s, err := codes.Encode(p, cfg)
	require.NoError(t, err)
	return s
}

// forms draws a label in every form, by name of file.
func forms(l *Label) map[string][]byte {
	return map[string][]byte{
		"label.svg": l.AppendSVG(nil), "label.png": l.AppendPNG(nil), "label.zpl": l.AppendZPL(nil), "label.pdf": l.AppendPDF(nil),
	}
}

// cases are labels of different shapes.
func cases(t testing.TB) map[string]*Label {
	parse := func(s string) *Template {
		tmpl, err := Parse(strings.NewReader(s))
		require.NoError(t, err)
		return tmpl
	}
	small := parse(`{"width_mm": 50, "height_mm": 25, "dpi": 203, "module_mm": 0.5, "margin_mm": 1.5,
		"lines": [{"text": "{{.title}}", "size_mm": 2.4, "font": "bold"}, {"text": "{{.lot}}", "font": "mono", "size_mm": 2}],
		"foot": [{"text": "{{.quantity}}", "size_mm": 1.8}], "diamond": "{{.hazard}}", "diamond_mm": 10}`)
	strip := parse(`{"width_mm": 100, "height_mm": 40, "dpi": 203, "module_mm": 0.33,
		"lines": [{"text": "{{.title}} {{.subtitle}}", "size_mm": 3}], "foot": [{"text": "(01)09506000134352(10){{.lot}}", "size_mm": 2.5, "font": "mono"}]}`)
	gs1 := codes.Payload{Data: []byte("010950600013435210" + values["lot"]), GS1: true}
	labels := map[string]*Label{}
	for name, c := range map[string]struct {
		t *Template
		s *codes.Symbol
		v map[string]string
	}{
		"default":   {Default(), symbol(t, frame(84), codes.EncodeConfig{}), values},
		"qr":        {Default(), symbol(t, frame(84), codes.EncodeConfig{Symbology: codes.QR}), with("hazard", "", "note", "")},
		"long":      {Default(), symbol(t, frame(112), codes.EncodeConfig{}), with("title", "7.62x51 mm NATO ball M80 linked with tracer M62 four to one", "hazard", "1.1")},
		"small":     {small, symbol(t, frame(84), codes.EncodeConfig{}), values},
		"rectangle": {Default(), symbol(t, frame(106), codes.EncodeConfig{Rows: 24, Cols: 64}), values},
		"gs1-128":   {strip, symbol(t, gs1, codes.EncodeConfig{Symbology: codes.Code128}), values},
	} {
		l, err := c.t.Lay(c.s, c.v)
		require.NoError(t, err, name)
		labels[name] = l
	}
	return labels
}

// TestLook writes all labels into the folder that SUBLOT_LABELS names, to be looked at.
func TestLook(t *testing.T) {
	dir := os.Getenv("SUBLOT_LABELS")
	if dir == "" {
		t.Skip("SUBLOT_LABELS names no folder")
	}
	var all []*Label
	for name, l := range cases(t) {
		for file, b := range forms(l) {
			require.NoError(t, os.MkdirAll(filepath.Join(dir, name), 0o755))
			require.NoError(t, os.WriteFile(filepath.Join(dir, name, file), b, 0o644))
		}
		all = append(all, l, l)
	}
	b, err := Sheet{}.AppendPDF(nil, all)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "sheet.pdf"), b, 0o644))
}

// rasters draws every form of a label to pixels, one a dot; the PDF only where
// pdftoppm is installed.
func rasters(t *testing.T, l *Label) map[string]image.Image {
	t.Helper()
	w, h := l.SizeMM()
	svg, err := drawtest.SVG(l.AppendSVG(nil), float64(l.width)/w)
	require.NoError(t, err)
	zpl, err := drawtest.ZPL(l.AppendZPL(nil))
	require.NoError(t, err)
	bits, err := png.Decode(bytes.NewReader(l.AppendPNG(nil)))
	require.NoError(t, err)
	require.Equal(t, image.Rect(0, 0, l.width, l.height), bits.Bounds())
	require.InDelta(t, float64(l.dpi), float64(l.height)*25.4/h, 0.01)
	m := map[string]image.Image{"svg": svg, "zpl": zpl, "png": bits}
	if pdf := pdfPages(t, l.AppendPDF(nil), l.dpi); len(pdf) > 0 {
		m["pdf"] = pdf[0]
	}
	return m
}

// pdfPages draws a document with a program of others, or gives nothing.
func pdfPages(t *testing.T, b []byte, dpi int) []image.Image {
	t.Helper()
	path, err := exec.LookPath("pdftoppm")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("pdftoppm is not installed: CI must have it")
		}
		t.Log("pdftoppm is not installed: PDF is not looked at")
		return nil
	}
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(dir+"/in.pdf", b, 0o600))
	out, err := exec.Command(path, "-gray", "-png", "-r", strconv.Itoa(dpi), dir+"/in.pdf", dir+"/page").CombinedOutput()
	require.NoError(t, err, string(out))
	require.Empty(t, string(out), "pdftoppm complains")
	files, err := filepath.Glob(dir + "/page*.png")
	require.NoError(t, err)
	var pages []image.Image
	for _, name := range files {
		b, err := os.ReadFile(name)
		require.NoError(t, err)
		img, err := png.Decode(bytes.NewReader(b))
		require.NoError(t, err)
		pages = append(pages, img)
	}
	return pages
}

func dark(img image.Image, x, y int) bool {
	v, _, _, _ := img.At(img.Bounds().Min.X+x, img.Bounds().Min.Y+y).RGBA()
	return v < 0x8000
}

// TestEveryFormShowsTheSame: all forms agree dot by dot but for the edges of
// letters and of the diamond, which each program rounds in its own way.
func TestEveryFormShowsTheSame(t *testing.T) {
	for name, l := range cases(t) {
		forms := rasters(t, l)
		for form, img := range forms {
			differ, ink := 0, 0
			for y := range l.height {
				for x := range l.width {
					if dark(forms["png"], x, y) {
						ink++
					}
					if dark(img, x, y) != dark(forms["png"], x, y) {
						differ++
					}
				}
			}
			if form == "zpl" {
				require.Zero(t, differ, "%s", name)
			}
			require.Less(t, differ*100, ink*8, "%s as %s: %d of %d dots differ", name, form, differ, ink)
			rows := len(l.modules) / l.moduleCols
			for y := range rows * l.moduleRowHeight * l.cell {
				for x := range l.moduleCols * l.cell {
					want := l.modules[y/l.cell/l.moduleRowHeight*l.moduleCols+x/l.cell]
					if want != dark(img, l.symbolX+x, l.symbolY+y) {
						t.Fatalf("%s as %s: dot %d, %d of the symbol is wrong", name, form, x, y)
					}
				}
			}
		}
	}
}

// inkIn counts the dots with ink in a box.
func inkIn(img image.Image, b box) (n int) {
	for y := b.y0; y < b.y1; y++ {
		for x := b.x0; x < b.x1; x++ {
			if dark(img, x, y) {
				n++
			}
		}
	}
	return n
}

// TestNothingOverlaps draws each block alone: their ink never meets, none reaches
// the quiet zone, and none leaves the label.
func TestNothingOverlaps(t *testing.T) {
	for name, l := range cases(t) {
		var alone []*Label
		symbol := *l
		symbol.texts, symbol.diamond = nil, diamond{}
		alone = append(alone, &symbol)
		rows := len(l.modules) / l.moduleCols
		frame := *l
		frame.texts, frame.modules = nil, nil
		alone = append(alone, &frame)
		for i := range l.texts {
			one := *l
			one.diamond, one.modules, one.texts = diamond{}, nil, l.texts[i:i+1]
			alone = append(alone, &one)
		}
		seen := make([]int, l.width*l.height)
		for i, part := range alone {
			img, err := png.Decode(bytes.NewReader(part.AppendPNG(nil)))
			require.NoError(t, err)
			for y := range l.height {
				for x := range l.width {
					if !dark(img, x, y) {
						continue
					}
					at := y*l.width + x
					if seen[at] != 0 {
						t.Fatalf("%s: parts %d and %d meet at %d, %d", name, seen[at]-1, i, x, y)
					}
					seen[at] = i + 1
				}
			}
			if i > 0 {
				high := rows * l.moduleRowHeight * l.cell
				zone := box{l.symbolX - 2*l.cell, l.symbolY - 2*l.cell, l.symbolX + (l.moduleCols+2)*l.cell, l.symbolY + high + 2*l.cell}
				if l.moduleRowHeight > 1 {
					zone.y0, zone.y1 = l.symbolY, l.symbolY+high
				}
				require.Zero(t, inkIn(img, zone), "%s: part %d reaches the quiet zone", name, i)
			}
			edge := int(float64(l.dpi) / 25.4)
			all := inkIn(img, box{0, 0, l.width, l.height})
			require.Equal(t, all, inkIn(img, box{edge, edge, l.width - edge, l.height - edge}), "%s: part %d is near the edge", name, i)
		}
	}
}

// TestEverySymbolIsRead scans the symbol with no more around it than its quiet
// zone.
func TestEverySymbolIsRead(t *testing.T) {
	for name, l := range cases(t) {
		for form, img := range rasters(t, l) {
			high := len(l.modules) / l.moduleCols * l.moduleRowHeight * l.cell
			zone := image.Rect(l.symbolX-2*l.cell, l.symbolY-2*l.cell, l.symbolX+(l.moduleCols+2)*l.cell, l.symbolY+high+2*l.cell)
			cut := image.NewGray(zone)
			draw.Draw(cut, zone, img, zone.Min, draw.Src)
			r, err := codes.Scan(cut, codes.ScanConfig{MaxTime: 20 * time.Second, MaxMarks: 1})
			require.NoError(t, err)
			require.Len(t, r.Hits, 1, "%s as %s", name, form)
		}
	}
}

// TestOthersReadTheLabel has another program find the symbol on the whole label.
func TestOthersReadTheLabel(t *testing.T) {
	dmtx, err := exec.LookPath("dmtxread")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("dmtxread is not installed: CI must have it")
		}
		t.Skip("dmtxread is not installed: labels are read by Go programs only")
	}
	for name, l := range cases(t) {
		if len(l.modules) != l.moduleCols*l.moduleCols || name == "qr" {
			continue // libdmtx reads squares
		}
		file := filepath.Join(t.TempDir(), "label.png")
		require.NoError(t, os.WriteFile(file, l.AppendPNG(nil), 0o600))
		out, err := exec.Command(dmtx, "-N1", file).Output()
		require.NoError(t, err, name)
		require.True(t, bytes.HasPrefix(out, frame(84).Data), "%s: %q", name, out)
	}
}

func TestSheet(t *testing.T) {
	l, err := Default().Lay(symbol(t, frame(84), codes.EncodeConfig{}), values)
	require.NoError(t, err)
	small := Sheet{WidthMM: 225, HeightMM: 150} // two by two
	var labels []*Label
	for range 7 {
		labels = append(labels, l)
	}
	b, err := small.AppendPDF(nil, labels)
	require.NoError(t, err)
	require.True(t, bytes.Contains(b, []byte("/Count 2")), "two pages")
	pages := pdfPages(t, b, 50)
	if pages != nil {
		require.Len(t, pages, 2)
		ink := func(i int) int { return inkIn(pages[i], box{0, 0, pages[i].Bounds().Dx(), pages[i].Bounds().Dy()}) }
		require.InDelta(t, 4.0/3, float64(ink(0))/float64(ink(1)), 0.05, "four labels, then three")
	}
	_, err = Sheet{WidthMM: 50}.AppendPDF(nil, labels)
	require.EqualError(t, err, "label: label 0 is 100.0 x 60.0 mm, the sheet has room for 30.0 x 277.0 mm")
	_, err = Sheet{}.AppendPDF(nil, nil)
	require.EqualError(t, err, "label: a sheet without labels")
}

func TestLayRefuses(t *testing.T) {
	dm := symbol(t, frame(84), codes.EncodeConfig{})
	for _, c := range []struct {
		s    *codes.Symbol
		v    map[string]string
		says string
	}{
		{nil, values, "label: no symbol"},
		{dm, with("title", "弾薬"), "label: the fonts have no character '弾' (U+5F3E)"},
		{dm, with("title", "\xff"), `label: text "\xff"…: want UTF-8 of at most 4096 bytes`},
		{dm, with("title", strings.Repeat("W", 200)), "label: no room for the text \"" + strings.Repeat("W", 60) + "\": it is 707.7 mm wide, there are 64.0 mm"},
		{dm, with("hazard", "explosive substances of a class"), `label: no room for the text "explosive substances of a class" in the diamond: it is 25.0 mm wide, there are 20.0 mm`},
		{dm, map[string]string{}, `label: template: text:1:2: executing "text" at <.title>: map has no entry for key "title"`},
		{symbol(t, frame(900), codes.EncodeConfig{}), values, "label: no room for the symbol: it is 84.0 mm high, there are 54.1 mm"},
		{symbol(t, codes.Payload{Data: []byte(strings.Repeat("A1", 20))}, codes.EncodeConfig{Symbology: codes.Code128}), values, "label: no room for the symbol: it is 335.3 mm wide, there are 94.1 mm"},
	} {
		_, err := Default().Lay(c.s, c.v)
		require.EqualError(t, err, c.says, c.says)
		if room := new(RoomError); errors.As(err, &room) {
			require.NotEmpty(t, room.Hint())
		}
	}
	_, err := new(Template).Lay(dm, values)
	require.EqualError(t, err, "label: a template must come from Parse or Default")
}

func TestParseRefuses(t *testing.T) {
	for in, says := range map[string]string{
		``:        "label: template: EOF",
		`{}`:      "label: template: width_mm is 0: want 10 to 500",
		`{} {}`:   "label: template: more than one JSON value",
		`{"x":1}`: `label: template: json: unknown field "x"`,
		`{"width_mm":50,"height_mm":30,"dpi":10}`:                                                     "label: template: dpi is 10: want 50 to 2400",
		`{"width_mm":50,"height_mm":1e9}`:                                                             "label: template: height_mm is 1e+09: want 10 to 500",
		`{"width_mm":50,"height_mm":30,"lines":[{"text":"{{"}]}`:                                      "label: template: lines[0]: template: text:1: unclosed action",
		`{"width_mm":50,"height_mm":30,"foot":[{},{"font":"comic"}]}`:                                 `label: template: foot[1]: font is "comic": want regular, bold or mono`,
		`{"width_mm":50,"height_mm":30,"lines":[{"size_mm":0.2}]}`:                                    "label: template: lines[0]: size_mm is 0.2: want 1 to 50",
		`{"width_mm":50,"height_mm":30,"lines":[{"text":"{{range .}}{{end}}"}]}`:                      "label: template: lines[0]: want no define, template, block and range: what they do takes any time",
		`{"width_mm":50,"height_mm":30,"lines":[{"text":"{{if .x}}{{template \"text\" .}}{{end}}"}]}`: "label: template: lines[0]: want no define, template, block and range: what they do takes any time",
		`{"width_mm":50,"height_mm":30,"diamond":"{{.x"}`:                                             "label: template: diamond: template: text:1: unclosed action",
	} {
		_, err := Parse(strings.NewReader(in))
		require.EqualError(t, err, says, in)
	}
}

func TestDefaultIsAFileToBeginWith(t *testing.T) {
	again, err := Parse(bytes.NewReader(Default().JSON()))
	require.NoError(t, err)
	require.Equal(t, Default().JSON(), again.JSON())
}

// TestStationsDrawAtOnce: labels drawn by several goroutines are those drawn by
// one.
func TestStationsDrawAtOnce(t *testing.T) {
	tmpl, dm := Default(), symbol(t, frame(84), codes.EncodeConfig{})
	label := func(i int) []byte {
		l, err := tmpl.Lay(dm, with("identity", fmt.Sprintf("XCW/24E017/B/%d", i), "title", string(rune('А'+i%30))))
		if err != nil {
			return nil
		}
		return l.AppendPNG(l.AppendZPL(l.AppendSVG(nil)))
	}
	const n = 60
	got := make([][]byte, n)
	var wg sync.WaitGroup
	for station := range 4 {
		wg.Go(func() {
			for i := station; i < n; i += 4 {
				got[i] = label(i)
			}
		})
	}
	wg.Wait()
	for i := range got {
		require.NotEmpty(t, got[i])
		require.True(t, bytes.Equal(label(i), got[i]), "label %d", i)
	}
}

func FuzzTemplate(f *testing.F) {
	seeds := 0
	for _, s := range []string{
		string(defaultJSON), `{}`, `{"width_mm":50,"height_mm":30,"lines":[{"text":"{{.title}}"}]}`,
		`{"width_mm":20,"height_mm":10,"dpi":2400,"module_mm":0.1,"lines":[{"text":"x","size_mm":50}],"diamond":"1"}`,
	} {
		f.Add([]byte(s), "9x19", "1.4S")
		seeds++
	}
	if seeds < 4 {
		f.Fatalf("only %d seeds", seeds)
	}
	dm := symbol(f, frame(10), codes.EncodeConfig{})
	f.Fuzz(func(t *testing.T, file []byte, title, hazard string) {
		tmpl, err := Parse(bytes.NewReader(file))
		if err != nil {
			return
		}
		again, err := Parse(bytes.NewReader(tmpl.JSON()))
		require.NoError(t, err)
		require.Equal(t, tmpl.JSON(), again.JSON())
		if tmpl.DPI > 300 || tmpl.WidthMM > 100 || tmpl.HeightMM > 100 {
			return // slow to draw
		}
		l, err := tmpl.Lay(dm, with("title", title, "hazard", hazard))
		if err != nil {
			return
		}
		img, err := drawtest.ZPL(l.AppendZPL(nil))
		require.NoError(t, err)
		require.NotNil(t, img)
		_, err = drawtest.SVG(l.AppendSVG(nil), 2)
		require.NoError(t, err)
		l.AppendPDF(nil)
	})
}

func BenchmarkLabel(b *testing.B) {
	tmpl := Default()
	s := symbol(b, frame(84), codes.EncodeConfig{})
	b.Run("bare signature", func(b *testing.B) { // what to compare with
		key := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
		for b.Loop() {
			ed25519.Sign(key, frame(20).Data)
		}
	})
	for name, draw := range map[string]func(l *Label, b []byte) []byte{
		"lay": func(_ *Label, b []byte) []byte { return b },
		"svg": (*Label).AppendSVG, "png": (*Label).AppendPNG, "zpl": (*Label).AppendZPL, "pdf": (*Label).AppendPDF,
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			var out []byte
			for b.Loop() {
				l, err := tmpl.Lay(s, values)
				if err != nil {
					b.Fatal(err)
				}
				out = draw(l, out[:0])
			}
		})
	}
}

func ExampleTemplate_Lay() {
	symbol, err := codes.Encode(codes.Payload{Data: []byte("XCW/24E017/B/412")}, codes.EncodeConfig{})
	if err != nil {
		fmt.Println(err)
		return
	}
	template, err := Parse(strings.NewReader(`{
		"width_mm": 60, "height_mm": 25, "dpi": 203,
		"lines": [{"text": "LOT {{.lot}}", "size_mm": 3, "font": "bold"}],
		"diamond": "{{.hazard}}", "diamond_mm": 12
	}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	l, err := template.Lay(symbol, map[string]string{"lot": "24E017-B", "hazard": "1.4S"})
	if err != nil {
		fmt.Println(err)
		return
	}
	w, h := l.SizeMM()
	fmt.Printf("%.2f x %.2f mm\n", w, h)
	fmt.Println(string(l.AppendZPL(nil)[:33]))
	// Output:
	// 60.06 x 25.02 mm
	// ^XA^PW480^LL200^LH0,0^LS0^FO24,24
}
