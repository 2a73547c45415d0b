package storage

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/sublot/sublot/trace"
)

// Records are kept packed: their canonical form with what all records have in
// common as one byte each, dates and numbers as numbers, and what a record says
// twice as a reference. Unpacking gives the very bytes back. It does by knowing
// records what a general compressor does less well a record at a time; the
// database compresses the packed records of a block together.
//
//	20..7f  itself
//	80..ff  a fragment of the list below
//	00      length, as many bytes as they are: what is not ASCII
//	01      two bytes: a date as 2024-05-10, by its days since 1970-01-01
//	02      a number without a leading zero
//	03      width, a number: digits with leading zeros
//	04      the n-th text before this place, see texts
//
// Lengths and numbers are uvarints. The form is on disk: the list may be added
// to at its end, up to 128 of them, and is never changed otherwise.
var fragments = []string{
	`{"act":"issue","at":"`, `{"act":"sale","at":"`, `{"act":"return","at":"`, `{"act":"loan","at":"`, `{"act":"gift","at":"`, `{"act":"`, `{"at":"`,
	`","from":"`, `","id":"`, `","kind":"transfer","licence":"`, `","kind":"transfer","lines":[{"item":"`, `","kind":"transfer",`,
	`","lines":[{"item":"`, `"lines":[{"item":"`, `","quantity":`, `},{"item":"`, `}],"source":"`, `","source":"`, `","to":"`, `"}`,
	`","kind":"delivery","lines":[{"item":"`, `","kind":"delivery",`, `","transfer":"`, `","holder":"`,
	`","kind":"stock","lines":[{"item":"`, `","kind":"stock",`, `}],"movement":"receipt","site":"`, `}],"movement":"issue","site":"`,
	`}],"movement":"move","site":"`, `}],"movement":"return","site":"`, `}],"movement":"expend","site":"`, `}],"movement":"found","site":"`,
	`}],"movement":"count","site":"`, `","movement":"`, `","site":"`, `","from_site":"`, `","condition":"`, `","document":"`,
	`","kind":"correction","reason":"`, `","voids":"`, `","replaced_by":"`, `","kind":"`, `"kind":"`,
	`","kind":"lot","made":{"from":"`, `","kind":"lot",`, `{"calibre":"`, `","calibre":"`, `","item":"`, `"},"quantity":`, `,"source":"`,
	`","kind":"pack","quantity":`, `,"units":[{"each":`, `},{"each":`, `,"item":"`, `"}],"quantity":`, `,"level":"`, `","level":"crate"`, `","level":"`,
	`{"authority":"`, `","authority":"`, `","kind":"licence","number":"`, `","kind":"euc","number":"`, `","number":"`, `","type":"export"`, `","type":"`,
	`","valid_from":"`, `","valid_to":"`, `","euc":"`, `","licence":"`, `","end_user":"`, `","issued":"`, `","expires":"`,
	`,"clause":{"acts":["sale","gift","loan","lease"],"consent_by":"`, `","consent_by":"`, `"authenticated":{"at":"`, `","by":"`, `"},`, `","goods":[{"calibre":"`,
	`","delivery_due":"`, `"delivery_due":"`, `","container":"`, `"container":"`, `","gross_kg":`, `"gross_kg":`, `","recorded":"`, `"recorded":"`,
	`","kind":"party","name":"`, `{"country":"`, `","country":"`, `","party":"`, `","roles":["end_user"],"source":"`, `","roles":["`, `"],"source":"`,
	`","kind":"loss","last_correct":"`, `","kind":"loss","lines":[{"item":"`, `","kind":"destruction","lines":[{"item":"`, `,"site":"`,
	`","kind":"repack","lines":[{"item":"`, `","unit":"`, `{"action":"into","at":"`, `{"action":"out_of","at":"`,
	`","kind":"recovery","place":"`, `","kind":"recovery",`, `{"agency":"`, `,"circumstances":"`, `"items":[{"clue":"`, `"items":[{`,
	`","kind":"sighting","place":"`, `","kind":"consent","lines":[{"item":"`, `","kind":"status","of":"`, `","state":"`, `"note":"`, `,"ext":{"`, `"ext":{"`,
	`":"`, `","`, `":`, `}],"`,
}

