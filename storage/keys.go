package storage

import (
	"bytes"
	"encoding/binary"
	"strings"

	"github.com/sublot/sublot/marking"
	"github.com/sublot/sublot/trace"
)

// The first byte of a key says what it is. Numbers in keys are big-endian.
//
//	log      seq u64                                        the record, see encodeRecord
//	name     source:id                                      seq
//	lot      key of the lot                                 nothing
//	span     parent key 00 prefix 00 width level block u64 part u16
//	                                                        entries, see block.go
//	grown    a span key without its part                    the last part, see epochs
//	total    key of the lot, party                          sums, see totals
//	cited    length source:id kind seq u64                  nothing; see kindCodes
//	about    length party seq u64                           nothing
//	source   length source, day u32                         how many records
//	party, site, container, number, seizure, voided
//	         length text seq u64                            nothing
//	day      day u32 seq u64                                nothing
//	sum      length source                                  how many records
//	tile     level tile u64                                 up to 256 hashes
//
// All but the log can be worked out from the log again.
const (
	tagLog    = 0x01
	tagName   = 0x03
	tagLot    = 0x10
	tagSpan   = 0x20
	tagGrown  = 0x21
	tagTotal  = 0x22
	tagCited  = 0x32
	tagAbout  = 0x33
	tagSource = 0x34

	tagParty     = 0x35 // records that name a party
	tagSite      = 0x36 // stock, loss and destruction at a site
	tagContainer = 0x37 // transfers in a container, repacks of a logistic unit
	tagNumber    = 0x38 // licences and certificates by their printed number
	tagSeizure   = 0x39 // recoveries by country
	tagVoided    = 0x3a // corrections by what they void
	tagDay       = 0x3b // all records by when it happened
	tagSourceSum = 0x3c // how many records a source has, of all days

	tagTile = 0x40
)

func logKey(seq int64) []byte { return appendLogKey(nil, seq) }

func appendLogKey(b []byte, seq int64) []byte {
	return binary.BigEndian.AppendUint64(append(b, tagLog), uint64(seq))
}

func nameKey(ref trace.Ref) []byte {
	return append([]byte{tagName}, ref...)
}

// appendNameKey appends the key of a record's name.
func appendNameKey(b []byte, r *trace.Record) []byte {
	return append(append(append(append(b, tagName), r.Source...), ':'), r.ID...)
}

func lotKey(lot marking.ID) []byte {
	return lot.AppendKey([]byte{tagLot})
}

// textKey returns the beginning of the keys of an index by text: no text begins
// the key of another, since its length stands before it.
func textKey(tag byte, text string) []byte { return appendTextKey(nil, tag, text) }

func appendTextKey(b []byte, tag byte, text string) []byte {
	return append(binary.AppendUvarint(append(b, tag), uint64(len(text))), text...)
}

// compareTexts compares two texts as the keys of an index by text are compared.
func compareTexts(a, b string) int {
	if len(a) != len(b) {
		var x, y [binary.MaxVarintLen64]byte
		return bytes.Compare(binary.AppendUvarint(x[:0], uint64(len(a))), binary.AppendUvarint(y[:0], uint64(len(b))))
	}
	return strings.Compare(a, b)
}

// appendCited appends the key of a record of a kind that names another.
func appendCited(b []byte, ref trace.Ref, kind kindCode, seq int64) []byte {
	return binary.BigEndian.AppendUint64(append(appendTextKey(b, tagCited, string(ref)), byte(kind)), uint64(seq))
}

// listedText reads back the text of a key that appendListed wrote.
func listedText(key []byte) (text []byte, ok bool) {
	n, used := binary.Uvarint(key[1:])
	if used <= 0 || uint64(len(key)) != 1+uint64(used)+n+8 {
		return nil, false
	}
	return key[1+used : len(key)-8], true
}

// appendListed appends the key of a record in an index by text.
func appendListed(b []byte, tag byte, text string, seq int64) []byte {
	return binary.BigEndian.AppendUint64(appendTextKey(b, tag, text), uint64(seq))
}

// dayBias makes days sort as unsigned numbers; NoDay becomes 0.
const dayBias = 1 << 31

func appendDay(b []byte, day trace.Day) []byte {
	return binary.BigEndian.AppendUint32(b, uint32(int64(day)+dayBias))
}

// dayKey appends the key of a record in the index of days.
func dayKey(b []byte, day trace.Day, seq int64) []byte {
	return binary.BigEndian.AppendUint64(appendDay(append(b, tagDay), day), uint64(seq))
}

// appendSourceKey appends the key of a cell of the histogram of records.
func appendSourceKey(b []byte, c sourceDay) []byte {
	return appendDay(appendTextKey(b, tagSource, c.source), c.day)
}

// parseSourceKey reads back what appendSourceKey wrote.
func parseSourceKey(key []byte) (source string, day trace.Day, ok bool) {
	n, used := binary.Uvarint(key[1:])
	if used <= 0 || uint64(len(key)) != 1+uint64(used)+n+4 {
		return "", 0, false
	}
	at := len(key) - 4
	return string(key[1+used : at]), trace.Day(int64(binary.BigEndian.Uint32(key[at:])) - dayBias), true
}

func tileKey(level int, tile int64) []byte {
	return binary.BigEndian.AppendUint64([]byte{tagTile, byte(level)}, uint64(tile))
}

// seqOf reads the place in the log that a key ends with.
func seqOf(key []byte) int64 {
	return int64(binary.BigEndian.Uint64(key[len(key)-8:]))
}

// after returns the first key that does not begin with prefix. No prefix of
// ours ends in 0xff.
func after(prefix []byte) []byte {
	end := append([]byte(nil), prefix...)
	for i := len(end) - 1; i >= 0; i-- {
		if end[i]++; end[i] != 0 {
			return end[:i+1]
		}
	}
	return nil
}
