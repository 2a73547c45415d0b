//go:build unix

package main

import (
	"os"
	"runtime"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestSecondCore compares what a second core gains for bare signatures and for
// labels, in the same run. On a machine that others use too a second core gains
// nothing for either; what labels lose to each other then shows in the processor
// time that one takes, which is told beside.
func TestSecondCore(t *testing.T) {
	if os.Getenv(speed) == "" || runtime.GOMAXPROCS(0) < 2 {
		t.Skipf("set %s to measure, on two cores", speed)
	}
	makers := []*labeller{newLabeller(), newLabeller()}
	makers[1].n = 500_000
	on := func(cores, n int, make func(m *labeller)) {
		var group sync.WaitGroup
		for c := range cores {
			group.Go(func() {
				for range n {
					make(makers[c])
				}
			})
		}
		group.Wait()
	}
	for _, w := range ways {
		for range 100 { // glyphs and buffers are made once
			w.make(makers[0])
			w.make(makers[1])
		}
		var processor, made [4]float64
		times := turns(4, func(i, n int) { // bare on one core and two, labels on one and two
			cores, make := 1+i%2, bareSign
			if i >= 2 {
				make = w.make
			}
			begun := processorTime(t)
			on(cores, n, make)
			processor[i] += float64(processorTime(t) - begun)
			made[i] += float64(n * cores)
		})
		each := func(i int) float64 { return processor[i] / made[i] }
		gainBare := 2 * float64(times[0]) / float64(times[1])
		gain := 2 * float64(times[2]) / float64(times[3])
		t.Logf("%s: a second core gains %.2f, bare signing %.2f: %.2f of it, wanted 0.9; processor time of one, on two cores as on one: %.2f, bare %.2f",
			w.name, gain, gainBare, gain/gainBare, each(3)/each(2), each(1)/each(0))
		if gain < 0.9*gainBare {
			t.Errorf("%s: a second core gains %.2f of what it gains bare signing", w.name, gain/gainBare)
		}
	}
}

// processorTime returns what the process has used up so far.
func processorTime(t *testing.T) time.Duration {
	var r syscall.Rusage
	require.NoError(t, syscall.Getrusage(syscall.RUSAGE_SELF, &r))
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}