const (
	packRaw    = 0x00
	packDate   = 0x01
	packNumber = 0x02
	packZeros  = 0x03
	packText   = 0x04
	packFirst  = 0x80 // of the fragments
)

// fragmentHeads find the fragments that a text begins with by their first characters, as
// many as they have of these: that is one step where going from character to character
// is many, each of which a processor must guess.
var fragmentHeads = func() (all [3]headTable) {
	if len(fragments) > 0x100-packFirst {
		panic("storage: too many fragments")
	}
	for k, size := range []int{16, 8, 2} {
		t := &all[k]
		t.size = size
		for f, text := range fragments {
			if len(text) < size || k > 0 && len(text) >= all[k-1].size {
				continue
			}
			s := t.slot(t.head([]byte(text)))
			s.head = t.head([]byte(text))
			s.fragments = append(s.fragments, uint8(f))
			slices.SortFunc(s.fragments, func(a, b uint8) int { return cmp.Compare(len(fragments[b]), len(fragments[a])) })
		}
	}
	return all
}()

// A headTable is a hash table of fragments by so many of their first characters.
type headTable struct {
	size  int
	slots [256]headSlot
}

type headSlot struct {
	head      [2]uint64
	fragments []uint8 // the longest first; none where the slot is free
}

func (t *headTable) head(text []byte) [2]uint64 {
	switch t.size {
	case 16:
		return [2]uint64{binary.LittleEndian.Uint64(text), binary.LittleEndian.Uint64(text[8:])}
	case 8:
		return [2]uint64{binary.LittleEndian.Uint64(text)}
	}
	return [2]uint64{uint64(binary.LittleEndian.Uint16(text))}
}

// slot returns the slot of a head, or the free one where it would stand.
func (t *headTable) slot(head [2]uint64) *headSlot {
	for i := (head[0]*0x9e3779b97f4a7c15 ^ head[1]*0xc2b2ae3d27d4eb4f) >> 56; ; i++ {
		if s := &t.slots[i%256]; s.head == head || len(s.fragments) == 0 {
			return s
		}
	}
}

// A class is what a character means to pack.
type class byte

const (
	raw    class = iota // not ASCII
	digit               // of a number
	begins              // a fragment, perhaps
	plain               // itself
)

var classes = func() (of [256]class) {
	for c := 0x20; c < packFirst; c++ {
		of[c] = plain
	}
	for _, f := range fragments {
		of[f[0]] = begins
	}
	for c := '0'; c <= '9'; c++ {
		of[c] = digit
	}
	return of
}()

// pack appends the packed form of a text.
func pack(b, text []byte) []byte {
	t := texts{text: text}
	for i := 0; i < len(text); {
		c := text[i]
		if i >= 2 && c != '"' && text[i-1] == '"' && (text[i-2] == ':' || text[i-2] == '[') {
			if day, ok := dateAt(text[i:]); ok {
				b = binary.BigEndian.AppendUint16(append(b, packDate), day)
				i += len(time.DateOnly)
				continue
			}
			if n, size := t.before(i); size > 0 {
				b = append(b, packText, n)
				i += size
				continue
			}
		}
		n := 1
		switch classes[c] {
		case raw:
			for i+n < len(text) && classes[text[i+n]] == raw {
				n++
			}
			b = append(binary.AppendUvarint(append(b, packRaw), uint64(n)), text[i:i+n]...)
		case digit:
			for i+n < len(text) && classes[text[i+n]] == digit {
				n++
			}
			switch digits := text[i : i+n]; {
			case n < 3 || n > 18:
				b = append(b, digits...)
			case c == '0':
				b = binary.AppendUvarint(append(b, packZeros, byte(n)), numberOf(digits))
			default:
				b = binary.AppendUvarint(append(b, packNumber), numberOf(digits))
			}
		case plain:
			for i+n < len(text) && classes[text[i+n]] == plain {
				n++
			}
			b = append(b, text[i:i+n]...)
		case begins:
			f, size := fragmentAt(text[i:])
			if size == 0 {
				b = append(b, c)
				if c == '"' {
					t.quote(i)
				}
				break
			}
			b = append(b, byte(packFirst+f))
			t.fragment(i, f)
			n = size
		}
		i += n
	}
	return b
}

