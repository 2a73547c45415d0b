package bench

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/sublot/sublot/marking"
	"github.com/sublot/sublot/storage"
	"github.com/sublot/sublot/trace"
)

// Config says what to measure.
type Config struct {
	Dir     string // an empty folder, for some 200 bytes a span and as many again while it is filled; or one that a run left
	Spans   int64
	Levels  int
	Cache   int64 // bytes
	Records int   // kept as they were read; 0 means the ledger's default
	Queries int   // for each kind of look-up
	Seed    uint64
	Tell    func(format string, args ...any) // of progress; may be nil
}

// A Report is what a ledger of one size costs on this machine. Times are in
// microseconds.
type Report struct {
	Spans   int64  `json:"spans"`
	Levels  int    `json:"levels"`
	Cache   int64  `json:"cache_bytes"`
	Cached  int    `json:"cached_records"`
	CPUs    int    `json:"cpus"`
	Go      string `json:"go"`
	Records int64  `json:"records"`

	Import Import `json:"import"`
	Disk   Disk   `json:"disk"`
	Hot    Times  `json:"hot"`
	Cold   Times  `json:"cold"`

	// Largest is the lot that was given most often.
	Largest Largest  `json:"largest_lot"`
	Insert  []Insert `json:"insert"`
	Memory  int64    `json:"memory_bytes"` // the most that the process had
}

// Import is the import of the whole world from JSON Lines, nothing where the
// ledger was there already.
type Import struct {
	Bytes   int64   `json:"bytes"`
	Seconds float64 `json:"seconds"`
	Rate    float64 `json:"records_per_second"`
	CPU     float64 `json:"cpu_us_per_record"` // of all cores together
}

// Disk is what lies in the folder of the ledger once it is at rest.
type Disk struct {
	Bytes     int64   `json:"bytes"`
	PerRecord float64 `json:"bytes_per_record"`

	// Parts is what the log and each index take, in bytes a record.
	Parts map[string]float64 `json:"parts"`
}

// Times are those of look-ups, and how many times as long as a bare look-up
// they take. A part that was not measured is absent.
type Times struct {
	Get       Quantiles  `json:"database_get"`
	Custody   Quantiles  `json:"custody"`
	Resolve   *Quantiles `json:"resolve,omitempty"`                      // of a lot that was asked about before
	First     *Quantiles `json:"resolve_first,omitempty"`                // of another lot, whose records are in the cache
	Uncached  *Quantiles `json:"resolve_without_record_cache,omitempty"` // whose records are not, only the blocks of the database
	Any       *Quantiles `json:"resolve_any_lot,omitempty"`              // of any size, each asked about once
	Proof     *Quantiles `json:"proof,omitempty"`
	Custody50 float64    `json:"custody_per_get_p50"`
	Custody99 float64    `json:"custody_per_get_p99"`
	Resolve50 float64    `json:"resolve_per_get_p50,omitempty"`

	// AtOnce is how many look-ups of custody a second are answered where all
	// processors ask at once, and how many times as many that is as one alone gets.
	AtOnce     float64 `json:"custody_at_once_per_second,omitempty"`
	AtOnceGain float64 `json:"custody_at_once_gain,omitempty"`

	Holdings float64 `json:"records_bearing_on_a_package"`

	// Of a finding, on average, in microseconds: what remains comparable where a
	// machine is shared.
	ResolveCPU  float64 `json:"resolve_cpu_us,omitempty"`
	FirstCPU    float64 `json:"resolve_first_cpu_us,omitempty"`
	UncachedCPU float64 `json:"resolve_without_record_cache_cpu_us,omitempty"`
}

// Quantiles of a time.
type Quantiles struct {
	P50 float64 `json:"p50"`
	P99 float64 `json:"p99"`
}

// Largest is what is asked of one large lot.
type Largest struct {
	Lot     marking.ID `json:"lot"`
	Spans   int64      `json:"spans"`
	Parties int        `json:"parties"`
	Time    Quantiles  `json:"parties_and_quantities"`
}

// Insert compares appends with writing the same keys and values to a bare
// database, in turn, each waiting for the disk.
type Insert struct {
	Batch    int     `json:"batch"`
	Ledger   float64 `json:"records_per_second"`
	Database float64 `json:"database_records_per_second"`
	Ratio    float64 `json:"ratio"`
}

