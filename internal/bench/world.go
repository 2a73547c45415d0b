package bench

import (
	"bufio"
	"bytes"
	"container/heap"
	"fmt"
	"io"
	"iter"
	"math"
	"math/rand/v2"
	"sort"
	"strconv"

	"github.com/sublot/sublot/marking"
	"github.com/sublot/sublot/trace"
)

// A World is a synthetic national ledger: many lots of very unequal fate, whose
// packages are divided among holders, and by them among others. The same World
// is the same records, whatever else happened.
type World struct {
	Spans  int64  // spans in transfers
	Levels int    // levels of packing that hold transfers, 1 to 3
	Seed   uint64 // for what is random

	lots []worldLot
	sum  []int64 // spans of the lots up to each
}

// A worldLot is a lot and how often spans of it are given. The n transfers of a
// lot are a tree of which each gives fanout parts of what it got, so that the
// j-th can be worked out from j alone.
type worldLot struct {
	n     int64
	width [3]int64 // packages in one of the level above
	seed  uint64
}

const (
	fanout   = 4
	lotShare = 100 // spans for each lot
	zipf     = 0.8 // lots by how often they are given
	firstDay = 10957
	days     = 9000
	crossing = 33 // one transfer in so many gives what several had

	makers  = 40
	holders = 4000
	each    = 1000 // rounds in the smallest package
)

// NewWorld lays out a world.
func NewWorld(spans int64, levels int, seed uint64) *World {
	w := &World{Spans: spans, Levels: levels, Seed: seed}
	count := max(spans/lotShare, 1)
	var total float64
	for i := range count {
		total += math.Pow(float64(i+1), -zipf)
	}
	var share float64
	given := int64(0)
	for i := range count {
		share += math.Pow(float64(i+1), -zipf)
		n := int64(math.Round(float64(spans)*share/total)) - given
		if i == count-1 {
			n = spans - given
		}
		if n <= 0 {
			continue
		}
		given += n
		lot := worldLot{n: n, seed: seed + uint64(i)}
		packages := fanout * n
		for level := range levels {
			lot.width[level] = fanout * fanout
			if level == levels-1 {
				lot.width[level] = max(fanout*fanout, packages)
			}
			packages /= fanout * fanout
		}
		w.lots = append(w.lots, lot)
		w.sum = append(w.sum, given)
	}
	return w
}

// lotName returns the name of the i-th lot.
func (w *World) lotName(i int) string {
	return fmt.Sprintf("XM%02d/%02dC%06d", i%makers, i%90+10, i)
}

func (w *World) holder(n uint64) string {
	return "XA-" + strconv.FormatUint(1000+n%holders, 10)
}

// digits returns how wide the names of packages of a level are.
func (w *World) digits(level int) int {
	if level < w.Levels-1 {
		return 3
	}
	return 7
}

// A worldSpan is a span of a lot: packages lo to hi inside one of the level above.
type worldSpan struct {
	level  int
	parent [3]int64 // numbers of the packages around, from the lot down
	lo, hi int64
}

// mix is splitmix64.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// span works out what the j-th transfer of a lot gives.
func (w *World) span(lot *worldLot, j int64) worldSpan {
	var path [64]int64
	depth := 0
	for n := j; n >= fanout; n = n/fanout - 1 {
		path[depth] = n % fanout
		depth++
	}
	root := j
	for root >= fanout {
		root = root/fanout - 1
	}
	s := worldSpan{lo: 1, hi: lot.width[0]}
	s.part(root)
	for depth--; depth >= 0; depth-- {
		if s.lo == s.hi && s.level < w.Levels-1 {
			s.parent[s.level] = s.lo
			s.level++
			s.lo, s.hi = 1, lot.width[s.level]
		}
		s.part(path[depth])
	}
	if h := mix(lot.seed<<20 ^ uint64(j)); h%crossing == 0 && j >= fanout {
		length := s.hi - s.lo
		s.lo = max(1, s.lo-length/2)
		s.hi = min(lot.width[s.level], s.hi+length/2+1)
	}
	return s
}

