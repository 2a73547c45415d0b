package main

import (
	"bytes"
	"encoding/json"
	"image"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sublot/sublot/codes/drawtest"
	"github.com/sublot/sublot/trace"
)

var testDay = time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)

// command runs sublot in this process and returns what it wrote.
func command(t *testing.T, want int, args ...string) string {
	t.Helper()
	var out bytes.Buffer
	errors, err := os.Create(filepath.Join(t.TempDir(), "stderr"))
	require.NoError(t, err)
	defer errors.Close()
	s := &session{Context: t.Context(), in: os.Stdin, out: &out, err: errors, today: trace.DayOf(testDay)}
	code := run(s, args)
	says, err := os.ReadFile(errors.Name())
	require.NoError(t, err)
	require.Equal(t, want, code, "sublot %s\n%s%s", strings.Join(args, " "), says, out.String())
	return out.String()
}

// A drawing is a mark in a form that a printer takes, and how to see it.
var drawings = map[string]func(t *testing.T, b []byte) image.Image{
	"png": func(t *testing.T, b []byte) image.Image {
		img, err := png.Decode(bytes.NewReader(b))
		require.NoError(t, err)
		return img
	},
	"svg": func(t *testing.T, b []byte) image.Image {
		img, err := drawtest.SVG(b, 9)
		require.NoError(t, err)
		return img
	},
	"zpl": func(t *testing.T, b []byte) image.Image {
		img, err := drawtest.ZPL(b)
		require.NoError(t, err)
		return img
	},
	"pdf": func(t *testing.T, b []byte) image.Image {
		out, err := os.CreateTemp(t.TempDir(), "*.png")
		require.NoError(t, err)
		defer out.Close()
		in := out.Name() + ".pdf"
		require.NoError(t, os.WriteFile(in, b, 0o600))
		says, err := exec.Command("gs", "-q", "-dNOPAUSE", "-dBATCH", "-dSAFER", "-sDEVICE=pnggray", "-r200", "-o", out.Name(), in).CombinedOutput()
		require.NoError(t, err, "%s", says)
		img, err := png.Decode(out)
		require.NoError(t, err)
		return img
	},
}

