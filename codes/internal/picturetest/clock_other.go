//go:build !unix

package picturetest

import "time"

var started = time.Now()

// Processor returns how long this process runs, for want of a finer clock.
func Processor() time.Duration { return time.Since(started) }