// part leaves one of the fanout parts of a span; of a single package all.
func (s *worldSpan) part(k int64) {
	n := s.hi - s.lo + 1
	if n < fanout {
		at := s.lo + k%n
		s.lo, s.hi = at, at
		return
	}
	lo := s.lo + n*k/fanout
	s.hi = s.lo + n*(k+1)/fanout - 1
	s.lo = lo
}

func (w *World) appendSpan(b []byte, i int, s worldSpan) []byte {
	b = append(b, w.lotName(i)...)
	for level := range s.level {
		b = fmt.Appendf(b, "/%0*d", w.digits(level), s.parent[level])
	}
	d := w.digits(s.level)
	b = fmt.Appendf(b, "/%0*d", d, s.lo)
	if s.hi > s.lo {
		b = fmt.Appendf(b, "..%0*d", d, s.hi)
	}
	return b
}

// rounds in one package of a level.
func (w *World) rounds(lot *worldLot, level int) int64 {
	n := int64(each)
	for l := w.Levels - 1; l > level; l-- {
		n *= lot.width[l]
	}
	return n
}

// to returns who receives the j-th transfer of a lot, from who gives it.
func (w *World) to(lot *worldLot, j int64) string {
	return w.holder(mix(lot.seed<<20 ^ uint64(j) ^ 0x5bd1))
}

func (w *World) from(i int, j int64) string {
	if j < fanout {
		return w.lotName(i)[:4]
	}
	return w.to(&w.lots[i], j/fanout-1)
}

func (w *World) day(lot *worldLot, j int64) trace.Day {
	return firstDay + trace.Day(float64(days)*(float64(j)+0.5)/float64(lot.n))
}

// nextLot is a place of the heap that puts the transfers of all lots in order.
type nextLot struct {
	at  float64 // of all its time
	lot int
	j   int64
}

type lotHeap []nextLot

func (h lotHeap) Len() int           { return len(h) }
func (h lotHeap) Less(a, b int) bool { return h[a].at < h[b].at }
func (h lotHeap) Swap(a, b int)      { h[a], h[b] = h[b], h[a] }
func (h *lotHeap) Push(x any)        { *h = append(*h, x.(nextLot)) }
func (h *lotHeap) Pop() any {
	old := *h
	x := old[len(old)-1]
	*h = old[:len(old)-1]
	return x
}

// WriteTo writes the records as JSON Lines in the order in which they would come
// to be known. Beside transfers there are deliveries for one in ten, stock
// records for one in thirty, a correction for one in two hundred, and the lots,
// packs, parties and papers that they speak of. It implements [io.WriterTo].
func (w *World) WriteTo(to io.Writer) (int64, error) {
	out := &lines{to: bufio.NewWriterSize(to, 1<<20), ids: map[string]int64{}}
	for i := range makers {
		out.line(`{"country":"XM","id":"P%d","kind":"party","name":"Works %d","party":"XM%02d","roles":["maker"],"source":"XM-AUTH"}`, i, i, i)
	}
	out.line(`{"country":"XA","id":"P","kind":"party","name":"Authority","party":"XA-AUTH","roles":["authority"],"source":"XA-AUTH"}`)
	for i := range uint64(holders) {
		out.line(`{"country":"XA","id":"P%d","kind":"party","name":"Unit %d","party":"%s","roles":["end_user"],"source":"XA-AUTH"}`, i, i, w.holder(i))
	}
	h := make(lotHeap, len(w.lots))
	for i := range w.lots {
		h[i] = nextLot{at: 0.5 / float64(w.lots[i].n), lot: i}
	}
	heap.Init(&h)
	for len(h) > 0 && out.err == nil {
		n := &h[0]
		i, j := n.lot, n.j
		lot := &w.lots[i]
		if n.j++; n.j < lot.n {
			n.at = (float64(n.j) + 0.5) / float64(lot.n)
			heap.Fix(&h, 0)
		} else {
			heap.Pop(&h)
		}
		if j == 0 {
			w.begin(out, i)
		}
		w.transfer(out, i, j)
	}
	if out.err == nil {
		out.err = out.to.Flush()
	}
	return out.n, out.err
}

