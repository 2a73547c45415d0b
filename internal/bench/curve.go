package bench

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// Curve draws how the time of look-ups grows with the size of a ledger, as an
// SVG picture: both axes are logarithmic.
func Curve(reports []*Report) []byte {
	reports = slices.Clone(reports)
	slices.SortFunc(reports, func(a, b *Report) int { return cmp.Compare(a.Spans, b.Spans) })
	lines := []struct {
		name, color string
		dash        string
		at          func(*Report) float64
	}{
		{"database Get, p50", "#777", "", func(r *Report) float64 { return r.Hot.Get.P50 }},
		{"database Get, p99", "#777", "5 4", func(r *Report) float64 { return r.Hot.Get.P99 }},
		{"custody, p50", "#06c", "", func(r *Report) float64 { return r.Hot.Custody.P50 }},
		{"custody, p99", "#06c", "5 4", func(r *Report) float64 { return r.Hot.Custody.P99 }},
		{"custody cold, p50", "#c60", "", func(r *Report) float64 { return r.Cold.Custody.P50 }},
		{"proof, p50", "#282", "", func(r *Report) float64 { return quantile50(r.Hot.Proof) }},
		{"finding, p50", "#909", "", func(r *Report) float64 { return quantile50(r.Hot.Resolve) }},
		{"finding uncached, p50", "#909", "5 4", func(r *Report) float64 { return quantile50(r.Hot.Uncached) }},
	}
	const width, height, left, top, bottom, right = 720, 420, 70, 20, 50, 170
	lowX, highX, lowY, highY := math.Inf(1), math.Inf(-1), math.Inf(1), math.Inf(-1)
	for _, r := range reports {
		lowX, highX = min(lowX, float64(r.Spans)), max(highX, float64(r.Spans))
		for _, l := range lines {
			if v := l.at(r); v > 0 {
				lowY, highY = min(lowY, v), max(highY, v)
			}
		}
	}
	lowY, highY = math.Pow(10, math.Floor(math.Log10(lowY))), math.Pow(10, math.Ceil(math.Log10(highY)))
	if highX <= lowX {
		lowX, highX = lowX/2, highX*2
	}
	x := func(v float64) float64 {
		return left + (width-left-right)*math.Log(v/lowX)/math.Log(highX/lowX)
	}
	y := func(v float64) float64 {
		return height - bottom - (height-top-bottom)*math.Log(v/lowY)/math.Log(highY/lowY)
	}
	b := fmt.Appendf(nil, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="12">`+"\n", width, height)
	b = fmt.Appendf(b, `<rect width="%d" height="%d" fill="#fff"/>`+"\n", width, height)
	for v := lowY; v <= highY*1.01; v *= 10 {
		b = fmt.Appendf(b, `<path d="M%d %.1fH%d" stroke="#ddd"/><text x="%d" y="%.1f" text-anchor="end">%g</text>`+"\n", left, y(v), width-right, left-6, y(v)+4, v)
	}
	for _, r := range reports {
		at := x(float64(r.Spans))
		b = fmt.Appendf(b, `<path d="M%.1f %dV%d" stroke="#ddd"/><text x="%.1f" y="%d" text-anchor="middle">%g million</text>`+"\n", at, top, height-bottom, at, height-bottom+18, float64(r.Spans)/1e6)
	}
	b = fmt.Appendf(b, `<text x="%d" y="%d" text-anchor="middle">transfer spans in the ledger</text>`+"\n", (left+width-right)/2, height-12)
	b = fmt.Appendf(b, `<text transform="translate(16 %d) rotate(-90)" text-anchor="middle">microseconds</text>`+"\n", (top+height-bottom)/2)
	type name struct {
		at          float64
		text, color string
	}
	var names []name
	for _, l := range lines {
		path, last := "", 0.0
		for _, r := range reports {
			if v := l.at(r); v > 0 {
				path += fmt.Sprintf("%c%.1f %.1f", "ML"[b2i(path != "")], x(float64(r.Spans)), y(v))
				b = fmt.Appendf(b, `<circle cx="%.1f" cy="%.1f" r="3" fill="%s"/>`+"\n", x(float64(r.Spans)), y(v), l.color)
				last = y(v)
			}
		}
		if path == "" {
			continue
		}
		b = fmt.Appendf(b, `<path d="%s" fill="none" stroke="%s" stroke-width="2" stroke-dasharray="%s"/>`+"\n", path, l.color, cmp.Or(l.dash, "none"))
		names = append(names, name{last, l.name, l.color})
	}
	slices.SortFunc(names, func(a, b name) int { return cmp.Compare(a.at, b.at) })
	free := 0.0 // names stand below each other, in the order of their lines
	for _, n := range names {
		at := max(n.at, free)
		free = at + 14
		b = fmt.Appendf(b, `<text x="%d" y="%.1f" fill="%s">%s</text>`+"\n", width-right+8, at+4, n.color, n.text)
	}
	return append(b, "</svg>\n"...)
}

func quantile50(q *Quantiles) float64 {
	if q == nil {
		return 0
	}
	return q.P50
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}
