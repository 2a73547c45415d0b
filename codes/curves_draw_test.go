package codes_test

import (
	"fmt"
	"strings"

	"github.com/sublot/sublot/codes"
)

var peerColours = map[string]string{"sublot": "#0b6e4f", "gozxing": "#c0392b", "zxing-cpp": "#4a6fa5"}

// drawCurves draws one small chart a series: the share read against the level.
func drawCurves(symbology codes.Symbology, peers []peer, curves map[string][][]int, trials int) []byte {
	const (
		across     = 4
		w, h       = 220, 150 // of a chart
		left, top  = 34, 26
		plotW      = w - left - 14
		plotH      = h - top - 36
		titleSpace = 34
	)
	rows := (len(allSeries) + across - 1) / across
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="10">`+"\n", across*w, rows*h+titleSpace)
	fmt.Fprintf(&b, `<rect width="100%%" height="100%%" fill="#fff"/><text x="8" y="18" font-size="13">%s of 100 bytes: share read of %d pictures a level</text>`+"\n", symbology, trials)
	for k, p := range peers {
		fmt.Fprintf(&b, `<text x="%d" y="18" fill="%s" font-weight="bold">%s</text>`+"\n", 480+k*90, peerColours[p.name], p.name)
	}
	for i, s := range allSeries {
		counts, ok := curves[s.name]
		if !ok {
			continue
		}
		x0, y0 := i%across*w+left, i/across*h+titleSpace+top
		x := func(l int) int { return x0 + plotW*l/max(len(s.levels)-1, 1) }
		fmt.Fprintf(&b, `<g><text x="%d" y="%d" font-weight="bold">%s</text><text x="%d" y="%d" fill="#666" font-size="8">%s</text>`, x0, y0-8, s.name, x0, y0+plotH+24, s.unit)
		fmt.Fprintf(&b, `<path d="M%d %dh%dM%d %dh%dM%d %dv%d" stroke="#bbb" fill="none"/>`, x0, y0, plotW, x0, y0+plotH, plotW, x0, y0, plotH)
		fmt.Fprintf(&b, `<text x="%d" y="%d" text-anchor="end">100</text><text x="%d" y="%d" text-anchor="end">0</text>`, x0-4, y0+4, x0-4, y0+plotH+4)
		for l, level := range s.levels {
			fmt.Fprintf(&b, `<text x="%d" y="%d" text-anchor="middle" font-size="8">%v</text>`, x(l), y0+plotH+12, level)
		}
		for k := len(peers) - 1; k >= 0; k-- {
			var points []string
			for l := range s.levels {
				points = append(points, fmt.Sprintf("%d,%d", x(l), y0+plotH-plotH*counts[k][l]/trials))
			}
			fmt.Fprintf(&b, `<polyline points="%s" fill="none" stroke="%s" stroke-width="%s"/>`, strings.Join(points, " "), peerColours[peers[k].name], map[bool]string{true: "2.5", false: "1.5"}[k == 0])
		}
		b.WriteString("</g>\n")
	}
	b.WriteString("</svg>\n")
	return []byte(b.String())
}
