package storage

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"path"
	"strings"
	"testing"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/stretchr/testify/require"

	"github.com/sublot/sublot/marking"
	"github.com/sublot/sublot/trace"
)

func TestVerify(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	l := mustOpen(t, vfs.NewMem())
	report, err := l.Verify(t.Context(), VerifyConfig{})
	require.NoError(t, err)
	require.Equal(t, l.Head(), report.Head)
	for from := 0; from < 1200; from += 300 {
		mustAppend(t, l, some(t, rng, from, 300))
		report, err := l.Verify(t.Context(), VerifyConfig{})
		require.NoError(t, err)
		require.Equal(t, l.Head(), report.Head)
		require.NoError(t, verifyInPieces(t, l))
	}
	bad := errors.New("not the source's")
	_, err = l.Verify(t.Context(), VerifyConfig{Signature: func(*trace.Record) error { return bad }})
	d, ok := errors.AsType[*Difference](err)
	require.True(t, ok)
	require.Equal(t, inSignature, d.Where)
	require.NoError(t, l.Close())
}

// Whoever changes the database by its own means is found out, and told where.
func TestVerifyNamesWhatDiffers(t *testing.T) {
	set := func(key, value []byte) func(db *pebble.DB) error {
		return func(db *pebble.DB) error { return db.Set(key, value, pebble.Sync) }
	}
	remove := func(key []byte) func(db *pebble.DB) error {
		return func(db *pebble.DB) error { return db.Delete(key, pebble.Sync) }
	}
	merge := func(key, value []byte) func(db *pebble.DB) error {
		return func(db *pebble.DB) error { return db.Merge(key, value, pebble.Sync) }
	}
	rng := rand.New(rand.NewPCG(1, 1))
	records := some(t, rng, 0, 300)
	for _, r := range records {
		if r.Kind == trace.KindTransfer {
			c, err := trace.NewRecord(trace.Record{Source: "XB", ID: "c", At: r.At, Body: &trace.Correction{Voids: r.Ref(), Reason: "r"}})
			require.NoError(t, err)
			records = append(records, c)
			break
		}
	}
	with := func(want func(r *trace.Record) bool) (int64, *trace.Record) {
		for i, r := range records {
			if want(r) {
				return int64(i), r
			}
		}
		t.Fatal("no such record")
		return 0, nil
	}
	_, other := with(func(r *trace.Record) bool { return r.Kind == trace.KindTransfer && r.Signature == nil })
	altered := *other
	altered.Body = &trace.Transfer{From: "XD", To: "XD", Lines: other.Lines()}
	forged, err := trace.NewRecord(altered)
	require.NoError(t, err)
	otherSeq, _ := with(func(r *trace.Record) bool { return r == other })
	cites, citing := with(func(r *trace.Record) bool { return len(r.Cites()) > 0 })
	party, about := with(func(r *trace.Record) bool { return r.Describes() != "" })
	_, placed := with(func(r *trace.Record) bool { return len(r.Items()) > 0 })
	ser, lo, hi := seriesOf(placed.Items()[0])
	level, block, _ := blocksOf(lo, hi)

	written := func(e entry, level int, number uint64) []byte { return e.appendTo(nil, level, number) }
	stockSeq, _ := with(func(r *trace.Record) bool { return r.Kind == trace.KindStock })
	_, given := with(func(r *trace.Record) bool { return r.Kind == trace.KindTransfer })
	someTotal := append(totalPrefix(nil, given.Lines()[0].Item.First().Lot()), given.Body.(*trace.Transfer).To...)
	_, voids := with(func(r *trace.Record) bool { _, ok := r.Body.(*trace.Correction); return ok && r.ID == "c" })
	_, target := with(func(r *trace.Record) bool { return r.Ref() == voids.Body.(*trace.Correction).Voids })
	voidSer, voidLo, voidHi := seriesOf(target.Items()[0])
	voidLevel, voidBlock, _ := blocksOf(voidLo, voidHi)
	voided := voidSer.block(voidLevel, voidBlock)

	for name, c := range map[string]struct {
		change func(db *pebble.DB) error
		where  string
	}{
		"record altered":    {set(logKey(otherSeq), encodeRecord(nil, forged)), inTree},
		"record unreadable": {set(logKey(7), []byte{0, '{'}), inLog},
		"record of no form": {set(logKey(7), []byte{9}), inLog},
		"record in the gap": {remove(logKey(7)), inLog},
		"odd key":           {set([]byte{tagLog, 0}, nil), inLog},
		"leaf altered":      {set(tileKey(0, 1), make([]byte, 45*32)), inTree},
		"upper tile gone":   {remove(tileKey(1, 0)), inTree},
		"a tile too many":   {set(tileKey(0, 9), make([]byte, 32)), inTree},
		"name gone":         {remove(nameKey(records[9].Ref())), "names"},
		"name leads astray": {set(nameKey(records[9].Ref()), []byte{8}), "names"},
		"name of nothing":   {set(nameKey("XA:none"), []byte{8}), "names"},
		"item gone":         {remove(ser.block(level, block)), "items"},
		"item twice":        {merge(ser.block(level, block), written(entry{lo: lo, hi: hi, seq: 0}, level, block)), "items"},
		"item of nothing":   {merge(ser.block(level, block), written(entry{lo: lo, hi: hi, seq: 299}, level, block)), "items"},
		"part of nothing":   {set(ser.part(level, block, 1), written(entry{lo: lo, hi: hi, seq: 299}, level, block)), "items"},
		"part in the gap":   {set(ser.part(level, block, 2), written(entry{lo: lo, hi: hi, seq: 299}, level, block)), "items"},
		"void of nothing":   {merge(ser.block(level, block), written(entry{lo: lo, hi: hi, seq: 299, kind: voidCode, voids: 0}, level, block)), "items"},
		"void gone":         {remove(voided), "items"},
		"grown of nothing":  {set(grownKey(ser.block(level, block)), []byte{1}), "grown blocks"},
		"total altered":     {merge(someTotal, total{1}.append(nil)), "totals"},
		"total gone":        {remove(someTotal), "totals"},
		"total of nothing":  {set(append(bytes.Clone(someTotal), 'Q'), total{1}.append(nil)), "totals"},
		"day gone":          {remove(dayKey(nil, records[3].At.Day(), 3)), "days"},
		"day too many":      {set(dayKey(nil, 3, 3), nil), "days"},
		"named gone":        {remove(appendListed(nil, tagParty, records[3].Source, 3)), "named parties"},
		"named too many":    {set(appendListed(nil, tagParty, "XZ", 3), nil), "named parties"},
		"site gone":         {remove(appendListed(nil, tagSite, "Depot", stockSeq)), "sites"},
		"container moved":   {set(appendListed(nil, tagContainer, "C", 3), nil), "containers"},
		"paper moved":       {set(appendListed(nil, tagNumber, "C", 3), nil), "numbers of papers"},
		"seizure too many":  {set(appendListed(nil, tagSeizure, "XC", 3), nil), "seizures"},
		"corrected by none": {set(appendListed(nil, tagVoided, "XB:3", 3), nil), "corrections"},
		"item unreadable":   {merge(ser.block(level, block), []byte{0xff}), "items"},
		"citation gone":     {remove(appendCited(nil, citing.Cites()[0], codeOf(citing), cites)), "citations"},
		"citation too many": {set(appendCited(nil, "XA:1", transferCode, 3), nil), "citations"},
		"party gone":        {remove(appendListed(nil, tagAbout, about.Describes(), party)), "parties"},
		"party too many":    {set(appendListed(nil, tagAbout, "XZ", 3), nil), "parties"},
		"source miscounted": {merge(appendSourceKey(nil, sourceDay{records[3].Source, records[3].Known()}), []byte{1}), "sources"},
		"source gone":       {remove(appendSourceKey(nil, sourceDay{records[3].Source, records[3].Known()})), "sources"},
		"sum miscounted":    {merge(textKey(tagSourceSum, records[3].Source), []byte{1}), "sources"},
		"sum gone":          {remove(textKey(tagSourceSum, records[3].Source)), "sources"},
		"sum of nothing":    {set(textKey(tagSourceSum, "XQ"), []byte{1}), "sources"},
		"source of nothing": {merge(appendSourceKey(nil, sourceDay{"XQ", 0}), []byte{1}), "sources"},
		"lot gone":          {remove(lotKey(placed.Items()[0].First().Lot())), "lots"},
		"lot of nothing":    {set(lotKey(marking.MustParseID("XQ/NONE")), nil), "lots"},
		"entry of no index": {set([]byte{0x77}, nil), "database"},
		"entry before all":  {set([]byte{0x00}, nil), "database"},
		"entry of no key":   {set(nil, nil), "database"},
		"lot with a value":  {set(lotKey(placed.Items()[0].First().Lot()), []byte{1}), "lots"},
		"lots by maker": {func(db *pebble.DB) error {
			maker := append(append([]byte{tagLot}, placed.Items()[0].First().Maker()...), 0)
			return errors.Join(db.DeleteRange(maker, after(maker), pebble.Sync), db.Set(maker, nil, pebble.Sync))
		}, "lots"},
		"source by length": {set(append([]byte{tagSource, 0x82, 0}, "XA\x80\x00\x00\x00"...), []byte{1}), "sources"},
		"sum by length":    {set(append([]byte{tagSourceSum, 0x82, 0}, "XA"...), []byte{1}), "sources"},
	} {
		t.Run(name, func(t *testing.T) {
			l := mustOpen(t, vfs.NewMem())
			mustAppend(t, l, records)
			require.NoError(t, c.change(l.db))
			_, err := l.Verify(t.Context(), VerifyConfig{})
			d, ok := errors.AsType[*Difference](err)
			require.True(t, ok, "%T: %v", err, err)
			require.Equal(t, c.where, d.Where, "%v", err)
			require.NotEmpty(t, d.Hint())
			require.Equal(t, err, verifyInPieces(t, l))
			require.NoError(t, l.Close())
		})
	}
}

