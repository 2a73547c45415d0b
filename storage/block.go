package storage

import (
	"encoding/binary"
	"errors"
	"hash/maphash"
	"math/bits"
	"slices"

	"github.com/sublot/sublot/marking"
	"github.com/sublot/sublot/trace"
)

// The index of items answers which records bear on a package or a run of
// packages, however deep packages are nested in one another.
//
// Packages of one parent whose names agree but for their number are a series,
// and an item is an interval [lo, hi] of the numbers printed on them. An
// interval of n packages lives on the lowest level whose blocks are at least n
// long: a block of level 0 spans 64 numbers, one of level 1 spans 64², and so
// on. So an interval never lies in more than two blocks, and whoever asks for a
// number looks into one block a level.
//
// A lot, and a package without a number, is a series of its own: it stands in
// block 0 of the series of the empty name inside itself.
//
// The blocks of the highest level come first: where a series ends need not be
// looked for, and the first look shows the highest level that there is.
//
// Blocks are written without being read: entries are appended by the database's
// merge. A block that has grown to some hundred entries goes on in a further
// part, so that no value grows without bound (see epochs). All blocks of a
// package and of what it holds lie side by side, since the key of a package is
// the beginning of the keys of its content.
//
// An entry says all that the course of a package needs of a record: its kind and
// place, when it happened and was known, who gave, who received and how much, and
// which transfer it is or is a delivery of. That a correction names a record stands
// in the blocks of the record, too.

const (
	blockBits = 6 // the base-2 logarithm of how many blocks of a level make one of the next
	maxLevel  = 9 // a block of it spans 64^10 numbers, more than an ordinal can be
)

// A series is the beginning of the keys of the blocks of packages that are told
// apart by their numbers alone.
type series []byte

// seriesOf returns the series that a span belongs to and its numbers in it.
func seriesOf(s marking.Span) (ser series, lo, hi uint64) { return appendSeriesOf(nil, s) }

func appendSeriesOf(b []byte, s marking.Span) (ser series, lo, hi uint64) {
	parent, prefix, width := s.Series()
	b = append(b, tagSpan)
	if width == 0 || parent.IsZero() {
		return append(s.First().AppendKey(b), 0, 0, 0), 0, 0
	}
	lo, hi = s.Ordinals()
	b = append(append(parent.AppendKey(b), 0), prefix...)
	return append(b, 0, byte(width)), lo, hi
}

// isOne reports whether the series is a lot or a package without a number, which
// has a single block.
func (s series) isOne() bool { return s[len(s)-1] == 0 }

// block returns the key of the first part of a block of the series.
func (s series) block(level int, number uint64) []byte { return s.part(level, number, 0) }

// part returns the key of a part of a block of the series.
func (s series) part(level int, number uint64, epoch uint16) []byte {
	return s.appendPart(make([]byte, 0, len(s)+blockSuffix), level, number, epoch)
}

func (s series) appendPart(b []byte, level int, number uint64, epoch uint16) []byte {
	b = append(append(b, s...), byte(maxLevel-level))
	return binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint64(b, number), epoch)
}

// What the key of a block has after its series, and the end of that.
const (
	blockSuffix = 1 + 8 + epochSuffix
	epochSuffix = 2
)

// splitBlockKey returns what series.part put together.
func splitBlockKey(key []byte) (ser series, level int, number uint64, epoch uint16) {
	at := len(key) - blockSuffix
	return key[:at], maxLevel - int(key[at]), binary.BigEndian.Uint64(key[at+1:]), binary.BigEndian.Uint16(key[at+9:])
}

// wholeBlock returns what the keys of all parts of a block begin with.
func wholeBlock(key []byte) []byte { return key[:len(key)-epochSuffix] }

// blocksOf returns the level that the interval [lo, hi] lives on and its first
// and last block there.
func blocksOf(lo, hi uint64) (level int, first, last uint64) {
	level = max(0, (bits.Len64(hi-lo)+blockBits-1)/blockBits-1)
	return level, blockAt(level, lo), blockAt(level, hi)
}

// blockAt returns the block of a level that a number lies in.
func blockAt(level int, n uint64) uint64 { return n >> (blockBits * (level + 1)) }

