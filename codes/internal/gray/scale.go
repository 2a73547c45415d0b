package gray

// Half returns the picture at half size, each pixel the mean of four. An odd last
// row or column is dropped.
func (g *Image) Half() *Image {
	n := New(max(g.W/2, 1), max(g.H/2, 1))
	if g.W < 2 || g.H < 2 {
		return g.resample(n.W, n.H)
	}
	for y := range n.H {
		a, b := g.Row(2*y), g.Row(2*y+1)
		out := n.Row(y)
		for x := range out {
			out[x] = uint8((int(a[2*x]) + int(a[2*x+1]) + int(b[2*x]) + int(b[2*x+1]) + 2) / 4)
		}
	}
	return n
}

// Double returns the picture at twice the size, interpolated.
func (g *Image) Double() *Image { return g.resample(2*g.W, 2*g.H) }

// Scale returns the picture f times as large, f above 0: interpolated where it
// grows, and averaged over all the pixels that fall into one where it shrinks.
// The result has at least one pixel; its sides are rounded, so a place in it is
// that of g times the quotient of the sides.
func (g *Image) Scale(f float64) *Image {
	w, h := max(int(float64(g.W)*f+0.5), 1), max(int(float64(g.H)*f+0.5), 1)
	if w == g.W && h == g.H {
		return &Image{W: g.W, H: g.H, Pix: append([]uint8(nil), g.Pix...)}
	}
	if f > 0.75 {
		return g.resample(w, h)
	}
	return g.average(w, h)
}

// resample interpolates between pixel centres.
func (g *Image) resample(w, h int) *Image {
	n := New(w, h)
	type tap struct{ i, j, f int } // two neighbours and the weight of the second in 256
	taps := func(from, to int) []tap {
		t := make([]tap, to)
		for k := range t {
			p := (float64(k)+0.5)*float64(from)/float64(to) - 0.5
			p = min(max(p, 0), float64(from-1))
			i := int(p)
			t[k] = tap{i, min(i+1, from-1), int((p - float64(i)) * 256)}
		}
		return t
	}
	xs := taps(g.W, w)
	for y, t := range taps(g.H, h) {
		a, b := g.Row(t.i), g.Row(t.j)
		out := n.Row(y)
		for x, s := range xs {
			top := int(a[s.i])*(256-s.f) + int(a[s.j])*s.f
			bottom := int(b[s.i])*(256-s.f) + int(b[s.j])*s.f
			out[x] = uint8((top*(256-t.f) + bottom*t.f + 1<<15) >> 16)
		}
	}
	return n
}

// average takes the mean of the whole pixels that fall into each new one.
func (g *Image) average(w, h int) *Image {
	n := New(w, h)
	sums := make([]uint32, w)
	counts := make([]uint32, w)
	column := make([]int, g.W)
	for x := range column {
		column[x] = min(x*w/g.W, w-1)
	}
	for y := range h {
		clear(sums)
		clear(counts)
		y0, y1 := y*g.H/h, max((y+1)*g.H/h, y*g.H/h+1)
		for sy := y0; sy < min(y1, g.H); sy++ {
			for x, v := range g.Row(sy) {
				sums[column[x]] += uint32(v)
				counts[column[x]]++
			}
		}
		out := n.Row(y)
		for x := range out {
			if counts[x] > 0 {
				out[x] = uint8((sums[x] + counts[x]/2) / counts[x])
			}
		}
	}
	return n
}

// Box returns the picture blurred: each pixel is the mean of the square of side
// 2r+1 around it, cut at the edges. The cost does not depend on r.
func (g *Image) Box(r int) *Image {
	if r <= 0 {
		return &Image{W: g.W, H: g.H, Pix: append([]uint8(nil), g.Pix...)}
	}
	n := New(g.W, g.H)
	cols := make([]int, g.W) // sums down the columns of the window
	rows := 0
	enter := func(y int) {
		rows++
		for x, v := range g.Row(y) {
			cols[x] += int(v)
		}
	}
	for y := range min(r, g.H) {
		enter(y)
	}
	for y := range g.H {
		switch in, out := y+r < g.H, y-r-1 >= 0; {
		case in && out:
			leaves := g.Row(y - r - 1)
			for x, v := range g.Row(y + r) {
				cols[x] += int(v) - int(leaves[x])
			}
		case in:
			enter(y + r)
		case out:
			rows--
			for x, v := range g.Row(y - r - 1) {
				cols[x] -= int(v)
			}
		}
		out := n.Row(y)
		sum, wide := 0, 0
		for x := range min(r, g.W) {
			sum += cols[x]
			wide++
		}
		// The window is cut at the edges; between them its size is one number, and to
		// multiply by a part of it is much quicker than to divide.
		step := func(x int) {
			if x+r < g.W {
				sum += cols[x+r]
				wide++
			}
			if x-r-1 >= 0 {
				sum -= cols[x-r-1]
				wide--
			}
			count := wide * rows
			out[x] = uint8((sum + count/2) / count)
		}
		left, right := min(r+1, g.W), max(g.W-r, 0)
		if right <= left {
			left, right = g.W, g.W
		}
		for x := range left {
			step(x)
		}
		if left < right {
			count := wide * rows
			part := uint64(1<<48)/uint64(count) + 1 // exact for sums of bytes over less than 2^20 pixels
			half := count / 2
			enters, leaves := cols[left+r:right+r], cols[left-r-1:right-r-1]
			inner := out[left:right]
			for i := range inner {
				sum += enters[i] - leaves[i]
				inner[i] = uint8(uint64(sum+half) * part >> 48)
			}
		}
		for x := right; x < g.W; x++ {
			step(x)
		}
	}
	return n
}
