//go:build peers

package peerbench

import (
	"context"
	"database/sql"
	"iter"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite"

	"github.com/sublot/sublot/internal/bench"
	"github.com/sublot/sublot/storage"
	"github.com/sublot/sublot/trace"
)

// A peer finds the transfers that hold a package of a lot, and says how many
// they are and the sum of their days.
type peer struct {
	name string
	ask  func(q bench.Question) (n int, days int64)
}

func TestPeers(t *testing.T) {
	spans := int64(50_000)
	if n, err := strconv.ParseInt(os.Getenv("SUBLOT_SPANS"), 10, 64); err == nil {
		spans = n
	}
	w := bench.NewWorld(spans, 1, 1)
	rng := rand.New(rand.NewPCG(1, 3))
	questions := make([]bench.Question, 2000)
	for i := range questions {
		questions[i] = w.Ask(rng)
	}
	peers := []peer{{"ledger", ledger(t, w)}, {"SQLite R*Tree", sqlite(t, w)}}
	if dsn := os.Getenv("SUBLOT_POSTGRES"); dsn != "" {
		peers = append(peers, peer{"PostgreSQL GiST", postgres(t, w, dsn)})
	} else {
		require.Empty(t, os.Getenv("CI"), "SUBLOT_POSTGRES must be set")
		t.Log("SUBLOT_POSTGRES is not set: PostgreSQL is left out")
	}
	// In turn, some questions each: what disturbs one disturbs all, and none finds
	// the processor's caches full of what another left with every question.
	const turn = 50
	times := make([][]time.Duration, len(peers))
	for round := range 2 { // the first warms up
		for from := 0; from < len(questions); from += turn {
			some := questions[from:min(from+turn, len(questions))]
			var first []int64
			for i, p := range peers {
				var answers []int64
				for _, q := range some {
					start := time.Now()
					n, days := p.ask(q)
					if d := time.Since(start); round == 1 {
						times[i] = append(times[i], d)
					}
					answers = append(answers, int64(n), days)
				}
				if i == 0 {
					first = answers
				}
				require.Equal(t, first, answers, p.name)
			}
		}
	}
	t.Logf("%d spans, %d questions", spans, len(questions))
	var base time.Duration
	for i, p := range peers {
		slices.Sort(times[i])
		p50, p99 := times[i][len(times[i])/2], times[i][len(times[i])*99/100]
		if i == 0 {
			base = p50
		}
		t.Logf("%-16s p50 %10v  p99 %10v  p50 %.1f times the ledger's", p.name, p50, p99, float64(p50)/float64(base))
	}
}

func ledger(t *testing.T, w *bench.World) func(bench.Question) (int, int64) {
	dir := t.TempDir()
	f, err := os.Create(filepath.Join(dir, "world.jsonl"))
	require.NoError(t, err)
	defer f.Close()
	_, err = w.WriteTo(f)
	require.NoError(t, err)
	_, err = f.Seek(0, 0)
	require.NoError(t, err)
	l, err := storage.Open(filepath.Join(dir, "ledger"), storage.Config{CacheBytes: 256 << 20})
	require.NoError(t, err)
	t.Cleanup(func() { l.Close() })
	_, err = trace.Import(t.Context(), l, []trace.ImportFile{{Name: "world", Reader: f}}, trace.ImportConfig{})
	require.NoError(t, err)
	require.NoError(t, l.Settle(t.Context()))
	var held []storage.Holding
	return func(q bench.Question) (n int, days int64) {
		var err error
		held, err = l.Custody(context.Background(), q.Item, -1, held[:0])
		if err != nil {
			panic(err)
		}
		for _, h := range held {
			if h.Kind == trace.KindTransfer {
				n++
				days += int64(h.At)
			}
		}
		return n, days
	}
}