// An entry says that the record at a place in the log has an item [lo, hi], or
// that a correction voids the record that has.
type entry struct {
	lo, hi    uint64
	seq       int64
	kind      kindCode
	at, known trace.Day
	from, to  string // who gave and who received; of a record about goods in one hand, to
	quantity  int64  // rounds of the item, 0 where the record does not say
	name      []byte // of the transfer that the record is or is a delivery of, see appendTransfer
	voids     int64  // where kind is voidCode, the record that the one at seq voids

	depth int // of the series, set by searches and not written
}

// A kindCode stands for a kind of record on disk: its place in kindCodes.
type kindCode byte

// kindCodes may be added to at its end and is never changed otherwise.
var kindCodes = []trace.Kind{
	"", trace.KindLot, trace.KindPack, trace.KindPointers, trace.KindRepack, trace.KindConsent, trace.KindTransfer,
	trace.KindDelivery, trace.KindStock, trace.KindLoss, trace.KindDestruction, trace.KindRecovery, trace.KindSighting,
	trace.KindStock, trace.KindLicence, trace.KindStatus, trace.KindCorrection,
}

const (
	transferCode    kindCode = 6
	deliveryCode    kindCode = 7
	lossCode        kindCode = 9
	destructionCode kindCode = 10
	expendCode      kindCode = 13 // a stock record that says that rounds were used up
	voidCode        kindCode = 31
)

func codeOf(r *trace.Record) kindCode {
	if b, ok := r.Body.(*trace.Stock); ok && b.Movement == "expend" {
		return expendCode
	}
	return codeOfKind(r.Kind)
}

func codeOfKind(k trace.Kind) kindCode { return kindCode(max(slices.Index(kindCodes, k), 0)) }

// named reports whether an entry says which transfer it is, or is a delivery of.
func (k kindCode) named() bool { return k == transferCode || k == deliveryCode }

// counted reports whether totals count a record of the kind.
func (k kindCode) counted() bool {
	return k == transferCode || k == lossCode || k == destructionCode || k == expendCode
}

func (k kindCode) kind() trace.Kind {
	if int(k) < len(kindCodes) {
		return kindCodes[k]
	}
	return ""
}

// The first byte of an entry is its kind and these.
const (
	kindMask     = 0x1f
	knownAtOnce  = 0x20 // known is at
	oneNumber    = 0x40 // hi is lo
	withQuantity = 0x80
)

// appendTo appends an entry to the value of a block: how long the rest is, the
// flags, the distance of lo from the block's beginning, which may lie after it,
// the length, the place, and what else there is.
func (e *entry) appendTo(b []byte, level int, number uint64) []byte {
	var room [64]byte
	flags := byte(e.kind)
	if e.known == e.at {
		flags |= knownAtOnce
	}
	if e.hi == e.lo {
		flags |= oneNumber
	}
	if e.quantity != 0 {
		flags |= withQuantity
	}
	v := append(room[:0], flags)
	begin := number << (blockBits * (level + 1))
	v = binary.AppendVarint(v, int64(e.lo)-int64(begin))
	if e.hi != e.lo {
		v = binary.AppendUvarint(v, e.hi-e.lo)
	}
	v = binary.AppendUvarint(v, uint64(e.seq))
	v = binary.AppendVarint(v, int64(e.at))
	if e.known != e.at {
		v = binary.AppendVarint(v, int64(e.known))
	}
	if e.quantity != 0 {
		v = binary.AppendUvarint(v, uint64(e.quantity))
	}
	if e.kind == voidCode {
		v = binary.AppendUvarint(v, uint64(e.voids))
	}
	v = append(binary.AppendUvarint(v, uint64(len(e.from))), e.from...)
	if e.kind.named() {
		v = binary.AppendUvarint(v, uint64(len(e.to)))
	}
	v = append(append(v, e.to...), e.name...)
	return append(binary.AppendUvarint(b, uint64(len(v))), v...)
}

var errBlock = errors.New("storage: a block of the index of items cannot be read")

// A reader of numbers stops at the first that is not whole.
type numbers struct {
	b   []byte
	bad bool
}

func (n *numbers) uvarint() uint64 {
	if len(n.b) > 0 && n.b[0] < 0x80 {
		v := n.b[0]
		n.b = n.b[1:]
		return uint64(v)
	}
	v, used := binary.Uvarint(n.b)
	if used <= 0 {
		n.bad, n.b = true, nil
		return 0
	}
	n.b = n.b[used:]
	return v
}