func numberOf(digits []byte) (n uint64) {
	for _, c := range digits {
		n = 10*n + uint64(c-'0')
	}
	return n
}

// fragmentAt returns the longest fragment that a text begins with.
func fragmentAt(text []byte) (n, size int) {
	for k := range fragmentHeads {
		t := &fragmentHeads[k]
		if len(text) < t.size {
			continue
		}
		for _, f := range t.slot(t.head(text)).fragments {
			if f, size := int(f), len(fragments[f]); size <= len(text) && string(text[t.size:size]) == fragments[f][t.size:] {
				return f, size
			}
		}
	}
	return 0, 0
}

// dateAt reads a date that a text begins with and a quote ends, if it is written
// as a day from 1970 to 2149 is.
func dateAt(text []byte) (uint16, bool) {
	const size = len(time.DateOnly)
	if len(text) <= size || text[size] != '"' || text[4] != '-' || text[7] != '-' || text[0] < '1' || text[0] > '2' {
		return 0, false
	}
	day, err := trace.ParseDay(string(text[:size]))
	if err != nil || day < 0 || day > 0xffff {
		return 0, false
	}
	return uint16(day), true
}

// texts are the texts in quotes that stand before a place, in their order: what
// begins after :" or [" and ends at the next quote.
type texts struct {
	text  []byte
	found [24]said
	n     int
	next  int // where the search goes on
	from  int // where a text begins that has not ended, or 0

	heads  [24][3]byte // what the first ones begin with, see before
	headed int
}

// said is a text.
type said struct{ from, to int32 }

// until finds the texts that end before a place.
func (t *texts) until(i int) {
	if t.next >= i || t.n == len(t.found) {
		return
	}
	for at, c := range t.text[t.next:i] {
		if c == '"' {
			t.quote(t.next + at)
		}
	}
	t.next = i
}

// quote takes note of a quote. All are told in their order.
func (t *texts) quote(at int) {
	switch {
	case t.from > 0:
		t.add(t.from, at)
		t.from = 0
	case at > 0 && (t.text[at-1] == ':' || t.text[at-1] == '['):
		t.from = at + 1
	}
}

func (t *texts) add(from, to int) {
	if t.n == len(t.found) {
		return
	}
	t.found[t.n] = said{int32(from), int32(to)}
	t.n++
}

// fragment takes note of the quotes of a fragment.
func (t *texts) fragment(at, f int) {
	has := &fragmentTexts[f]
	if (t.from > 0) != has.closes { // not as it stands in a record
		for i, c := range fragments[f] {
			if c == '"' {
				t.quote(at + i)
			}
		}
		return
	}
	if has.closes {
		t.add(t.from, at)
		t.from = 0
	}
	for _, s := range has.whole {
		t.add(at+int(s.from), at+int(s.to))
	}
	if has.opens > 0 {
		t.from = at + has.opens
	}
}

