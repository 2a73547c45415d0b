//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package line

import (
	"io"
	"os"
	"syscall"
)

// lockFile locks a file for this process alone. The system takes the lock back
// when the process ends.
func lockFile(name string) (io.Closer, error) {
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		return nil, &os.PathError{Op: "lock", Path: name, Err: err}
	}
	return f, nil
}
