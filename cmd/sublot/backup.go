package main

import (
	"fmt"

	"github.com/sublot/sublot/storage"
)

type backupCmd struct {
	Dir string `arg:"" help:"A folder that does not exist yet."`
}

func (backupCmd) Help() string {
	return `Makes a consistent copy of the ledger, also while another program writes to it. On the
same disk the copy shares its files with the ledger, so that it costs no room and
guards against mistakes; copy it on to another disk, or back up to one directly, to be
safe from the loss of this one. A copy can be read and verified in place, and is made
into a ledger again with restore. Whom the ledger's owner believes (trust.jsonl) and
the keys of registers and of the log, which are secret, are copied too.

Examples:

    sublot backup /mnt/backup/2025-06-30
    sublot verify --store /mnt/backup/2025-06-30`
}

func (c *backupCmd) Run(s *session) error {
	ledger, err := s.openLedger(toRead)
	if err != nil {
		return err
	}
	defer ledger.Close()
	h, err := ledger.Backup(c.Dir)
	if err != nil {
		return err
	}
	if err := copyTrust(s.store, c.Dir); err != nil {
		return err
	}
	return tellCopy(s, h, c.Dir, "copied to")
}

type restoreCmd struct {
	Head   []string `placeholder:"FILE" help:"A head that was kept elsewhere, from which the copy must have grown. May be repeated."`
	Backup string   `arg:"" help:"The folder that backup made."`
}

func (restoreCmd) Help() string {
	return `Makes a ledger in the folder of --store, which must be missing or empty, out of a copy.
The copy is verified first, as sublot verify does, and stays as it is; what does not
verify is not restored.

Examples:

    sublot restore /mnt/backup/2025-06-30 --store /srv/ledger
    sublot restore /mnt/backup/2025-06-30 --store /srv/ledger --head head.txt`
}

func (c *restoreCmd) Run(s *session) error {
	verify := verifyCmd{Head: c.Head}
	heads, err := verify.heads()
	if err != nil {
		return err
	}
	if len(heads) > 0 {
		if err := checkHeads(c.Backup, heads); err != nil {
			return err
		}
	}
	p := s.progress()
	h, err := storage.Restore(s, c.Backup, s.store, storage.VerifyConfig{
		Progress: func(records int64) { p.show("%s records verified", grouped(records)) },
	})
	p.done()
	if err != nil {
		return err
	}
	if err := copyTrust(c.Backup, s.store); err != nil {
		return err
	}
	return tellCopy(s, h, s.store, "verified and restored to")
}

// checkHeads compares a copy with heads that were kept.
func checkHeads(dir string, heads []keptHead) error {
	copied, err := storage.Open(dir, storage.Config{ReadOnly: true})
	if err != nil {
		return err
	}
	defer copied.Close()
	for _, k := range heads {
		if err := k.check(copied, copied.Head()); err != nil {
			return err
		}
	}
	return nil
}

func tellCopy(s *session, h storage.Head, dir, did string) error {
	if s.json {
		return s.writeJSON(map[string]any{"size": h.Size, "root": rootText(h), "folder": dir})
	}
	fmt.Fprintf(s.out, "%s %s %s, root %s\n", plural(h.Size, "record"), did, dir, rootText(h))
	return nil
}
