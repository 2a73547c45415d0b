package line

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

// A disk is the folder of a line. Tests put one in its place that loses power.
type disk interface {
	make() error                  // makes the folder, safe from power cuts
	lock() (io.Closer, error)     // fails while another process has it
	read() (io.ReadCloser, error) // fs.ErrNotExist where there is no log
	open() (file, error)          // the log, made where there is none; reads from its beginning, writes at its end
	sync() error                  // the names in the folder
}

type file interface {
	io.ReadWriteCloser
	Sync() error
}

// A folder is a disk that is one.
type folder string

const (
	logName  = "numbers.log"
	lockName = "lock"
)

func (d folder) make() error {
	// What is there already may be the work of a process that did not come to sync it.
	parent := filepath.Dir(filepath.Clean(string(d)))
	if _, err := os.Stat(parent); err != nil && parent != string(d) {
		if err := folder(parent).make(); err != nil {
			return err
		}
	}
	if err := os.Mkdir(string(d), 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return syncFolder(parent)
}

func (d folder) lock() (io.Closer, error) { return lockFile(filepath.Join(string(d), lockName)) }

func (d folder) read() (io.ReadCloser, error) { return os.Open(filepath.Join(string(d), logName)) }

func (d folder) open() (file, error) {
	return os.OpenFile(filepath.Join(string(d), logName), os.O_RDWR|os.O_APPEND|os.O_CREATE, 0o600)
}

func (d folder) sync() error { return syncFolder(string(d)) }

// syncFolder makes the names in a folder safe. Windows does so by itself, and has
// no such call.
func syncFolder(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}
