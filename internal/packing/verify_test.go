package packing

import (
	"crypto/ed25519"
	"fmt"
	"image"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sublot/sublot/codes"
	"github.com/sublot/sublot/codes/degrade"
	"github.com/sublot/sublot/marking"
)

var key = ed25519.NewKeyFromSeed(make([]byte, 32))

func frameOf(t testing.TB, unit string) []byte {
	f, err := marking.Sign(marking.Mark{Item: id(unit), Level: marking.Box, Calibre: "9x19", Rounds: 50}, key)
	require.NoError(t, err)
	return f
}

func symbolOf(t testing.TB, payload []byte) *codes.Symbol {
	s, err := codes.Encode(codes.Payload{Data: payload}, codes.EncodeConfig{})
	require.NoError(t, err)
	return s
}

func TestCheckPrint(t *testing.T) {
	trust, err := marking.NewTrust(marking.Key{Source: "XA-EXP", ID: "K", Maker: "XCW", Public: key.Public().(ed25519.PublicKey)})
	require.NoError(t, err)
	nobody, err := marking.NewTrust()
	require.NoError(t, err)
	frame := frameOf(t, "001/0042")
	ours := symbolOf(t, frame)
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
	paste(symbolOf(t, frameOf(t, "001/0041")), 500)
	worn := degrade.Config{Seed: 1, ModulePixels: 6, Damage: 0.09}
	other, err := marking.Sign(marking.Mark{Item: id("001/0042"), Level: marking.Box, Calibre: "9x19", Rounds: 20}, key)
	require.NoError(t, err)
	for _, c := range []struct {
		name    string
		picture image.Image
		trust   *marking.Trust
		ok      bool
		why     string
	}{
		{"as drawn", ours.Image(4), trust, true, "good"},
		{"a photograph", degrade.Draw(ours, degrade.Config{Seed: 1, ModulePixels: 6, Rotation: 7, Blur: 0.3, Noise: 6}), trust, true, "good"},
		{"without trust", ours.Image(4), nil, true, "good"},
		{"key not trusted", ours.Image(4), nobody, false, "readers will not believe the mark: no trusted key"},
		{"blank", image.NewGray(image.Rect(0, 0, 400, 400)), trust, false, "no symbol can be read; nothing with the edges"},
		{"another box", symbolOf(t, frameOf(t, "001/0043")).Image(4), trust, false, "shows the mark of XCW/XCW24C001-012/001/0043, wanted XCW/XCW24C001-012/001/0042"},
		{"two labels", two, trust, false, "0041, wanted XCW/XCW24C001-012/001/0042 alone"},
		{"old label", symbolOf(t, other).Image(4), trust, false, "says other things than were sent"},
		{"foreign", symbolOf(t, []byte("hello")).Image(4), trust, false, `none of ours: "hello"`},
		{"worn", degrade.Draw(ours, worn), trust, false, "corrections used: a fresh print must be good"},
		{"faint", degrade.Draw(ours, degrade.Config{Seed: 1, ModulePixels: 6, Contrast: 30}), trust, false, "too faint"},
	} {
		got, err := CheckPrint(c.picture, frame, c.trust, 20*time.Second) // tests share their cores
		require.NoError(t, err, c.name)
		require.Equal(t, c.ok, got.OK, "%s: %s", c.name, got.Why)
		require.Contains(t, got.Why, c.why, c.name)
	}
	got, err := CheckPrint(ours.Image(4), []byte("no frame"), nil, 0)
	require.NoError(t, err)
	require.Contains(t, got.Why, "no mark")
	_, err = CheckPrint(nil, frame, nil, 0)
	require.Error(t, err)
}

func ExampleCheckPrint() {
	frame, _ := marking.Sign(marking.Mark{Item: marking.MustParseID("XCW/XCW24C001-012/001/0042"), Level: marking.Box}, key)
	wrong, _ := marking.Sign(marking.Mark{Item: marking.MustParseID("XCW/XCW24C001-012/001/0043"), Level: marking.Box}, key)
	symbol, _ := codes.Encode(codes.Payload{Data: wrong}, codes.EncodeConfig{})
	label, _ := CheckPrint(symbol.Image(4), frame, nil, 0)
	fmt.Println(label.OK, label.Why)
	// Output: false the picture shows the mark of XCW/XCW24C001-012/001/0043, wanted XCW/XCW24C001-012/001/0042 alone
}