func (n *numbers) varint() int64 {
	v := n.uvarint()
	return int64(v>>1) ^ -int64(v&1)
}

// What the name of a transfer in an entry begins with.
const (
	wordOfOther = 0 // the whole name follows
	wordOfFrom  = 1 // it is the word of who gave, and the name without its source follows
	wordOfTo    = 2 // of who received
)

// appendTransfer appends the name of the transfer that a record is or is a delivery of,
// if any, and reports whether it is the word of a party to it: of from, or of to. Name
// is as an entry has it.
func appendTransfer(b, name, from, to []byte) (out []byte, own bool) {
	if len(name) == 0 {
		return b, false
	}
	switch name[0] {
	case wordOfFrom:
		b, own = append(append(b, from...), ':'), true
	case wordOfTo:
		b, own = append(append(b, to...), ':'), true
	}
	return append(b, name[1:]...), own
}

// text returns the next bytes, so many.
func (n *numbers) text(size uint64) (b []byte) {
	if size > uint64(len(n.b)) {
		n.bad, n.b = true, nil
		return nil
	}
	b, n.b = n.b[:size:size], n.b[size:]
	return b
}

// cutEntry returns the first entry of a block's value, still written, and what
// follows it.
func cutEntry(b []byte) (written, rest []byte, err error) {
	n := numbers{b: b}
	size := n.uvarint()
	if n.bad || size == 0 || size > uint64(len(n.b)) {
		return nil, nil, errBlock
	}
	return n.b[:size], n.b[size:], nil
}

// countEntries returns how many entries a block has, fewer where it cannot be read.
func countEntries(value []byte) (n int) {
	for len(value) > 0 {
		_, rest, err := cutEntry(value)
		if err != nil {
			return n
		}
		value = rest
		n++
	}
	return n
}

// readRange reads the interval of an entry, and leaves the rest to readRest.
func (e *entry) readRange(n *numbers, level int, number uint64) (flags byte) {
	flags = n.b[0]
	n.b = n.b[1:]
	e.lo = uint64(int64(number<<(blockBits*(level+1))) + n.varint())
	e.hi = e.lo
	if flags&oneNumber == 0 {
		e.hi += n.uvarint()
	}
	return flags
}

var textSeed = maphash.MakeSeed()

// knownTexts keeps texts that were read, by their hash, so that they are not made
// anew each time.
type knownTexts [2048]string

func (t *knownTexts) of(b []byte) string {
	if t == nil {
		return string(b)
	}
	at := &t[maphash.Bytes(textSeed, b)%uint64(len(t))]
	if *at != string(b) {
		*at = string(b)
	}
	return *at
}

// readRest reads what readRange left.
func (e *entry) readRest(n *numbers, flags byte, known *knownTexts) error {
	e.readCounts(n, flags)
	e.from, e.name = known.of(n.text(n.uvarint())), nil
	if e.kind.named() {
		e.to = known.of(n.text(n.uvarint()))
		e.name = n.b
	} else {
		e.to = known.of(n.b)
	}
	if n.bad {
		return errBlock
	}
	return nil
}

// readCounts reads of that what comes before the texts.
func (e *entry) readCounts(n *numbers, flags byte) {
	e.kind = kindCode(flags & kindMask)
	e.seq = int64(n.uvarint())
	e.at = trace.Day(n.varint())
	if e.known = e.at; flags&knownAtOnce == 0 {
		e.known = trace.Day(n.varint())
	}
	e.quantity, e.voids = 0, 0
	if flags&withQuantity != 0 {
		e.quantity = int64(n.uvarint())
	}
	if e.kind == voidCode {
		e.voids = int64(n.uvarint())
	}
}

// readEntry reads the first entry of a block's value and returns what follows.
func readEntry(b []byte, level int, number uint64) (e entry, rest []byte, err error) {
	written, rest, err := cutEntry(b)
	if err != nil {
		return e, nil, err
	}
	n := numbers{b: written}
	flags := e.readRange(&n, level, number)
	return e, rest, e.readRest(&n, flags, nil)
}

// order is the place in the log at which an entry came to be: a void, where its
// correction came first, with the record that it voids.
func (e *entry) order() int64 { return max(e.seq, e.voids) }
