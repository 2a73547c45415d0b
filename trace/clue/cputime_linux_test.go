package clue_test

import (
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

func init() { cpuTime = threadTime }

// threadTime returns how long f kept a core busy, which does not count what other
// processes take of it.
func threadTime(f func()) time.Duration {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var from, to unix.Timespec
	unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &from)
	f()
	unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &to)
	return time.Duration(to.Nano() - from.Nano())
}
