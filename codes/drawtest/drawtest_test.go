package drawtest

import (
	"image"
	"testing"

	"github.com/stretchr/testify/require"
)

// rows draws a picture with '#' and '.'.
func rows(img image.Image) (lines []string) {
	b := img.Bounds()
	for y := b.Min.Y; y < b.Max.Y; y++ {
		line := ""
		for x := b.Min.X; x < b.Max.X; x++ {
			if v, _, _, _ := img.At(x, y).RGBA(); v < 0x8000 {
				line += "#"
			} else {
				line += "."
			}
		}
		lines = append(lines, line)
	}
	return lines
}

func TestZPL(t *testing.T) {
	img, err := ZPL([]byte("^XA^PW20^LL6^FO2,1^GFA,8,8,2,F0F0:,:^FS^FO0,5^GFA,3,3,3,!^FS^XZ"))
	require.NoError(t, err)
	require.Equal(t, []string{
		"....................",
		"..####....####......",
		"..####....####......",
		"....................",
		"....................",
		"####################",
	}, rows(img))

	img, err = ZPL([]byte("^XA^FO0,0^GFA,4,4,4,JFH0,^FS^XZ"))
	require.NoError(t, err)
	require.Equal(t, []string{"################................"}, rows(img))

	for _, bad := range []string{"", "^XA", "^XZ", "^XA^GFB,1,1,1,0^XZ", "^XA^GFA,1,1,0,0^XZ", "^XA^GFA,2,2,1,FFF^XZ", "^XA^GFA,2,2,1,:^XZ", "^XA^A0N^XZ", "^XA^GFA,1,1,1,X^XZ"} {
		_, err := ZPL([]byte(bad))
		require.Error(t, err, bad)
	}
}

func TestSVG(t *testing.T) {
	img, err := SVG([]byte(`<svg xmlns="http://www.w3.org/2000/svg" width="6mm" height="3mm" viewBox="0 0 12 6"><title>x</title>
		<path d="M0 0h12v2H0z"/><path fill="#fff" d="M2 0h2v2h-2z"/>
		<g transform="translate(4 4) scale(2)"><rect x="1" width="2" height="1"/></g></svg>`), 2)
	require.NoError(t, err)
	require.Equal(t, []string{
		"##..########",
		"##..########",
		"............",
		"............",
		"......####..",
		"......####..",
	}, rows(img))

	for _, bad := range []string{
		"", "<svg/>", `<svg width="1mm" height="1mm" viewBox="0 0 1 1"><circle/></svg>`,
		`<svg width="1mm" height="1mm" viewBox="0 0 1 1"><path d="M0 0x"/></svg>`,
		`<svg width="1e9mm" height="1mm" viewBox="0 0 1 1"/>`,
		`<svg width="1mm" height="1mm" viewBox="0 0 1 1"><path fill="url(#a)" d=""/></svg>`,
		`<svg width="1mm" height="1mm" viewBox="0 0 1 1">`,
	} {
		_, err := SVG([]byte(bad), 2)
		require.Error(t, err, bad)
	}
}
