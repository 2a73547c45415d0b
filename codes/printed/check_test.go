package printed

import (
	"fmt"
	"image"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sublot/sublot/codes"
	"github.com/sublot/sublot/codes/degrade"
)

func payload(s string) codes.Payload { return codes.Payload{Data: []byte(s)} }

func symbolOf(t testing.TB, s string) *codes.Symbol {
	symbol, err := codes.Encode(payload(s), codes.EncodeConfig{})
	require.NoError(t, err)
	return symbol
}

// name reads labels such as "BOX 42, 50 rounds".
func name(payload []byte) string {
	box, _, ours := strings.Cut(string(payload), ", ")
	if !ours {
		return ""
	}
	return box
}

func TestCheck(t *testing.T) {
	const sent = "BOX 42, 50 rounds of 9x19 in lot XCW24C001-012, signed by somebody"
	ours := symbolOf(t, sent)
	two := image.NewGray(image.Rect(0, 0, 900, 400))
	for i := range two.Pix {
		two.Pix[i] = 255
	}
	paste := func(s *codes.Symbol, x int) {
		img := s.Image(6)
		for p := range img.Pix {
			two.SetGray(x+p%img.Stride, 20+p/img.Stride, img.GrayAt(p%img.Stride, p/img.Stride))
		}
	}
	paste(ours, 10)
	paste(symbolOf(t, strings.Replace(sent, "42", "41", 1)), 500)
	mirrored := ours.Image(4)
	for y := range mirrored.Rect.Dy() {
		row := mirrored.Pix[y*mirrored.Stride : y*mirrored.Stride+mirrored.Rect.Dx()]
		for i, j := 0, len(row)-1; i < j; i, j = i+1, j-1 {
			row[i], row[j] = row[j], row[i]
		}
	}
	for _, c := range []struct {
		name    string
		picture image.Image
		ok      bool
		why     string
	}{
		{"as drawn", ours.Image(4), true, "good"},
		{"a photograph", degrade.Draw(ours, degrade.Config{Seed: 1, ModulePixels: 6, Rotation: 7, Blur: 0.3, Noise: 6}), true, "good"},
		{"blank", image.NewGray(image.Rect(0, 0, 400, 400)), false, "no symbol can be read; nothing with the edges"},
		{"another box", symbolOf(t, strings.Replace(sent, "42", "43", 1)).Image(4), false, "the symbol of BOX 43, wanted BOX 42 alone"},
		{"two labels", two, false, "BOX 41, wanted BOX 42 alone"},
		{"old label", symbolOf(t, "BOX 42, 20 rounds").Image(4), false, "says other things than were sent"},
		{"foreign", symbolOf(t, "hello").Image(4), false, `none of ours: "hello"`},
		{"worn", degrade.Draw(ours, degrade.Config{Seed: 1, ModulePixels: 6, Damage: 0.09}), false, "corrections used: a fresh print must be good"},
		{"faint", degrade.Draw(ours, degrade.Config{Seed: 1, ModulePixels: 6, Contrast: 30}), false, "too faint"},
		{"from behind", mirrored, false, "mirrored"},
	} {
		got, err := Check(c.picture, payload(sent), Config{MaxTime: 20 * time.Second, Name: name}) // tests share their cores
		require.NoError(t, err, c.name)
		require.Equal(t, c.ok, got.OK, "%s: %s", c.name, got.Why)
		require.Contains(t, got.Why, c.why, c.name)
	}
	_, err := Check(nil, payload(sent), Config{})
	require.Error(t, err)
	strict, err := Check(ours.Image(4), payload(sent), Config{MinContrast: 300})
	require.NoError(t, err)
	require.Contains(t, strict.Why, "wanted 300")
}

func ExampleCheck() {
	wrong, _ := codes.Encode(payload("BOX 43"), codes.EncodeConfig{})
	label, _ := Check(wrong.Image(4), payload("BOX 42"), Config{})
	fmt.Println(label.OK, label.Why)
	// Output: false the picture shows the symbol of "BOX 43", wanted "BOX 42" alone
}