// lines writes records.
type lines struct {
	to  *bufio.Writer
	ids map[string]int64 // the last number that a source gave
	b   []byte
	n   int64
	err error
}

func (o *lines) line(format string, args ...any) {
	o.b = append(fmt.Appendf(o.b[:0], format, args...), '\n')
	n, err := o.to.Write(o.b)
	o.n += int64(n)
	if o.err == nil {
		o.err = err
	}
}

func (o *lines) id(source string) int64 {
	o.ids[source]++
	return o.ids[source]
}

// begin writes what comes before the transfers of a lot.
func (w *World) begin(o *lines, i int) {
	lot, name := &w.lots[i], w.lotName(i)
	maker, day := name[:4], w.day(lot, 0)
	whole := w.rounds(lot, 0) * lot.width[0]
	o.line(`{"calibre":"7.62x39","id":"L%d","item":"%s","kind":"lot","made":{"from":"%s","to":"%s"},"quantity":%d,"source":"%s"}`,
		i, name, day-90, day-60, whole, maker)
	units := []byte(nil)
	w.units(&units, lot, name, 0)
	o.line(`{"at":"%s","id":"K%d","item":"%s","kind":"pack","quantity":%d,"source":"%s","units":[%s]}`,
		day-60, i, name, whole, maker, units[1:])
	if i%10 == 0 {
		k := i / 10
		o.line(`{"authority":"XA-AUTH","authenticated":{"at":"%s","by":"XM-AUTH"},"clause":{"acts":["sale","gift","loan","lease"],"consent_by":"XM-AUTH"},"end_user":"XA-AUTH","id":"E%d","issued":"%s","kind":"euc","number":"EUC/%d","source":"XA-AUTH"}`,
			day-59, k, day-60, k)
		o.line(`{"authority":"XM-AUTH","euc":"XA-AUTH:E%d","id":"X%d","kind":"licence","number":"EXP/%d","source":"XM-AUTH","type":"export","valid_from":"%s"}`,
			k, k, k, day-58)
	}
}

// units lists what is packed in a package of a level above.
func (w *World) units(b *[]byte, lot *worldLot, in string, level int) {
	d := w.digits(level)
	*b = fmt.Appendf(*b, `,{"each":%d,"item":"%s/%0*d..%0*d"}`, w.rounds(lot, level), in, d, 1, d, lot.width[level])
	for n := int64(1); level+1 < w.Levels && n <= lot.width[level]; n++ {
		w.units(b, lot, fmt.Sprintf("%s/%0*d", in, d, n), level+1)
	}
}

// transfer writes the j-th transfer of a lot and what follows it.
func (w *World) transfer(o *lines, i int, j int64) {
	lot := &w.lots[i]
	s := w.span(lot, j)
	from, to, day := w.from(i, j), w.to(lot, j), w.day(lot, j)
	quantity := (s.hi - s.lo + 1) * w.rounds(lot, s.level)
	item := string(w.appendSpan(nil, i, s))
	id := o.id(from)
	papers, act := "", "issue"
	if j < fanout {
		papers, act = fmt.Sprintf(`,"licence":"XM-AUTH:X%d"`, i/10), "sale"
	}
	o.line(`{"act":"%s","at":"%s","from":"%s","id":"T%d","kind":"transfer"%s,"lines":[{"item":"%s","quantity":%d}],"source":"%s","to":"%s"}`,
		act, day, from, id, papers, item, quantity, from, to)
	h := mix(lot.seed<<20 ^ uint64(j) ^ 0xd311)
	if h%10 == 0 {
		o.line(`{"at":"%s","id":"D%d","kind":"delivery","lines":[{"item":"%s","quantity":%d}],"source":"%s","to":"%s","transfer":"%s:T%d"}`,
			day+trace.Day(h>>8%9), o.id(to), item, quantity, to, to, from, id)
	}
	if h%30 == 1 {
		o.line(`{"at":"%s","holder":"%s","id":"S%d","kind":"stock","lines":[{"item":"%s","quantity":%d}],"movement":"receipt","site":"Depot %d","source":"%s"}`,
			day+trace.Day(h>>8%9), to, o.id(to), item, quantity, h>>16%20, to)
	}
	if h%200 == 2 {
		o.line(`{"at":"%s","id":"C%d","kind":"correction","reason":"wrong packages","source":"%s","voids":"%s:T%d"}`,
			day+30, o.id(from), from, from, id)
	}
}

