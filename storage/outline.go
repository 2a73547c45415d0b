package storage

import (
	"bytes"
	"context"
	"strings"

	"github.com/sublot/sublot/marking"
	"github.com/sublot/sublot/trace"
)

// Outline returns what the index of items says of a lot, series by series, without any
// record being read: of each item once, in the order of blocks, and of each correction
// once for each item of the record that it names. Records beyond the first asOf of the
// log are left out; a negative asOf means all.
func (l *Ledger) Outline(ctx context.Context, lot marking.ID, asOf int64) ([]trace.OutlinedSeries, error) {
	if err := l.usable(); err != nil {
		return nil, err
	}
	s := searches.Get().(*search)
	defer searches.Put(s)
	var out []trace.OutlinedSeries
	var items []trace.Outlined // of all series, one after the other
	err := l.inBlocks(s, lot, func(it blockIterator) error {
		var ser series
		if s.kept.im != nil {
			items = make([]trace.Outlined, 0, s.kept.im.entries)
		}
		begin := 0 // of the items of the last series
		prefix := lot.AppendKey([]byte{tagSpan})
		for ok := it.SeekGE(prefix); ok && bytes.HasPrefix(it.Key(), prefix); ok = it.Next() {
			if err := ctx.Err(); err != nil {
				return err
			}
			of, level, number, _ := splitBlockKey(it.Key())
			if !bytes.Equal(of, ser) {
				ser, begin = bytes.Clone(of), len(items)
				one, err := ser.one()
				if err != nil {
					return err
				}
				out = append(out, trace.OutlinedSeries{One: one})
			}
			value, err := it.ValueAndErr()
			if err == nil {
				items, err = outline(items, value, level, number, asOf, &s.known)
			}
			if err != nil {
				return err
			}
			out[len(out)-1].Items = items[begin:len(items):len(items)]
		}
		return nil
	})
	s.kept = lotIterator{}
	return out, l.fault(err)
}

// outline appends what a block says, but for what the block before it said.
func outline(out []trace.Outlined, value []byte, level int, number uint64, asOf int64, known *knownTexts) ([]trace.Outlined, error) {
	for len(value) > 0 {
		written, rest, err := cutEntry(value)
		if err != nil {
			return nil, err
		}
		value = rest
		var e entry
		n := numbers{b: written}
		flags := e.readRange(&n, level, number)
		if blockAt(level, e.lo) != number {
			continue
		}
		if err := e.readRest(&n, flags, known); err != nil {
			return nil, err
		}
		if asOf >= 0 && e.seq >= asOf {
			continue
		}
		x := trace.Outlined{Lo: e.lo, Hi: e.hi, Seq: e.seq, Kind: e.kind.kind(), At: e.at, Known: e.known,
			From: e.from, To: e.to, Quantity: e.quantity}
		x.Transfer, x.Own = e.transfer()
		if e.kind == voidCode {
			x.Kind, x.Voids = trace.KindCorrection, e.voids
		}
		out = append(out, x)
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
