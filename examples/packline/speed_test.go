package main

import (
	"crypto/ed25519"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sublot/sublot/codes"
	"github.com/sublot/sublot/codes/label"
	"github.com/sublot/sublot/marking"
)

// A labeller makes labels as a station does: a number, a signed frame, a symbol, a
// drawing. It uses its memory again and again.
type labeller struct {
	crates marking.Span
	n      uint64
	out    []byte
	frame  []byte
	values map[string]string
}

func newLabeller() *labeller {
	return &labeller{crates: marking.MustParseSpan("XCW/XCW24C001-012/001/000001..999999"), values: map[string]string{
		"title": "9 mm Luger", "subtitle": "Ball, full metal jacket", "lot": "XCW24C001-012", "maker": "XCW",
		"date": "2024-03", "note": "Keep dry", "quantity": "1 000 rounds", "hazard": "1.4S",
	}}
}

func (m *labeller) sign() marking.ID {
	m.n = m.n%999_999 + 1
	unit := m.crates.SpanIn(m.n, m.n).First()
	frame, err := marking.Sign(marking.Mark{Item: unit, Level: marking.Crate, Calibre: "9x19", Made: marking.MonthOf(2024, time.March), Rounds: 1000}, speedKey)
	if err != nil {
		panic(err)
	}
	m.frame = frame
	return unit
}

func (m *labeller) encode() *codes.Symbol {
	m.sign()
	s, err := codes.Encode(codes.Payload{Data: m.frame}, codes.EncodeConfig{})
	if err != nil {
		panic(err)
	}
	return s
}

func must(b []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return b
}

// speedKey signs what is measured.
var speedKey = ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))

var template = label.Default()

func (m *labeller) lay() *label.Label {
	unit := m.sign()
	s, err := codes.Encode(codes.Payload{Data: m.frame}, codes.EncodeConfig{})
	if err != nil {
		panic(err)
	}
	m.values["identity"] = unit.String()
	l, err := template.Lay(s, m.values)
	if err != nil {
		panic(err)
	}
	return l
}

var bareMessage = make([]byte, 60) // about what a frame signs

func bareSign(*labeller) { ed25519.Sign(speedKey, bareMessage) }

// The ways to make a label and what part of the rate of bare signatures each must
// reach; 0 where nothing is asked. A symbol is the mark alone, a label has the text
// and the diamond of the default template too.
var ways = []struct {
	name string
	make func(m *labeller)
	want float64
}{
	{"symbol as SVG", func(m *labeller) { m.out = must(m.encode().AppendSVG(m.out[:0], codes.DrawConfig{})) }, 1. / 5},
	{"symbol as ZPL", func(m *labeller) { m.out = must(m.encode().AppendZPL(m.out[:0], codes.DrawConfig{DPI: 300})) }, 1. / 4},
	{"symbol as PNG", func(m *labeller) { m.out = must(m.encode().AppendPNG(m.out[:0], codes.DrawConfig{DPI: 300})) }, 1. / 20},
	{"label as SVG", func(m *labeller) { m.out = m.lay().AppendSVG(m.out[:0]) }, 1. / 5},
	{"label as ZPL", func(m *labeller) { m.out = m.lay().AppendZPL(m.out[:0]) }, 1. / 4},
	{"label as PNG", func(m *labeller) { m.out = m.lay().AppendPNG(m.out[:0]) }, 1. / 20},
}

func TestAllocations(t *testing.T) {
	if testing.Short() {
		t.Skip("the race detector allocates too")
	}
	for _, w := range ways {
		m := newLabeller()
		w.make(m)
		n := testing.AllocsPerRun(200, func() { w.make(m) })
		t.Logf("%s: %.0f allocations", w.name, n)
		require.LessOrEqual(t, n, 30.0, w.name)
	}
}

// Memory does not grow with the number of labels. SUBLOT_LABELS says how many.
func TestMemoryIsFlat(t *testing.T) {
	if testing.Short() {
		t.Skip("the race detector allocates too")
	}
	n := 4000
	if s := os.Getenv("SUBLOT_LABELS"); s != "" {
		var err error
		n, err = strconv.Atoi(s)
		require.NoError(t, err)
	}
	m := newLabeller()
	used := func() (live, fromSystem uint64) {
		runtime.GC()
		var s runtime.MemStats
		runtime.ReadMemStats(&s)
		return s.HeapAlloc, s.Sys
	}
	var early, earlySys uint64
	for i := range n {
		ways[i%len(ways)].make(m)
		if i == n/10 {
			early, earlySys = used()
		}
	}
	late, lateSys := used()
	t.Logf("%d labels: %d kB live after a tenth of them, %d kB at the end; %d and %d kB from the system", n, early>>10, late>>10, earlySys>>10, lateSys>>10)
	require.Less(t, late, early+1<<20)
	require.Less(t, lateSys, earlySys+8<<20)
}

