package storage

import (
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Every task is done once, none before all of the stage before are, and whoever is
// late finds nothing to do.
func TestCrew(t *testing.T) {
	for size := range 5 {
		for n := range 40 {
			c := newCrew(size + 1)
			var before atomic.Int64
			for stage := range 3 {
				done := make([]atomic.Int64, n)
				err := c.do(n, 1+n%7, func(worker, from, to int) error {
					if worker < 0 || worker > size || to-from > 1+n%7 {
						t.Errorf("worker %d of %d does %d to %d", worker, size+1, from, to)
					}
					if int(before.Load()) < stage*n {
						t.Errorf("stage %d begins after %d tasks of %d", stage, before.Load(), stage*n)
					}
					for i := from; i < to; i++ {
						done[i].Add(1)
					}
					if from%5 == 4 {
						time.Sleep(time.Duration(worker) * crewPatience)
					}
					return nil
				})
				require.NoError(t, err)
				for i := range done {
					require.EqualValues(t, 1, done[i].Load(), "task %d of %d", i, n)
				}
				before.Add(int64(n))
			}
			c.end()
		}
	}
}

// Errors of all workers are returned, and after one tasks are left out.
func TestCrewFails(t *testing.T) {
	wrong := errors.New("wrong")
	for size := range 4 {
		c := newCrew(size + 1)
		var done atomic.Int64
		err := c.do(10_000, 1, func(_, from, _ int) error {
			done.Add(1)
			if from == 10 {
				return wrong
			}
			return nil
		})
		require.ErrorIs(t, err, wrong)
		require.Less(t, done.Load(), int64(10_000))
		require.NoError(t, c.do(5, 1, func(int, int, int) error { return nil }), "the next stage is another")
		c.end()
	}
}
