//go:build unix

package picturetest

import (
	"syscall"
	"time"
)

// Processor returns the processor time that this process has used, which does not
// grow while others have the machine.
func Processor() time.Duration {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		return 0
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}