func sqlite(t *testing.T, w *bench.World) func(bench.Question) (int, int64) {
	db, err := sql.Open("sqlite", "file:"+filepath.Join(t.TempDir(), "peer.db")+"?_pragma=cache_size(-262144)&_pragma=journal_mode(wal)")
	require.NoError(t, err)
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { db.Close() })
	for _, s := range []string{
		`CREATE TABLE span(id INTEGER PRIMARY KEY, day INTEGER, party TEXT)`,
		`CREATE VIRTUAL TABLE place USING rtree_i32(id, lot0, lot1, lo, hi)`,
	} {
		_, err := db.Exec(s)
		require.NoError(t, err)
	}
	tx, err := db.Begin()
	require.NoError(t, err)
	a, err := tx.Prepare(`INSERT INTO span VALUES(?,?,?)`)
	require.NoError(t, err)
	b, err := tx.Prepare(`INSERT INTO place VALUES(?,?,?,?,?)`)
	require.NoError(t, err)
	id := 0
	for s := range w.Transfers() {
		id++
		_, err := a.Exec(id, s.Day, s.To)
		require.NoError(t, err)
		_, err = b.Exec(id, s.Lot, s.Lot, s.Lo, s.Hi)
		require.NoError(t, err)
	}
	require.NoError(t, tx.Commit())
	ask, err := db.Prepare(`SELECT s.day, s.party FROM place p JOIN span s ON s.id = p.id WHERE p.lot0 <= ?1 AND p.lot1 >= ?1 AND p.lo <= ?2 AND p.hi >= ?2 ORDER BY s.day`)
	require.NoError(t, err)
	return func(q bench.Question) (n int, days int64) {
		rows, err := ask.Query(q.Lot, q.Number)
		if err != nil {
			panic(err)
		}
		defer rows.Close()
		for rows.Next() {
			var day int64
			var party string
			if err := rows.Scan(&day, &party); err != nil {
				panic(err)
			}
			n++
			days += day
		}
		return n, days
	}
}

func postgres(t *testing.T, w *bench.World, dsn string) func(bench.Question) (int, int64) {
	ctx := context.Background()
	db, err := pgx.Connect(ctx, dsn)
	require.NoError(t, err)
	t.Cleanup(func() { db.Close(ctx) })
	for _, s := range []string{`CREATE EXTENSION IF NOT EXISTS btree_gist`, `DROP TABLE IF EXISTS span`, `CREATE TABLE span(lot int4, r int4range, day int4, party text)`} {
		_, err := db.Exec(ctx, s)
		require.NoError(t, err)
	}
	next, stop := iter.Pull(w.Transfers())
	defer stop()
	_, err = db.CopyFrom(ctx, pgx.Identifier{"span"}, []string{"lot", "r", "day", "party"}, pgx.CopyFromFunc(func() ([]any, error) {
		s, ok := next()
		if !ok {
			return nil, nil
		}
		return []any{int32(s.Lot), int4range(s.Lo, s.Hi), int32(s.Day), s.To}, nil
	}))
	require.NoError(t, err)
	for _, s := range []string{`CREATE INDEX ON span USING gist(lot, r)`, `VACUUM ANALYZE span`} {
		_, err := db.Exec(ctx, s)
		require.NoError(t, err)
	}
	const ask = `SELECT day, party FROM span WHERE lot = $1 AND r @> $2::int4 ORDER BY day`
	return func(q bench.Question) (n int, days int64) {
		rows, err := db.Query(ctx, ask, int32(q.Lot), int32(q.Number))
		if err != nil {
			panic(err)
		}
		defer rows.Close()
		for rows.Next() {
			var day int32
			var party string
			if err := rows.Scan(&day, &party); err != nil {
				panic(err)
			}
			n++
			days += int64(day)
		}
		if err := rows.Err(); err != nil {
			panic(err)
		}
		return n, days
	}
}

func int4range(lo, hi int64) pgtype.Range[pgtype.Int4] {
	end := func(n int64) pgtype.Int4 { return pgtype.Int4{Int32: int32(n), Valid: true} }
	return pgtype.Range[pgtype.Int4]{Lower: end(lo), Upper: end(hi), LowerType: pgtype.Inclusive, UpperType: pgtype.Inclusive, Valid: true}
}
