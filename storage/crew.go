package storage

import (
	"errors"
	"sync/atomic"
	"time"
)

// A crew does the tasks of one stage after another on several processors: that of who
// has the crew, and those of mates. A processor takes some 0.1 ms to begin with what it
// is given, which is a large part of an append. So nobody waits for a mate that did not
// begin with a task, and a mate that has nothing to do looks for crewPatience whether
// another stage begins, rather than sleep and be woken.
type crew struct {
	size  int // processors, with that of who has the crew
	stage atomic.Pointer[stage]
	began bool // the mates
}

// crewPatience is some times what lies between two stages of an append.
const crewPatience = 100 * time.Microsecond

// A stage is tasks that do not wait for one another.
type stage struct {
	n, few int
	f      func(worker, from, to int) error
	next   atomic.Int64 // the first task that nobody took
	done   atomic.Int64 // tasks
	failed atomic.Bool
	errs   []error // by worker
	over   chan struct{}
}

func newCrew(size int) *crew { return &crew{size: size} }

// do calls f with tasks from 0 to n, so many at a time, until all are done. The workers
// that it is called with are numbers below the crew's size, 0 that of who called do; each
// does one thing at a time, and sees what all did in the stages before. After an error
// tasks are left out.
func (c *crew) do(n, few int, f func(worker, from, to int) error) error {
	if c.size == 1 {
		for from := 0; from < n; from += few {
			if err := f(0, from, min(from+few, n)); err != nil {
				return err
			}
		}
		return nil
	}
	s := &stage{n: n, few: few, f: f, errs: make([]error, c.size), over: make(chan struct{})}
	c.stage.Store(s)
	if !c.began {
		c.began = true
		for k := 1; k < c.size; k++ {
			go c.join(k)
		}
	}
	s.work(0)
	s.wait()
	return errors.Join(s.errs...)
}

// end lets the mates go. It does not wait: they have no task.
func (c *crew) end() { c.stage.Store(nil) }

func (c *crew) join(worker int) {
	for s := c.stage.Load(); s != nil; s = c.after(s) {
		s.work(worker)
	}
}

// after returns the stage after one, nil where none began in time.
func (c *crew) after(s *stage) *stage {
	for start := time.Now(); time.Since(start) < crewPatience; {
		if next := c.stage.Load(); next != s {
			return next
		}
	}
	return nil
}

// work does tasks while there are any that nobody took.
func (s *stage) work(worker int) {
	for {
		to := int(s.next.Add(int64(s.few)))
		from := to - s.few
		if from >= s.n {
			return
		}
		to = min(to, s.n)
		if !s.failed.Load() {
			if err := s.f(worker, from, to); err != nil {
				s.errs[worker] = errors.Join(s.errs[worker], err)
				s.failed.Store(true)
			}
		}
		if int(s.done.Add(int64(to-from))) == s.n {
			close(s.over)
		}
	}
}

// wait waits until what others took is done, for a while without sleeping.
func (s *stage) wait() {
	for start := time.Now(); time.Since(start) < crewPatience; {
		if int(s.done.Load()) == s.n {
			return
		}
	}
	<-s.over
}
