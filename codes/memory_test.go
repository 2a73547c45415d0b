package codes_test

import (
	"image"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sublot/sublot/codes"
)

// Scan takes the memory that its documentation states, and not more: 6 bytes a
// pixel beside the picture and 100 MB.
func TestScanTakesTheMemoryThatItStates(t *testing.T) {
	if testing.Short() {
		t.Skip("scans 12 megapixels")
	}
	const w, h = 4000, 3000
	img := table(image.Pt(w, h), 9)
	for y := 500; y < 2500; y++ { // and much that looks like symbols
		for x := 500; x < 3500; x++ {
			if (x/9*7919+y/9*104729)%13 < 6 {
				img.Pix[y*w+x] = 20
			}
		}
	}
	runtime.GC()
	var before runtime.MemStats
	runtime.ReadMemStats(&before)
	var peak atomic.Uint64
	stop := make(chan struct{})
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			peak.Store(max(peak.Load(), m.HeapInuse))
			select {
			case <-stop:
				return
			case <-time.After(5 * time.Millisecond):
			}
		}
	}()
	_, err := codes.Scan(img, codes.ScanConfig{MaxTime: 3 * time.Second})
	close(stop)
	<-done
	require.NoError(t, err)
	used := int64(peak.Load()) - int64(before.HeapInuse)
	t.Logf("%d MB for %d megapixels", used>>20, w*h/1_000_000)
	require.Less(t, used, int64(6*w*h+100<<20))
}