// TestMarksAreRead reads back what mark draws, with what scan reads by: every
// symbology in every format, and every syntax that a symbology carries.
func TestMarksAreRead(t *testing.T) {
	dir := t.TempDir()
	key, trust := filepath.Join(dir, "line.key"), filepath.Join(dir, "line.key.json")
	command(t, exitDone, "key", "new", "--maker", "XCW", "--out", key, "--in-clear")
	register := filepath.Join(dir, "register")
	command(t, exitDone, "key", "register", "--issuer", "XCW", "--out", register)
	formats := []string{"png", "svg", "zpl"}
	if _, err := exec.LookPath("gs"); err == nil {
		formats = append(formats, "pdf")
	} else if os.Getenv("CI") != "" {
		t.Fatal("gs is not installed, and CI is set: labels in PDF cannot be looked at")
	} else {
		t.Log("gs is not installed: labels in PDF are not looked at")
	}

	type run struct {
		symbology, syntax string
		more, formats     []string
	}
	var runs []run
	for symbology, syntaxes := range syntaxesOf {
		for i, syntax := range syntaxes {
			r := run{symbology: symbology, syntax: syntax, formats: formats}
			if i > 0 {
				r.formats = formats[i%3 : i%3+1] // the symbol has the same modules in all of them
			}
			runs = append(runs, r)
		}
	}
	bare := formats[:3]
	runs = append(runs,
		run{"dmre", "frame", []string{"--size", "24x64", "--bare", "--module", "0.2"}, bare},
		run{"dmre", "frame", []string{"--size", "26"}, formats[:1]},
		run{"datamatrix", "frame", []string{"--bare", "--dpi", "203", "--module", "0.5"}, bare},
		run{"qr", "frame", []string{"--bare"}, formats[:1]},
		run{"aztec", "frame", []string{"--bare"}, formats[1:2]},
		run{"code128", "identity", []string{"--bare"}, bare},
		run{"datamatrix", "pointer", []string{"--size", "14"}, bare},
		run{"datamatrix", "pointer", nil, formats[:1]},
		run{"datamatrix", "pointer", []string{"--size", "18"}, formats[1:2]},
	)
	for i, r := range runs {
		name := strings.Join(append([]string{r.symbology, r.syntax}, r.more...), " ")
		t.Run(name, func(t *testing.T) {
			out := filepath.Join(t.TempDir(), "labels")
			args := []string{"mark", "--calibre", "9x19", "--made", "2024-03", "--item", "XCW/L24-012/001/0042", "--out", out, "--format", strings.Join(r.formats, ",")}
			if r.syntax == "pointer" {
				args = append(args, "--register", register, "--first-number", "77", "--level", "item", "--rounds", "1")
			} else {
				args = append(args, "--key", key, "--symbology", r.symbology, "--syntax", r.syntax, "--level", "crate", "--rounds", "1000")
			}
			if r.syntax == "gs1" || r.syntax == "link" || r.syntax == "iso15434-05" {
				args = append(args, "--gtin", "09520123456788")
			}
			if r.syntax == "iso15434-12" || r.symbology == "dmre" && (r.syntax == "gs1" || r.syntax == "link" || r.syntax == "iso15434-05") {
				command(t, exitBad, append(args, r.more...)...) // XCW is no CAGE code, and no rectangle is so large
				return
			}
			command(t, exitDone, append(args, r.more...)...)
			for _, format := range r.formats {
				b, err := os.ReadFile(filepath.Join(out, "XCW_L24-012_001_0042."+format))
				require.NoError(t, err)
				seen := scanPicture(t, drawings[format](t, b), trust, r.symbology)
				require.Len(t, seen.Marks, 1, "%s in %s: %v", name, format, seen.Seen)
				m := seen.Marks[0]
				switch signed := r.syntax == "frame" || r.syntax == "text" || (r.syntax == "gs1" || r.syntax == "link" || r.syntax == "iso15434-05") && r.symbology != "gs1-128"; {
				case r.syntax == "pointer":
					require.Equal(t, "registered", m.Signature)
					continue
				case signed:
					require.Equal(t, "valid", m.Signature, "%s in %s: %s", name, format, m.Reason)
					require.Equal(t, map[string]string{"level": "crate", "calibre": "9x19", "made": "2024-03", "rounds": "1000"}, without(m.Fields, "gtin"))
				default:
					require.Equal(t, "unsigned", m.Signature)
				}
				require.Equal(t, "XCW/L24-012/001/0042", m.Item)
			}
		})
		if testing.Short() && i > 4 {
			break
		}
	}
}

func without(fields map[string]string, name string) map[string]string {
	delete(fields, name)
	return fields
}

// scanPicture reads a picture as scan does.
func scanPicture(t *testing.T, img image.Image, trust, symbology string) scanned {
	path := filepath.Join(t.TempDir(), "picture.png")
	var b bytes.Buffer
	require.NoError(t, (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&b, img))
	require.NoError(t, os.WriteFile(path, b.Bytes(), 0o600))
	kind := strings.NewReplacer("dmre", "datamatrix", "gs1-128", "code128").Replace(symbology)
	var out bytes.Buffer
	s := &session{Context: t.Context(), in: os.Stdin, out: &out, err: os.Stderr}
	code := run(s, []string{"scan", "--json", "--time-limit", "60s", "--trust", trust, "--symbology", kind, path})
	require.Contains(t, []int{exitDone, exitNo}, code)
	var r scanned
	require.NoError(t, json.Unmarshal(out.Bytes(), &r))
	if slices.ContainsFunc(r.Marks, func(m scannedMark) bool { return m.Signature != "valid" }) {
		require.Equal(t, exitNo, code, "not all is valid, and somebody was named to trust")
	}
	return r
}