// Any byte of any file of a ledger is changed, any file cut short or taken
// away: it is found when the ledger is opened or verified, or it is shown to do
// no harm. SUBLOT_TAMPER sets how many trials there are.
func TestTamper(t *testing.T) {
	trials := amount(t, "SUBLOT_TAMPER", 250)
	rng := rand.New(rand.NewPCG(1, 1))
	disk := vfs.NewCrashableMem()
	l := mustOpen(t, disk)
	mustAppend(t, l, some(t, rng, 0, 120))
	require.NoError(t, l.db.Flush())
	mustAppend(t, l, some(t, rng, 120, 40))
	require.NoError(t, l.db.Flush())
	// The last journal is written over an earlier one, and is to end after it.
	mustAppend(t, l, some(t, rng, 160, 180))
	for i := range 10 {
		mustAppend(t, l, some(t, rng, 340+i, 1))
	}
	head := l.Head()
	require.NoError(t, l.heads.write()) // it may be behind for a moment
	// As a power cut leaves it, with its journal, and as closing leaves it.
	states := map[string]map[string][]byte{"running": allFiles(t, disk.CrashClone(vfs.CrashCloneCfg{}), "ledger")}
	require.NoError(t, l.Close())
	states["closed"] = allFiles(t, disk, "ledger")

	type tally struct{ trials, found, harmless int }
	kinds := map[string]*tally{}
	for name, files := range states {
		require.Equal(t, "ok", try(t, files, head), name)
	}
	for i := range trials {
		name := []string{"running", "closed"}[i%2]
		original := states[name]
		names := fileNames(original)
		file := names[rng.IntN(len(names))]
		files := map[string][]byte{}
		for k, v := range original {
			files[k] = v
		}
		b := bytes.Clone(files[file])
		what := "byte"
		switch pick := rng.IntN(10); {
		case pick == 0:
			what = "removed"
			delete(files, file)
		case len(b) == 0:
			continue
		case pick == 1:
			what = "cut"
			files[file] = b[:rng.IntN(len(b))]
		default:
			at := rng.IntN(len(b))
			if rng.IntN(3) == 0 {
				at = len(b) - 1 - rng.IntN(min(len(b), 64)) // the end, where a journal is weak
			}
			b[at] ^= byte(1 + rng.IntN(255))
			files[file] = b
		}
		kind := fmt.Sprintf("%-8s %-9s %s", name, kindOf(file), what)
		if kinds[kind] == nil {
			kinds[kind] = &tally{}
		}
		kinds[kind].trials++
		switch verdict := try(t, files, head); verdict {
		case "ok":
			kinds[kind].harmless++
		case "found":
			kinds[kind].found++
		default:
			t.Errorf("%s, trial %d: %s", kind, i, verdict)
		}
	}
	for kind, n := range kinds {
		t.Logf("%-30s %5d trials, %5d found, %5d harmless", kind, n.trials, n.found, n.harmless)
	}
}