// Run makes a ledger of a world and measures it.
func Run(ctx context.Context, cfg Config) (*Report, error) {
	if cfg.Tell == nil {
		cfg.Tell = func(string, ...any) {}
	}
	r := &run{Config: cfg, ctx: ctx, world: NewWorld(cfg.Spans, cfg.Levels, cfg.Seed),
		ledger: filepath.Join(cfg.Dir, "ledger"), rng: rand.New(rand.NewPCG(cfg.Seed, 2))}
	r.report = Report{Spans: cfg.Spans, Levels: cfg.Levels, Cache: cfg.Cache, Cached: cfg.Records, CPUs: runtime.GOMAXPROCS(0), Go: runtime.Version()}
	for _, step := range []func() error{r.fill, r.hot, r.insert, r.cold} {
		if err := step(); err != nil {
			return nil, err
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
	}
	r.report.Memory = memory()
	return &r.report, nil
}

type run struct {
	Config
	ctx    context.Context
	world  *World
	ledger string // folder
	rng    *rand.Rand
	report Report
}

func (r *run) open(records int) (*storage.Ledger, error) {
	return storage.Open(r.ledger, storage.Config{CacheBytes: r.Cache, CachedRecords: records})
}

// fill writes the world to a file and imports it, unless an earlier run did.
func (r *run) fill() error {
	if _, err := os.Stat(r.ledger); err == nil {
		l, err := r.open(r.Records)
		if err != nil {
			return err
		}
		r.report.Records = l.Len()
		return r.disk(l)
	}
	name := filepath.Join(r.Dir, "world.jsonl")
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	defer os.Remove(name)
	defer f.Close()
	r.Tell("writing %d spans as JSON Lines", r.Spans)
	if r.report.Import.Bytes, err = r.world.WriteTo(f); err != nil {
		return err
	}
	if _, err := f.Seek(0, 0); err != nil {
		return err
	}
	if err := f.Sync(); err != nil { // else the disk would write it during the import
		return err
	}
	l, err := r.open(r.Records)
	if err != nil {
		return err
	}
	start, before := time.Now(), processorTime()
	report, err := trace.Import(r.ctx, l, []trace.ImportFile{{Name: "world.jsonl", Reader: f}}, trace.ImportConfig{
		Progress: func(bytes, records int64) {
			r.Tell("imported %d records, %d %%", records, bytes*100/max(r.report.Import.Bytes, 1))
		},
	})
	if err != nil {
		l.Close()
		return err
	}
	seconds := time.Since(start).Seconds()
	n := float64(report.Accepted)
	r.report.Records = report.Accepted
	r.report.Import.Seconds = seconds
	r.report.Import.Rate = n / seconds
	r.report.Import.CPU = (processorTime() - before).Seconds() * 1e6 / n
	return r.disk(l)
}

// disk measures what lies on the disk of a ledger at rest, and closes it.
func (r *run) disk(l *storage.Ledger) error {
	n := float64(r.report.Records)
	r.Tell("bringing the ledger to rest")
	if err := l.Settle(r.ctx); err != nil {
		l.Close()
		return err
	}
	sizes, err := l.Sizes()
	if err != nil {
		l.Close()
		return err
	}
	r.report.Disk.Parts = map[string]float64{}
	for name, bytes := range sizes {
		r.report.Disk.Parts[name] = float64(bytes) / n
	}
	if err := l.Close(); err != nil {
		return err
	}
	r.report.Disk.Bytes, err = size(r.ledger)
	r.report.Disk.PerRecord = float64(r.report.Disk.Bytes) / n
	return err
}

// size returns what the files of a folder hold.
func size(dir string) (sum int64, err error) {
	err = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err == nil {
			sum += info.Size()
		}
		return err
	})
	return sum, err
}

