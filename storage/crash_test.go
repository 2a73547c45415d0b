package storage

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"
	"sync"
	"testing"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"
	"github.com/stretchr/testify/require"

	"github.com/sublot/sublot/trace"
)

// A powerCut takes what would be on the disk if the power went: at every call that
// makes something durable, just before it does, and at some of the calls that
// change something, with any part of what was not yet durable.
type powerCut struct {
	mu    sync.Mutex
	disk  *vfs.MemFS
	rng   *rand.Rand
	odds  int // one call in so many is a cut, where it makes nothing durable by itself
	acked int64
	cuts  []cut
}

type cut struct {
	fs    *vfs.MemFS
	acked int64 // records acknowledged before
	op    string
}

func (p *powerCut) MaybeError(op errorfs.Op) error {
	sync := false
	switch op.Kind {
	case errorfs.OpFileSync, errorfs.OpFileSyncData, errorfs.OpFileSyncTo:
		sync = true
	case errorfs.OpFileWrite, errorfs.OpFileWriteAt,
		errorfs.OpCreate, errorfs.OpRename, errorfs.OpRemove, errorfs.OpReuseForWrite, errorfs.OpFileClose:
	default:
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if sync || p.rng.IntN(p.odds) == 0 {
		percent := []int{0, 0, 30, 70, 100}[p.rng.IntN(5)]
		p.cuts = append(p.cuts, cut{p.disk.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: percent, RNG: p.rng}), p.acked, op.Path})
	}
	return nil
}

func (p *powerCut) String() string { return "power cut" }

func (p *powerCut) ack(n int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.acked = n
}

// A store is what is cut: a ledger, or one that is wrong on purpose.
type store interface {
	Append(context.Context, []*trace.Record) (trace.Appended, error)
	Len() int64
	Close() error
}

// cutPower appends a number of batches and returns what was on disk at many
// moments. Every batch holds records of its own number alone.
func cutPower(t *testing.T, seed uint64, odds, batches int, open func(fs vfs.FS) store) []cut {
	t.Helper()
	rng := rand.New(rand.NewPCG(seed, 7))
	p := &powerCut{disk: vfs.NewCrashableMem(), rng: rand.New(rand.NewPCG(seed, 8)), odds: odds}
	fs := errorfs.Wrap(p.disk, p)
	s := open(fs)
	for b := range batches {
		_, err := s.Append(t.Context(), batchOf(t, b, 1+rng.IntN(30)))
		require.NoError(t, err)
		p.ack(s.Len())
		if l, ok := s.(*Ledger); ok && rng.IntN(20) == 0 {
			require.NoError(t, l.db.Flush())
		}
		if rng.IntN(12) == 0 {
			require.NoError(t, s.Close())
			s = open(fs)
		}
	}
	require.NoError(t, s.Close())
	return p.cuts
}

// batchOf returns records that say which batch they belong to and how large it is.
func batchOf(t *testing.T, batch, n int) []*trace.Record {
	t.Helper()
	rng := rand.New(rand.NewPCG(uint64(batch), 9))
	out := make([]*trace.Record, n)
	for i := range out {
		head := *randomRecord(t, rng, 1)
		head.ID, head.Note = fmt.Sprintf("%d-%d", batch, i), fmt.Sprint(n)
		r, err := trace.NewRecord(head)
		require.NoError(t, err)
		out[i] = r
	}
	return out
}