// records returns the first n records of the world without its parties, told of
// other makers and holders, whose names begin in another way.
func (w *World) records(n int, begin string) ([]*trace.Record, error) {
	read, write := io.Pipe()
	go func() {
		_, err := w.WriteTo(write)
		write.CloseWithError(err)
	}()
	defer read.Close()
	var out []*trace.Record
	in := bufio.NewScanner(read)
	in.Buffer(nil, 16<<20)
	for in.Scan() && len(out) < n {
		line := bytes.ReplaceAll(bytes.ReplaceAll(in.Bytes(), []byte(`"XM`), []byte(`"`+begin)), []byte(`"XA-`), []byte(`"`+begin+`-`))
		line = bytes.ReplaceAll(line, []byte(`"`+begin+`"`), []byte(`"XZ"`)) // a country keeps two letters
		r, err := trace.ParseRecord(line)
		if err != nil {
			return nil, err
		}
		if r.Kind != trace.KindParty {
			out = append(out, r)
		}
	}
	return out, in.Err()
}

// A Question is a package and a day that a world can be asked about.
type Question struct {
	Item   marking.ID
	Day    trace.Day
	Lot    int   // the number of its lot
	Number int64 // its own, where one level of packing holds transfers
}

// query asks for a finding, a negative asOf from all of the log.
func (q Question) query(asOf int64) trace.Query {
	return trace.Query{Text: q.Item.String(), Item: marking.SpanOf(q.Item), Recovered: q.Day, KnownOn: trace.NoDay, AsOf: asOf, Today: firstDay + days}
}

// A Transfer is a span of a lot that is given, where one level of packing holds
// transfers.
type Transfer struct {
	Lot    int // the number of the lot
	Lo, Hi int64
	Day    trace.Day
	To     string
}

// Transfers returns the transfers of all lots, lot by lot.
func (w *World) Transfers() iter.Seq[Transfer] {
	return func(yield func(Transfer) bool) {
		for i := range w.lots {
			lot := &w.lots[i]
			for j := range lot.n {
				s := w.span(lot, j)
				if !yield(Transfer{i, s.lo, s.hi, w.day(lot, j), w.to(lot, j)}) {
					return
				}
			}
		}
	}
}

// Ask returns a question: about a lot by how often it is given, about each of
// its smallest packages and each day alike.
func (w *World) Ask(rng *rand.Rand) Question { return w.ask(rng, w.Spans) }

// ask returns a question about a lot that was given at most so often.
func (w *World) ask(rng *rand.Rand, most int64) Question {
	first := sort.Search(len(w.lots)-1, func(i int) bool { return w.lots[i].n <= most })
	from := int64(0)
	if first > 0 {
		from = w.sum[first-1]
	}
	at := from + rng.Int64N(w.Spans-from)
	i := sort.Search(len(w.sum), func(n int) bool { return w.sum[n] > at })
	lot := &w.lots[i]
	s := worldSpan{level: w.Levels - 1}
	for level := range w.Levels {
		s.parent[level] = 1 + rng.Int64N(lot.width[level])
	}
	s.lo = s.parent[s.level]
	s.hi = s.lo
	return Question{marking.MustParseID(string(w.appendSpan(nil, i, s))), firstDay + trace.Day(rng.IntN(days)), i, s.lo}
}

// Largest returns the lot that was given most often, and how often.
func (w *World) Largest() (marking.ID, int64) {
	return marking.MustParseID(w.lotName(0)), w.lots[0].n
}
