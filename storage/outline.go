package storage

import (
	"bytes"
	"context"
	"slices"
	"strings"

	"github.com/sublot/sublot/marking"
	"github.com/sublot/sublot/trace"
)

// Outline returns what the index of items says of a lot, series by series, without any
// record being read: of each item once, in the order of blocks, and of each correction
// once for each item of the record that it names. Records beyond the first asOf of the
// log are left out; a negative asOf means all. The room of what it is given is used.
func (l *Ledger) Outline(ctx context.Context, lot marking.ID, asOf int64, room []trace.OutlinedSeries) ([]trace.OutlinedSeries, error) {
	if err := l.usable(); err != nil {
		return nil, err
	}
	s := searches.Get().(*search)
	defer searches.Put(s)
	s.names.clear()
	s.hands.clear()
	s.asOf = asOf
	out := room[:0]
	err := l.inBlocks(s, lot, func(it blockIterator) error {
		var of *trace.OutlinedSeries
		s.key = s.key[:0] // of the last series
		prefix := lot.AppendKey([]byte{tagSpan})
		for ok := it.SeekGE(prefix); ok && bytes.HasPrefix(it.Key(), prefix); ok = it.Next() {
			if err := ctx.Err(); err != nil {
				return err
			}
			ser, level, number, _ := splitBlockKey(it.Key())
			if !bytes.Equal(ser, s.key) {
				s.key = append(s.key[:0], ser...)
				one, err := ser.one()
				if err != nil {
					return err
				}
				if len(out) < cap(out) {
					out = out[:len(out)+1]
				} else {
					out = append(out, trace.OutlinedSeries{})
				}
				of = &out[len(out)-1]
				of.One, of.Items = one, of.Items[:0]
			}
			value, err := it.ValueAndErr()
			if err == nil {
				of.Items, err = s.outline(of.Items, value, level, number)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	s.kept = lotIterator{}
	return out, l.fault(err)
}

// outline appends what a block says, but for what the block before it said.
func (s *search) outline(out []trace.Outlined, value []byte, level int, number uint64) ([]trace.Outlined, error) {
	e, n := &s.e, &s.n
	for len(value) > 0 {
		written, rest, err := cutEntry(value)
		if err != nil {
			return nil, err
		}
		value = rest
		n.b, n.bad = written, false
		flags := e.readRange(n, level, number)
		if blockAt(level, e.lo) != number {
			continue
		}
		e.readCounts(n, flags)
		x := trace.Outlined{Lo: e.lo, Hi: e.hi, Seq: e.seq, Kind: e.kind.kind(), At: e.at, Known: e.known, Quantity: e.quantity}
		switch {
		case e.kind == voidCode:
			x.Kind, x.Quantity, x.Voids = trace.KindCorrection, 0, e.voids
		case e.kind.named():
			hands := n.b
			from, to := n.text(n.uvarint()), n.text(n.uvarint())
			if e.kind == transferCode {
				x.Hands = s.hands.of(hands[:len(hands)-len(n.b)])
			}
			s.name, x.Own = appendTransfer(s.name[:0], n.b, from, to)
			x.Transfer = s.names.of(s.name)
		}
		if n.bad {
			return nil, errBlock
		}
		if s.asOf < 0 || e.seq < s.asOf {
			if len(out) == cap(out) { // append alone would make room for so many five times over
				out = slices.Grow(out, max(64, len(out)))
			}
			out = append(out, x)
		}
	}
	return out, nil
}

// ordinalDigits is how many digits at the end of a name are its number at most.
const ordinalDigits = 18

// one returns the package of a series that has number 0, or its only one.
func (s series) one() (marking.Span, error) {
	width := int(s[len(s)-1])
	names := s[1 : len(s)-2]
	at := bytes.LastIndexByte(names, 0)
	if at < 0 {
		return marking.Span{}, errBlock
	}
	parent, err := marking.ParseKey(names[:at])
	if err != nil || s.isOne() {
		return marking.SpanOf(parent), err
	}
	id, err := parent.Child(string(names[at+1:]) + strings.Repeat("0", min(width, ordinalDigits)))
	return marking.SpanOf(id), err
}