// afterCut opens what a power cut left and says what is wrong with it: a record
// that was acknowledged is gone, or half a batch or half a record is there.
func afterCut(t *testing.T, c cut) error {
	t.Helper()
	l, err := Open("ledger", Config{fs: c.fs, CachedRecords: 100})
	if err != nil {
		return fmt.Errorf("opening after a cut at %s: %w", c.op, err)
	}
	defer l.Close()
	if l.Len() < c.acked {
		return fmt.Errorf("%d records were acknowledged before a cut at %s, %d are there", c.acked, c.op, l.Len())
	}
	if _, err := l.Verify(t.Context(), VerifyConfig{}); err != nil {
		return fmt.Errorf("after a cut at %s: %w", c.op, err)
	}
	last, have, want := "", 0, 0
	for e, err := range l.All(t.Context(), 0) {
		if err != nil {
			return err
		}
		batch := e.Record.ID[:len(e.Record.ID)-len(suffix(e.Record.ID))]
		if batch != last {
			if have != want {
				return fmt.Errorf("after a cut at %s: %d of the %d records of batch %s", c.op, have, want, last)
			}
			last, have = batch, 0
			want, _ = strconv.Atoi(e.Record.Note)
		}
		have++
	}
	if have != want {
		return fmt.Errorf("after a cut at %s: %d of the %d records of batch %s", c.op, have, want, last)
	}
	// It goes on from there.
	if _, err := l.Append(t.Context(), batchOf(t, 1_000_000, 3)); err != nil {
		return err
	}
	_, err = l.Verify(t.Context(), VerifyConfig{})
	return err
}

func suffix(id string) string {
	for i := len(id) - 1; i >= 0; i-- {
		if id[i] == '-' {
			return id[i:]
		}
	}
	return ""
}

// Whenever the power goes, all that was acknowledged is there and nothing is
// half there. SUBLOT_CUTS sets how many cuts there are at least.
func TestPowerCut(t *testing.T) {
	want, cuts := amount(t, "SUBLOT_CUTS", 120), 0
	for seed := uint64(0); cuts < want; seed++ {
		for _, c := range cutPower(t, seed, 3, 25, func(fs vfs.FS) store {
			l, err := Open("ledger", Config{fs: fs})
			require.NoError(t, err)
			return l
		}) {
			require.NoError(t, afterCut(t, c))
			cuts++
		}
	}
	t.Logf("%d power cuts", cuts)
}

// unsynced acknowledges records that are not on the disk yet.
type unsynced struct{ *Ledger }

func (u unsynced) Append(ctx context.Context, records []*trace.Record) (trace.Appended, error) {
	return u.appendWith(ctx, records, func(b *pebble.Batch) error { return u.db.Apply(b, pebble.NoSync) })
}

// twoBatches writes the records and what finds them one after the other.
type twoBatches struct{ *Ledger }

func (s twoBatches) Append(ctx context.Context, records []*trace.Record) (trace.Appended, error) {
	return s.appendWith(ctx, records, func(b *pebble.Batch) error {
		for _, log := range []bool{true, false} {
			part := s.db.NewBatch()
			for r := b.Reader(); ; {
				kind, key, value, ok, err := r.Next()
				if err != nil {
					return err
				}
				if !ok {
					break
				}
				if (key[0] == tagLog) != log {
					continue
				}
				if kind == pebble.InternalKeyKindMerge {
					err = part.Merge(key, value, nil)
				} else {
					err = part.Set(key, value, nil)
				}
				if err != nil {
					return err
				}
			}
			if err := s.db.Apply(part, pebble.Sync); err != nil {
				return err
			}
		}
		return nil
	})
}

// The test of power cuts finds ledgers that are wrong on purpose.
func TestPowerCutFindsWhatIsWrong(t *testing.T) {
	for name, open := range map[string]func(l *Ledger) store{
		"acknowledged before it is synced": func(l *Ledger) store { return unsynced{l} },
		"record and index in two batches":  func(l *Ledger) store { return twoBatches{l} },
	} {
		t.Run(name, func(t *testing.T) {
			for seed := range uint64(20) {
				for _, c := range cutPower(t, seed, 3, 25, func(fs vfs.FS) store {
					l, err := Open("ledger", Config{fs: fs})
					require.NoError(t, err)
					return open(l)
				}) {
					if err := afterCut(t, c); err != nil {
						t.Logf("found with seed %d: %v", seed, err)
						return
					}
				}
			}
			t.Fatal("nothing was found")
		})
	}
}
