package storage

import (
	"context"
	"errors"
	"os"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// Backup makes a consistent copy of the ledger in a folder that does not exist
// yet, while others read and append. On the same disk the copy shares its files
// with the ledger, which takes no time and no room; copy the folder on to another
// disk to be safe from the loss of this one. It is opened with Config.ReadOnly,
// and made into a ledger again by [Restore].
func (l *Ledger) Backup(dir string) (Head, error) {
	if err := l.usable(); err != nil {
		return Head{}, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	head := *l.acked.Load()
	if _, err := l.fs.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		return Head{}, &Error{Problem: Failed, Dir: dir, Says: "a backup goes into a folder that does not exist yet", err: err}
	}
	if err := l.copyTo(dir, head); err != nil {
		return Head{}, l.fault(err)
	}
	return head, l.fault(syncDir(l.fs, l.fs.PathDir(dir)))
}

// Restore makes a ledger out of a copy, in a folder that is missing or empty.
// The copy is verified first, as [Ledger.Verify] does, and stays as it is.
func Restore(ctx context.Context, backup, dir string, cfg VerifyConfig) (Head, error) {
	return restore(ctx, vfs.Default, backup, dir, cfg)
}

func restore(ctx context.Context, fs vfs.FS, backup, dir string, cfg VerifyConfig) (Head, error) {
	from, err := Open(backup, Config{ReadOnly: true, fs: fs})
	if e, ok := errors.AsType[*Error](err); ok && e.Problem == OlderFormat {
		return restoreOlder(ctx, fs, backup, dir, cfg)
	}
	if err != nil {
		return Head{}, err
	}
	report, err := from.Verify(ctx, cfg)
	if err := errors.Join(err, from.Close()); err != nil {
		return Head{}, err
	}
	return report.Head, copyTo(fs, backup, dir, slot{format: headFormat, head: report.Head})
}

// restoreOlder restores a copy of an older format, which can be verified only
// once it is of the present one.
func restoreOlder(ctx context.Context, fs vfs.FS, backup, dir string, cfg VerifyConfig) (Head, error) {
	s, _, err := readHead(fs, backup)
	if err != nil {
		return Head{}, (&Ledger{dir: backup, fs: fs}).fault(err)
	}
	s.kind = kindLedger
	if err := copyTo(fs, backup, dir, s); err != nil {
		return Head{}, err
	}
	l, err := Open(dir, Config{fs: fs})
	if err != nil {
		return Head{}, err
	}
	report, err := l.Verify(ctx, cfg)
	return report.Head, errors.Join(err, l.Close())
}

// copyTo makes a ledger out of the database of a copy and a head.
func copyTo(fs vfs.FS, backup, dir string, s slot) error {
	to := &Ledger{dir: dir, at: dir, fs: fs}
	if names, err := fs.List(dir); err == nil && len(names) > 0 {
		return &Error{Problem: Failed, Dir: dir, Says: "a ledger is restored into a folder that is missing or empty"}
	}
	if err := fs.MkdirAll(dir, 0o755); err != nil {
		return to.fault(err)
	}
	if _, err := vfs.Clone(fs, fs, fs.PathJoin(backup, dbFolder), fs.PathJoin(dir, dbFolder), vfs.CloneSync); err != nil {
		return to.fault(err)
	}
	if err := createHead(fs, dir, s); err != nil {
		return to.fault(err)
	}
	return to.fault(syncDir(fs, fs.PathDir(dir)))
}