// speed is set to measure; it takes a minute, and wants a machine that does little else.
const speed = "SUBLOT_SPEED"

// TestSpeed compares, in one process and by turns, bare Ed25519 with all that makes
// a label, and bare verification with Open. What is compared is the lower quartile
// of many short turns, which others on the machine disturb least.
func TestSpeed(t *testing.T) {
	if os.Getenv(speed) == "" {
		t.Skipf("set %s to measure", speed)
	}
	bare := struct {
		name string
		make func(m *labeller)
		want float64
	}{"bare signature", bareSign, 0}
	all := append(slices.Clone(ways), bare)
	makers := make([]*labeller, len(all))
	for i := range makers {
		makers[i] = newLabeller()
	}
	times := turns(len(all), func(i, n int) {
		for range n {
			all[i].make(makers[i])
		}
	})
	base := times[len(all)-1]
	for i, w := range all {
		ratio := float64(base) / float64(times[i])
		t.Logf("%-16s %7.1f µs  %.3f of the bare rate, wanted %.3f", w.name, float64(times[i].Nanoseconds())/1e3, ratio, w.want)
		if ratio < w.want {
			t.Errorf("%s: %.3f of the bare rate, wanted %.3f", w.name, ratio, w.want)
		}
	}

	// Verification of frames that were never seen, then of one seen again.
	trust, err := marking.NewTrust(marking.Key{Source: "XA-EXP", ID: "K", Maker: "XCW", Public: speedKey.Public().(ed25519.PublicKey)})
	require.NoError(t, err)
	frames := make([][]byte, 20_000) // more than a Trust remembers
	m := newLabeller()
	for i := range frames {
		m.sign()
		frames[i] = m.frame
	}
	next := 0
	public := speedKey.Public().(ed25519.PublicKey)
	sig := ed25519.Sign(speedKey, bareMessage)
	open := func(frame []byte) {
		if v, err := marking.Open(frame, trust); err != nil || v.Signature != marking.StateValid {
			panic(fmt.Sprint(v, err))
		}
	}
	times = turns(3, func(i, n int) {
		for range n {
			switch i {
			case 0:
				ed25519.Verify(public, bareMessage, sig)
			case 1:
				open(frames[next%len(frames)])
				next++
			case 2:
				open(frames[0])
			}
		}
	})
	ratio := float64(times[0]) / float64(times[1])
	t.Logf("bare verification %.1f µs, Open %.1f µs: %.3f of the bare rate, wanted 0.85; again %.1f µs",
		float64(times[0].Nanoseconds())/1e3, float64(times[1].Nanoseconds())/1e3, ratio, float64(times[2].Nanoseconds())/1e3)
	if ratio < 0.85 {
		t.Errorf("Open: %.3f of the bare rate", ratio)
	}
}

// turns runs things by turns of about a millisecond, too short for others to come
// between, and returns the lower quartile of how long each took once.
func turns(things int, do func(i, n int)) []time.Duration {
	count := make([]int, things)
	for i := range count {
		count[i] = 1
		for {
			begun := time.Now()
			do(i, count[i])
			if took := time.Since(begun); took > time.Millisecond/2 {
				break
			}
			count[i] *= 2
		}
	}
	all := make([][]time.Duration, things)
	for range 500 {
		for i := range things {
			begun := time.Now()
			do(i, count[i])
			all[i] = append(all[i], time.Since(begun)/time.Duration(count[i]))
		}
	}
	out := make([]time.Duration, things)
	for i := range all {
		slices.Sort(all[i])
		out[i] = all[i][len(all[i])/4]
	}
	return out
}

// The benchmarks of go test -bench, whose ratios mean something within one run.
func BenchmarkLabel(b *testing.B) {
	b.Run("bare signature", func(b *testing.B) {
		for b.Loop() {
			bareSign(nil)
		}
	})
	for _, w := range ways {
		b.Run(w.name, func(b *testing.B) {
			b.ReportAllocs()
			m := newLabeller()
			for b.Loop() {
				w.make(m)
			}
		})
	}
}