// times measures look-ups, each kind on the same questions.
func (r *run) times(l *storage.Ledger, n int, warm bool) (t Times, err error) {
	var held []storage.Holding
	questions := make([]Question, n)
	keys := make([][]byte, 0, n)
	for i := range questions {
		questions[i] = r.world.Ask(r.rng)
	}
	ask := func(q Question) error {
		held, err = l.Custody(r.ctx, q.Item, -1, held[:0])
		return err
	}
	if warm {
		for _, q := range questions {
			key, err := l.FirstBlock(r.ctx, q.Item)
			if err != nil {
				return t, err
			}
			if key != nil {
				keys = append(keys, key)
			}
			if err := ask(q); err != nil {
				return t, err
			}
			t.Holdings += float64(len(held)) / float64(n)
		}
	}
	// In turn, so that whatever else the machine does disturbs all alike.
	var get, custody []time.Duration
	for i, q := range questions {
		if i < len(keys) {
			d, err := timed(func() error { _, err := l.RawGet(keys[i]); return err })
			if err != nil {
				return t, err
			}
			get = append(get, d)
		}
		d, err := timed(func() error { return ask(q) })
		if err != nil {
			return t, err
		}
		custody = append(custody, d)
	}
	t.Get, t.Custody = quantiles(get), quantiles(custody)
	if warm {
		t.Custody50 = t.Custody.P50 / t.Get.P50
		t.Custody99 = t.Custody.P99 / t.Get.P99
		t.AtOnce, t.AtOnceGain, err = r.atOnce(l, questions)
	}
	return t, err
}

// atOnce measures how many questions a second all processors get answered, by turns
// with one.
func (r *run) atOnce(l *storage.Ledger, questions []Question) (rate, gain float64, err error) {
	ask := func(askers int) (time.Duration, error) {
		errs := make([]error, askers)
		return timed(func() error {
			var group sync.WaitGroup
			for a := range askers {
				group.Go(func() {
					var held []storage.Holding
					for i := 0; i < len(questions) && errs[a] == nil; i++ {
						held, errs[a] = l.Custody(r.ctx, questions[(i+a*len(questions)/askers)%len(questions)].Item, -1, held[:0])
					}
				})
			}
			group.Wait()
			return errors.Join(errs...)
		})
	}
	all := runtime.GOMAXPROCS(0)
	var one, many []time.Duration
	for range 5 {
		for _, m := range []struct {
			askers int
			took   *[]time.Duration
		}{{1, &one}, {all, &many}} {
			d, err := ask(m.askers)
			if err != nil {
				return 0, 0, err
			}
			*m.took = append(*m.took, d)
		}
	}
	a, b := quantiles(one).P50, quantiles(many).P50
	return float64(all*len(questions)) / b * 1e6, float64(all) * a / b, nil
}

// resolved is how many findings are measured: the records of their lots, and those
// that cite their papers, are to have room in the cache of records, and the lots on
// the shelf.
func (r *run) resolved() int { return max(10, min(r.Queries, r.Records/(3*longLot))) }

// longLot is how many spans a lot may have that findings are measured in: a
// finding reads all that is on record of its lot.
const longLot = 200

// What went before a finding that is measured.
type before int

const (
	nothing before = iota
	replay         // the same question as a replay of the whole log, which leaves records in the cache but no lot laid out
	same           // the same question
)

// rounds is how often questions that were asked before are measured: one round takes a
// few milliseconds, less than the collection of what the first ones left behind.
const rounds = 30

// resolve measures whole findings, and the processor time of one.
func (r *run) resolve(l *storage.Ledger, n int, asked before) (*Quantiles, float64, error) {
	questions := make([]Question, n)
	for i := range questions {
		questions[i] = r.world.ask(r.rng, longLot)
	}
	ask := func(asOf int64) (all []time.Duration, err error) {
		for _, q := range questions {
			d, err := timed(func() error {
				_, err := trace.Resolve(r.ctx, l, q.query(asOf))
				return err
			})
			if err != nil {
				return nil, err
			}
			all = append(all, d)
		}
		return all, nil
	}
	var err error
	times := 1
	switch asked {
	case replay:
		_, err = ask(l.Len())
	case same: // a lot that is asked about a second time is laid out whole
		for range 2 {
			if _, err = ask(-1); err != nil {
				return nil, 0, err
			}
		}
		times = rounds
	}
	var all []time.Duration
	before := processorTime()
	for range times {
		if err != nil {
			return nil, 0, err
		}
		var some []time.Duration
		some, err = ask(-1)
		all = append(all, some...)
	}
	q := quantiles(all)
	return &q, float64((processorTime() - before).Microseconds()) / float64(len(all)), err
}

