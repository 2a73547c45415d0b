package storage

import (
	"context"
	"runtime"
	"sync"
)

// aheadOfJoin is how many pieces of work may be begun before the first of them is joined.
const aheadOfJoin = 64

// inOrder has pieces of work done, which are numbered from 0 to n-1, by as many
// goroutines as there are processors, and joins what each comes to in the order of the
// numbers, in the calling goroutine. It ends with the first error of join, or of the
// context, and leaves nothing running.
func inOrder[T any](ctx context.Context, n int, work func(ctx context.Context, i int) T, join func(T) error) error {
	within, stop := context.WithCancel(ctx)
	var running sync.WaitGroup
	defer running.Wait()
	defer stop()
	slots := make(chan struct{}, runtime.GOMAXPROCS(0))
	begun := make(chan chan T, aheadOfJoin)
	running.Go(func() {
		defer close(begun)
		for i := range n {
			done := make(chan T, 1)
			select {
			case begun <- done:
			case <-within.Done():
				return
			}
			slots <- struct{}{} // whoever has one ends soon after within does
			running.Go(func() {
				done <- work(within, i)
				<-slots
			})
		}
	})
	for done := range begun {
		if err := join(<-done); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// firstError is inOrder for work that comes to nothing but an error, which is that of the
// lowest number.
func firstError(ctx context.Context, n int, work func(ctx context.Context, i int) error) error {
	return inOrder(ctx, n, func(ctx context.Context, i int) error {
		return recovered(func() error { return work(ctx, i) })
	}, func(err error) error { return err })
}
