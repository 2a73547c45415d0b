package shade

// Ways is how many ways there are to judge.
const Ways = 6

// Judge says how dark each module of n rows of n is, from about -1 for light to
// about 1 for dark. A way is how: 0 against the given levels of dark and light, 1 against the
// darkest and lightest modules around, 2 against the mean of those around, above
// that as 1 after each module has been set off against its neighbours, which
// undoes blur.
func Judge(shade []float64, n, way int, dark, light float64) []float64 {
	if way >= 3 {
		k := 0.12 * float64(way-2)
		sharp := make([]float64, n*n)
		for y := range n {
			for x := range n {
				v := shade[y*n+x]
				sum := 0.0
				for _, o := range [4][2]int{{-1, 0}, {1, 0}, {0, -1}, {0, 1}} {
					u := v
					if a, b := x+o[0], y+o[1]; a >= 0 && b >= 0 && a < n && b < n {
						u = shade[b*n+a]
					}
					sum += u
				}
				sharp[y*n+x] = v + k*(4*v-sum)
			}
		}
		shade = sharp
	}
	out := make([]float64, n*n)
	if way == 0 {
		for i, v := range shade {
			out[i] = ((dark+light)/2 - v) / max((light-dark)/2, 1)
		}
		return out
	}
	low, high := windows(shade, n, 3)
	if way == 2 {
		means := smooth(shade, n, 4)
		for i, v := range shade {
			out[i] = (means[i] - v) / max((high[i]-low[i])/2, 4)
		}
		return out
	}
	for i, v := range shade {
		out[i] = ((low[i]+high[i])/2 - v) / max((high[i]-low[i])/2, 4)
	}
	return out
}

// windows returns the least and the largest value in the square of side 2r+1
// around each module, smoothed over the same square.
func windows(v []float64, n, r int) (low, high []float64) {
	run := func(in []float64, pick func(a, b float64) float64) []float64 {
		rows, out := make([]float64, n*n), make([]float64, n*n)
		for y := range n {
			for x := range n {
				best := in[y*n+x]
				for k := max(x-r, 0); k <= min(x+r, n-1); k++ {
					best = pick(best, in[y*n+k])
				}
				rows[y*n+x] = best
			}
		}
		for y := range n {
			for x := range n {
				best := rows[y*n+x]
				for k := max(y-r, 0); k <= min(y+r, n-1); k++ {
					best = pick(best, rows[k*n+x])
				}
				out[y*n+x] = best
			}
		}
		return out
	}
	low = run(v, func(a, b float64) float64 { return min(a, b) })
	high = run(v, func(a, b float64) float64 { return max(a, b) })
	return smooth(low, n, r), smooth(high, n, r)
}

// smooth takes the mean of the square of side 2r+1 around each module.
func smooth(in []float64, n, r int) []float64 {
	rows, out := make([]float64, n*n), make([]float64, n*n)
	for y := range n {
		for x := range n {
			sum, c := 0.0, 0.0
			for k := max(x-r, 0); k <= min(x+r, n-1); k++ {
				sum, c = sum+in[y*n+k], c+1
			}
			rows[y*n+x] = sum / c
		}
	}
	for y := range n {
		for x := range n {
			sum, c := 0.0, 0.0
			for k := max(y-r, 0); k <= min(y+r, n-1); k++ {
				sum, c = sum+rows[k*n+x], c+1
			}
			out[y*n+x] = sum / c
		}
	}
	return out
}

// Transposed turns n rows of n about the diagonal, as a symbol looks from behind.
func Transposed(v []float64, n int) []float64 {
	t := make([]float64, n*n)
	for y := range n {
		for x := range n {
			t[x*n+y] = v[y*n+x]
		}
	}
	return t
}
