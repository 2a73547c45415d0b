package plot

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// drawings are figures of ordinary and of awkward sizes.
func drawings() map[string]*Drawing {
	var many []Bar
	for i := range 40 {
		many = append(many, Bar{Label: fmt.Sprintf("<a & b> %d", i), Value: int64(i * i * 1000)})
	}
	lane := Lane{Label: "A  a party with a name that is far too long for the place that it has", Fill: Palette[0],
		Spans: []Lasting{{From: 19000, To: 19800, Open: true, Pattern: Dotted}}, Marks: []Mark{{19000, "1"}, {19001, "2"}, {19400, "3"}, {19800, "100"}}}
	line := Timeline{Title: "t", Desc: "d", From: 19000, To: 19800, Lanes: []Lane{lane, lane}, Line: 19800, LineLabel: "recovered 2024-03-17",
		Shade: &Lasting{From: 19700, To: 19750}, ShadeLabel: "left lawful custody"}
	day := Timeline{Title: "t", From: 19000, To: 19000, Lanes: []Lane{lane}}
	return map[string]*Drawing{
		"bars": Bars(174, "t", "d", many), "no bars": Bars(174, "t", "d", nil), "zero": Bars(174, "t", "d", []Bar{{Label: "x"}}),
		"columns": Histogram(174, "t", "d", many), "no columns": Histogram(174, "t", "d", nil),
		"timeline": line.Draw(174), "one day": day.Draw(174),
		"steps": Steps(174, "t", "d", []Step{{19000, 400000}, {19001, -20000}, {19900, 1}}), "one step": Steps(174, "t", "d", []Step{{19000, 5}}),
	}
}

// TestDrawingsKeepToTheirField wants every shape within the drawing, and the SVG
// to be XML that names what it shows.
func TestDrawingsKeepToTheirField(t *testing.T) {
	const slack = 3.0 // half a mark, an arrow
	for name, d := range drawings() {
		t.Run(name, func(t *testing.T) {
			for _, s := range d.shapes {
				left, right := 0.0, 0.0
				if s.text != "" {
					w := Width(s.text, s.size, s.bold)
					left, right = [...]float64{0, w / 2, w}[s.anchor], [...]float64{w, w / 2, 0}[s.anchor]
				}
				for _, p := range s.points {
					require.GreaterOrEqual(t, p.x-left, -slack, "%q", s.text)
					require.LessOrEqual(t, p.x+right, d.W+slack, "%q", s.text)
					require.GreaterOrEqual(t, p.y, -slack)
					require.LessOrEqual(t, p.y, d.H+slack)
				}
			}
			svg := d.SVG("f1")
			require.Contains(t, svg, `<title id="f1-t">t</title>`)
			dec := xml.NewDecoder(strings.NewReader(svg))
			for {
				if _, err := dec.Token(); err == io.EOF {
					break
				} else {
					require.NoError(t, err)
				}
			}
		})
	}
}

func TestFit(t *testing.T) {
	require.Equal(t, "short", Fit("short", 50, 3, false))
	got := Fit("a rather long text that does not fit", 20, 3, false)
	require.True(t, strings.HasSuffix(got, "…"), got)
	require.LessOrEqual(t, Width(got, 3, false), 20.0)
	require.Empty(t, Fit("nothing", 1, 3, false))
}

func TestTicks(t *testing.T) {
	for _, c := range []struct{ from, to int }{{19000, 19010}, {19000, 19100}, {19000, 19800}, {10000, 20000}, {-700000, 19000}} {
		got := ticks(c.from, c.to)
		require.LessOrEqual(t, len(got), 8, "%v", c)
		for _, x := range got {
			require.GreaterOrEqual(t, x.day, c.from)
			require.LessOrEqual(t, x.day, c.to)
		}
	}
}

func TestNiceStep(t *testing.T) {
	for _, top := range []int64{1, 2, 9, 10, 99, 1000, 123456, 1e15} {
		step := niceStep(top)
		require.Positive(t, step)
		require.LessOrEqual(t, (top+step-1)/step, int64(6), "%d in steps of %d", top, step)
	}
}