func (r *run) hot() error {
	l, err := r.open(r.Records)
	if err != nil {
		return err
	}
	defer l.Close()
	r.Tell("asking with warm caches")
	t, err := r.times(l, r.Queries, true)
	if err != nil {
		return err
	}
	if t.First, t.FirstCPU, err = r.resolve(l, r.resolved(), replay); err != nil {
		return err
	}
	if t.Resolve, t.ResolveCPU, err = r.resolve(l, r.resolved(), same); err != nil {
		return err
	}
	t.Resolve50 = t.Resolve.P50 / t.Get.P50
	if t.Proof, err = r.proofs(l); err != nil {
		return err
	}
	if t.Any, err = r.anyLot(l); err != nil {
		return err
	}
	r.report.Hot = t
	if err := r.largest(l); err != nil {
		return err
	}
	if err := l.Close(); err != nil {
		return err
	}
	if l, err = r.open(1); err != nil {
		return err
	}
	defer l.Close()
	r.Tell("asking without a record cache")
	if _, err := r.times(l, r.Queries/10, true); err != nil { // to warm up
		return err
	}
	r.report.Hot.Uncached, r.report.Hot.UncachedCPU, err = r.resolve(l, r.resolved(), same)
	return err
}

// anyLot measures findings about packages of lots of any size, of which many were not
// asked about before.
func (r *run) anyLot(l *storage.Ledger) (*Quantiles, error) {
	rng := rand.New(rand.NewPCG(r.Seed, 2)) // the other questions stay the same
	var all []time.Duration
	for range min(r.Queries, 300) {
		q := r.world.Ask(rng).query(-1)
		d, err := timed(func() error { _, err := trace.Resolve(r.ctx, l, q); return err })
		if err != nil {
			return nil, err
		}
		all = append(all, d)
	}
	q := quantiles(all)
	return &q, nil
}

func (r *run) proofs(l *storage.Ledger) (*Quantiles, error) {
	var all []time.Duration
	for range min(r.Queries, 2000) {
		seq := r.rng.Int64N(l.Len())
		d, err := timed(func() error { _, err := l.ProveRecord(seq, l.Len()); return err })
		if err != nil {
			return nil, err
		}
		all = append(all, d)
	}
	q := quantiles(all)
	return &q, nil
}

func (r *run) largest(l *storage.Ledger) error {
	lot, spans := r.world.Largest()
	r.report.Largest = Largest{Lot: lot, Spans: spans}
	var all []time.Duration
	for range 50 {
		d, err := timed(func() error {
			parties, err := l.LotParties(r.ctx, lot)
			r.report.Largest.Parties = len(parties)
			return err
		})
		if err != nil {
			return err
		}
		all = append(all, d)
	}
	r.report.Largest.Time = quantiles(all)
	return nil
}

// insert appends records of another world, and writes what they come to into a
// bare database, in turn.
func (r *run) insert() error {
	l, err := r.open(r.Records)
	if err != nil {
		return err
	}
	defer l.Close()
	other := filepath.Join(r.Dir, "baseline")
	defer os.RemoveAll(other)
	bare, err := storage.OpenBaseline(other, storage.Config{CacheBytes: r.Cache})
	if err != nil {
		return err
	}
	defer bare.Close()
	const total = 64_000
	records, err := NewWorld(total, r.Levels, r.Seed+1).records(total, another(l.Len()))
	if err != nil {
		return err
	}
	for _, b := range []struct{ batch, rounds int }{{1, 400}, {100, 300}, {1000, 30}} {
		r.Tell("appending %d at a time", b.batch)
		var ledger, database []time.Duration
		for range min(b.rounds, r.Queries) {
			some := records[:min(b.batch, len(records))]
			records = records[len(some):]
			writes, err := l.Writes(r.ctx, some)
			if err != nil {
				return err
			}
			inLedger := func() error {
				d, err := timed(func() error { _, err := l.Append(r.ctx, some); return err })
				ledger = append(ledger, d)
				return err
			}
			inDatabase := func() error {
				d, err := timed(func() error { return bare.Put(writes) })
				database = append(database, d)
				return err
			}
			first, second := inLedger, inDatabase
			if r.rng.IntN(2) == 0 {
				first, second = second, first
			}
			if err := first(); err != nil {
				return err
			}
			if err := second(); err != nil {
				return err
			}
		}
		a, d := quantiles(ledger), quantiles(database) // the median: single waits for a disk vary widely
		r.report.Insert = append(r.report.Insert, Insert{b.batch, float64(b.batch) / a.P50 * 1e6, float64(b.batch) / d.P50 * 1e6, d.P50 / a.P50})
	}
	return nil
}

