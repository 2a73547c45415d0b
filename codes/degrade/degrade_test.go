package degrade_test

import (
	"fmt"
	"image"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sublot/sublot/codes/degrade"
)

// checker is a grid of dark and light modules in turn.
type checker int

func (n checker) Width() int  { return int(n) }
func (n checker) Height() int { return int(n) }
func (n checker) At(x, y int) bool {
	return x >= 0 && y >= 0 && x < int(n) && y < int(n) && (x+y)%2 == 0
}
func (n checker) QuietZone() int { return 2 }

// settings has one Config for each thing that can happen to a picture.
var settings = map[string]degrade.Config{
	"rotation": {Rotation: 20}, "tilt": {Tilt: 30}, "cylinder": {Cylinder: 50}, "light": {Light: 0.5},
	"blur": {Blur: 0.5}, "contrast": {Contrast: 40}, "noise": {Noise: 20}, "dots": {Dots: 0.7, Jitter: 0.1},
	"rough": {Rough: 0.3}, "damage": {Damage: 0.2}, "jpeg": {JPEG: 20, Noise: 5}, "inverted": {Inverted: true},
	"mirrored": {Mirrored: true, Damage: 0.1}, "background": {Background: 0.5}, "motion": {Motion: 1}, "glare": {Glare: 0.8}, "cover": {Cover: 0.1},
	"axis": {Cylinder: 50, Axis: 30}, "photo": degrade.Photo(1),
}

func TestEverySettingChangesThePictureAndIsRepeatable(t *testing.T) {
	seen := map[string]string{string(degrade.Draw(checker(12), degrade.Config{}).Pix): "nothing"}
	for name, c := range settings {
		c.Seed = 5
		p := degrade.Draw(checker(12), c)
		require.Empty(t, seen[string(p.Pix)], "%s gives the same picture as %s", name, seen[string(p.Pix)])
		seen[string(p.Pix)] = name
		require.Equal(t, p, degrade.Draw(checker(12), c), "%s twice", name)
	}
}

func TestSeedsDifferWhereThereIsChance(t *testing.T) {
	for _, name := range []string{"noise", "dots", "rough", "damage", "light", "background"} {
		a, b := settings[name], settings[name]
		a.Seed, b.Seed = 1, 2
		require.NotEqual(t, degrade.Draw(checker(12), a), degrade.Draw(checker(12), b), name)
	}
	require.NotEqual(t, degrade.Photo(1), degrade.Photo(2))
	require.Equal(t, degrade.Photo(1), degrade.Photo(1))
}

// The zero Config is the symbol as it is, 5 pixels a module.
func TestZeroConfigIsTheSymbol(t *testing.T) {
	p := degrade.Draw(checker(4), degrade.Config{})
	require.Equal(t, image.Rect(0, 0, 5*9, 5*9), p.Rect) // 4 modules, quiet zones of 2, a rim of a half
	for y := range 4 {
		for x := range 4 {
			want := uint8(255)
			if (x+y)%2 == 0 {
				want = 0
			}
			require.Equal(t, want, p.GrayAt(int((2.5+float64(x)+0.5)*5), int((2.5+float64(y)+0.5)*5)).Y)
		}
	}
}

func TestContrastAndNoiseAreInLevelsOfGray(t *testing.T) {
	p := degrade.Draw(checker(8), degrade.Config{Contrast: 8})
	low, high := uint8(255), uint8(0)
	for _, v := range p.Pix {
		low, high = min(low, v), max(high, v)
	}
	require.InDelta(t, 8, int(high)-int(low), 1)

	p = degrade.Draw(checker(8), degrade.Config{Contrast: 1, Noise: 10})
	sum, squares := 0.0, 0.0
	for _, v := range p.Pix {
		sum += float64(v)
		squares += float64(v) * float64(v)
	}
	n := float64(len(p.Pix))
	require.InDelta(t, 10, math.Sqrt(squares/n-sum*sum/n/n), 0.5)
}

func TestPhotographShowsTheDrawing(t *testing.T) {
	drawing := image.NewGray(image.Rect(0, 0, 80, 40))
	for i := range drawing.Pix {
		drawing.Pix[i] = uint8(255 * (i / 80 / 20)) // dark above, light below
	}
	p := degrade.Photograph(drawing, 4, degrade.Config{ModulePixels: 3})
	require.Equal(t, image.Rect(0, 0, 63, 33), p.Rect)
	require.Equal(t, uint8(0), p.GrayAt(30, 8).Y)
	require.Equal(t, uint8(255), p.GrayAt(30, 25).Y)
}

func ExampleDraw() {
	picture := degrade.Draw(checker(16), degrade.Config{ModulePixels: 4, Rotation: 30, Blur: 0.3, Noise: 10, Seed: 1})
	fmt.Println(picture.Bounds())
	// Output: (0,0)-(114,114)
}