// fragmentTexts are the texts of each fragment: whether one ends with its first
// character, as it does in records, those that it has as a whole, and where one begins
// that does not end in it.
var fragmentTexts = func() (all [0x100 - packFirst]struct {
	closes bool
	whole  []said
	opens  int
}) {
	for i, f := range fragments {
		t := texts{text: []byte(f)}
		if f[0] == '"' {
			all[i].closes, t.from = true, 1
			t.quote(0)
			t.n, t.next = 0, 1
		}
		t.until(len(f))
		all[i].whole, all[i].opens = slices.Clone(t.found[:t.n]), t.from
	}
	return all
}()

// before returns the longest text before a place that stands there again, whole
// or up to a colon or slash.
func (t *texts) before(i int) (n byte, size int) {
	rest := t.text[i:]
	if len(rest) < 3 {
		return 0, 0
	}
	for ; t.headed < t.n; t.headed++ {
		if s := t.text[t.found[t.headed].from:t.found[t.headed].to]; len(s) >= 3 {
			t.heads[t.headed] = [3]byte(s)
		}
	}
	head := [3]byte(rest)
	for k := range t.n {
		if t.heads[k] != head || int(t.found[k].to) >= i-1 {
			continue
		}
		if s := t.text[t.found[k].from:t.found[k].to]; len(s) > max(size, 2) && len(s) < len(rest) && bytes.HasPrefix(rest, s) {
			if c := rest[len(s)]; c == '"' || c == ':' || c == '/' {
				n, size = byte(k), len(s)
			}
		}
	}
	return n, size
}

var errPacked = errors.New("storage: a packed record cannot be read")

// maxUnpacked bounds what a packed record may come to, as a line is bounded.
const maxUnpacked = 1 << 30

// unpack appends the text that pack packed. B must be empty.
func unpack(b, packed []byte) ([]byte, error) {
	n := numbers{b: packed}
	var said texts
	for len(n.b) > 0 && len(b) < maxUnpacked {
		c := n.b[0]
		if c >= 0x20 && c < packFirst {
			size := 1
			for size < len(n.b) && n.b[size] >= 0x20 && n.b[size] < packFirst {
				size++
			}
			b = append(b, n.b[:size]...)
			n.b = n.b[size:]
			continue
		}
		n.b = n.b[1:]
		switch {
		case c >= packFirst:
			if int(c-packFirst) >= len(fragments) {
				return nil, errPacked
			}
			b = append(b, fragments[c-packFirst]...)
		case c == packRaw:
			size := n.uvarint()
			if n.bad || size > uint64(len(n.b)) {
				return nil, errPacked
			}
			b = append(b, n.b[:size]...)
			n.b = n.b[size:]
		case c == packDate && len(n.b) >= 2:
			b = appendDate(b, binary.BigEndian.Uint16(n.b))
			n.b = n.b[2:]
		case c == packNumber:
			b = strconv.AppendUint(b, n.uvarint(), 10)
		case c == packZeros && len(n.b) >= 1:
			width := int(n.b[0])
			n.b = n.b[1:]
			var room [20]byte
			digits := strconv.AppendUint(room[:0], n.uvarint(), 10)
			for range width - len(digits) {
				b = append(b, '0')
			}
			b = append(b, digits...)
		case c == packText && len(n.b) >= 1 && len(b) >= 1:
			said.text = b
			said.until(len(b) - 1)
			k := int(n.b[0])
			n.b = n.b[1:]
			if k >= said.n {
				return nil, errPacked
			}
			b = append(b, b[said.found[k].from:said.found[k].to]...)
		default:
			return nil, errPacked
		}
		if n.bad {
			return nil, errPacked
		}
	}
	return b, nil
}

// appendDate writes a day, counted from 1970-01-01, as 2024-05-10.
func appendDate(b []byte, day uint16) []byte {
	year, month, d := time.Unix(int64(day)*86400, 0).UTC().Date()
	return append(b, '0'+byte(year/1000), '0'+byte(year/100%10), '0'+byte(year/10%10), '0'+byte(year%10), '-',
		'0'+byte(month/10), '0'+byte(month%10), '-', '0'+byte(d/10), '0'+byte(d%10))
}