// cold asks a ledger that was just opened, whose files the system forgot.
func (r *run) cold() error {
	forget(r.ledger)
	l, err := r.open(r.Records)
	if err != nil {
		return err
	}
	defer l.Close()
	r.Tell("asking with cold caches")
	if r.report.Cold, err = r.times(l, min(r.Queries, 300), false); err != nil {
		return err
	}
	r.report.Cold.Resolve, _, err = r.resolve(l, min(r.Queries, 100), nothing)
	return err
}

// another returns what the makers and parties of records to be appended to a ledger
// begin with, so that their names are not those that an earlier run gave.
func another(length int64) string { return fmt.Sprintf("XZ%d", length/1000) }

func timed(f func() error) (time.Duration, error) {
	start := time.Now()
	err := f()
	return time.Since(start), err
}

func quantiles(all []time.Duration) Quantiles {
	if len(all) == 0 {
		return Quantiles{}
	}
	slices.Sort(all)
	us := func(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e3 }
	return Quantiles{us(all[len(all)/2]), us(all[len(all)*99/100])}
}

// String writes the report as a table.
func (r *Report) String() string {
	var b []byte
	row := func(name, format string, args ...any) {
		b = fmt.Appendf(b, "%-34s", name)
		b = append(fmt.Appendf(b, format, args...), '\n')
	}
	row("records", "%d, of which %d transfer spans, %d levels of packing", r.Records, r.Spans, r.Levels)
	row("cache", "%d MB and %d records, %d CPUs, %s", r.Cache>>20, r.Cached, r.CPUs, r.Go)
	if r.Import.Seconds > 0 {
		row("import", "%.0f records/s (%.1f s, %.1f us of CPU a record)", r.Import.Rate, r.Import.Seconds, r.Import.CPU)
	}
	row("on disk", "%.1f bytes a record", r.Disk.PerRecord)
	parts := make([]string, 0, len(r.Disk.Parts))
	for name := range r.Disk.Parts {
		parts = append(parts, name)
	}
	slices.SortFunc(parts, func(a, b string) int { return cmp.Compare(r.Disk.Parts[b], r.Disk.Parts[a]) })
	for _, name := range parts {
		if n := r.Disk.Parts[name]; n >= 0.05 {
			row("", "%6.1f %s", n, name)
		}
	}
	row("", "%10s %10s %8s %8s", "p50 us", "p99 us", "p50/Get", "p99/Get")
	times := func(name string, q *Quantiles, get Quantiles) {
		if q == nil || q.P50 == 0 {
			return
		}
		if get.P50 == 0 {
			row(name, "%10.1f %10.1f", q.P50, q.P99)
			return
		}
		row(name, "%10.1f %10.1f %8.2f %8.2f", q.P50, q.P99, q.P50/get.P50, q.P99/get.P99)
	}
	times("database Get, hot", &r.Hot.Get, r.Hot.Get)
	times("custody, hot", &r.Hot.Custody, r.Hot.Get)
	if r.Hot.AtOnce > 0 {
		row(fmt.Sprintf("custody, hot, %d at once", r.CPUs), "%.0f a second, %.2f times as many as one alone", r.Hot.AtOnce, r.Hot.AtOnceGain)
	}
	times(fmt.Sprintf("finding, hot, lots to %d spans", longLot), r.Hot.Resolve, r.Hot.Get)
	times("finding, the first about a lot", r.Hot.First, r.Hot.Get)
	times("finding, no record cache", r.Hot.Uncached, r.Hot.Get)
	times("finding, lots of any size", r.Hot.Any, Quantiles{})
	if r.Hot.ResolveCPU > 0 {
		row("", "processor time of a finding %.0f us, of the first %.0f, without record cache %.0f", r.Hot.ResolveCPU, r.Hot.FirstCPU, r.Hot.UncachedCPU)
	}
	times("proof of a record, hot", r.Hot.Proof, r.Hot.Get)
	times("custody, cold", &r.Cold.Custody, Quantiles{})
	times("finding, cold", r.Cold.Resolve, Quantiles{})
	times(fmt.Sprintf("parties of a lot of %d spans", r.Largest.Spans), &r.Largest.Time, Quantiles{})
	for _, i := range r.Insert {
		row(fmt.Sprintf("append %d, synced", i.Batch), "%.0f records/s, %.2f of a bare batch of Sets (%.0f)", i.Ledger, i.Ratio, i.Database)
	}
	row("memory", "%d MB at most", r.Memory>>20)
	return string(b)
}