func kindOf(file string) string {
	base := path.Base(file)
	switch {
	case strings.HasSuffix(base, ".sst"):
		return "table"
	case strings.HasSuffix(base, ".log"):
		return "journal"
	case strings.HasPrefix(base, "MANIFEST"):
		return "manifest"
	case strings.HasPrefix(base, "OPTIONS"):
		return "options"
	case strings.HasPrefix(base, "marker"):
		return "marker"
	}
	return base
}

// try opens and verifies the ledger that the files make. It says "found" where
// that fails, and "ok" where it holds what the head names.
func try(t *testing.T, files map[string][]byte, head Head) (verdict string) {
	t.Helper()
	fs := withFiles(t, files)
	l, err := Open("ledger", Config{fs: fs, CachedRecords: 1, CacheBytes: 1 << 20})
	if err != nil {
		if _, ok := errors.AsType[*Error](err); !ok {
			return fmt.Sprintf("opening gives %T: %v", err, err)
		}
		return "found"
	}
	defer l.Close()
	report, err := l.Verify(t.Context(), VerifyConfig{})
	if err != nil {
		return "found"
	}
	if report.Head != head {
		return fmt.Sprintf("verified with head %s, wanted %s", report.Head, head)
	}
	// What was verified answers: look-ups take other ways to a record than a walk.
	for e, err := range l.All(t.Context(), 0) {
		if err != nil {
			return fmt.Sprintf("verified, then a walk fails: %v", err)
		}
		if again, err := l.Get(e.Record.Ref()); err != nil || again.Seq != e.Seq {
			return fmt.Sprintf("verified, then record %s is found at %d: %v", e.Record.Ref(), again.Seq, err)
		}
		if _, err := l.ProveRecord(e.Seq, head.Size); err != nil {
			return fmt.Sprintf("verified, then record %s is not proved: %v", e.Record.Ref(), err)
		}
	}
	return "ok"
}
