package storage

import (
	"bytes"
	"encoding/binary"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"
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

// fragmentTree finds the longest fragment that a text begins with. Its first node is
// the root. What fragments have in common before they part stands in one node, so that the
// whole tree stays near the processor.
var fragmentTree = func() (nodes []fragmentNode) {
	if len(fragments) > 0x100-packFirst {
		panic("storage: too many fragments")
	}
	all := make([]int, len(fragments))
	for i := range all {
		all[i] = i
	}
	slices.SortFunc(all, func(i, j int) int { return strings.Compare(fragments[i], fragments[j]) })
	// grow makes the node of fragments that begin alike up to a place, and returns its number.
	var grow func(of []int, from int) uint16
	grow = func(of []int, from int) uint16 {
		at := uint16(len(nodes))
		nodes = append(nodes, fragmentNode{})
		first, last := fragments[of[0]], fragments[of[len(of)-1]]
		to := from
		for to < len(first) && first[to] == last[to] { // what lies between them does too
			to++
		}
		nodes[at].run = first[from:to]
		if to == len(first) {
			nodes[at].ends = uint16(of[0] + 1)
			of = of[1:]
		}
		for len(of) > 0 {
			c, n := fragments[of[0]][to], 1
			for n < len(of) && fragments[of[n]][to] == c {
				n++
			}
			next := grow(of[:n], to+1)
			nodes[at].next[c-0x20] = next
			of = of[n:]
		}
		return at
	}
	grow(all, 0)
	return nodes
}()

// isPlain says which characters stand for themselves: those of ASCII that are no digits,
// and no fragment begins with.
var isPlain = func() (plain [256]bool) {
	for c := 0x20; c < packFirst; c++ {
		plain[c] = c < '0' || c > '9'
	}
	for _, f := range fragments {
		plain[f[0]] = false
	}
	return plain
}()

type fragmentNode struct {
	run  string       // what follows in all fragments from here on
	ends uint16       // the fragment that ends after it, counted from 1
	next [0x60]uint16 // by the character after it, less 0x20; 0: none
}

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
		if c < 0x20 || c >= 0x80 {
			n := 1
			for i+n < len(text) && (text[i+n] < 0x20 || text[i+n] >= 0x80) {
				n++
			}
			b = append(binary.AppendUvarint(append(b, packRaw), uint64(n)), text[i:i+n]...)
			i += n
			continue
		}
		if c >= '0' && c <= '9' {
			n := 1
			for i+n < len(text) && text[i+n] >= '0' && text[i+n] <= '9' {
				n++
			}
			switch {
			case n < 3 || n > 18:
				b = append(b, text[i:i+n]...)
			case c == '0':
				b = binary.AppendUvarint(append(b, packZeros, byte(n)), numberOf(text[i:i+n]))
			default:
				b = binary.AppendUvarint(append(b, packNumber), numberOf(text[i:i+n]))
			}
			i += n
			continue
		}
		n := 1
		if isPlain[c] {
			for i+n < len(text) && isPlain[text[i+n]] {
				n++
			}
		} else if f, size := fragmentAt(text[i:]); size > 0 {
			b = append(b, byte(packFirst+f))
			i += size
			continue
		}
		b = append(b, text[i:i+n]...)
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
	for node, i := &fragmentTree[0], 0; ; i++ {
		end := i + len(node.run)
		if end > len(text) || string(text[i:end]) != node.run {
			return n, size
		}
		if i = end; node.ends > 0 {
			n, size = int(node.ends-1), i
		}
		if i == len(text) || text[i] < 0x20 || text[i] >= 0x80 {
			return n, size
		}
		next := node.next[text[i]-0x20]
		if next == 0 {
			return n, size
		}
		node = &fragmentTree[next]
	}
}

// dateAt reads a date that a text begins with and a quote ends, if it is written
// as a day from 1970 to 2149 is.
func dateAt(text []byte) (uint16, bool) {
	const size = len(time.DateOnly)
	if len(text) <= size || text[size] != '"' || text[4] != '-' || text[7] != '-' || text[0] < '1' || text[0] > '2' {
		return 0, false
	}
	for _, i := range [...]int{1, 2, 3, 5, 6, 8, 9} {
		if text[i] < '0' || text[i] > '9' {
			return 0, false
		}
	}
	year, month, day := int(numberOf(text[:4])), int(numberOf(text[5:7])), int(numberOf(text[8:10]))
	if month < 1 || month > 12 || day < 1 || day > 31 {
		return 0, false
	}
	at := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	days := at.Unix() / 86400
	if at.Day() != day || days < 0 || days > 0xffff || at.Unix() < 0 {
		return 0, false
	}
	return uint16(days), true
}

// texts are the texts in quotes that stand before a place, in their order: what
// begins after :" or [" and ends at the next quote.
type texts struct {
	text  []byte
	found [24]struct{ from, to int }
	n     int
	next  int // where the search goes on
	from  int // where a text begins that has not ended, or 0
}

// until finds the texts that end before a place.
func (t *texts) until(i int) {
	if t.next >= i || t.n == len(t.found) {
		return
	}
	for at, c := range t.text[t.next:i] {
		if c != '"' {
			continue
		}
		switch at += t.next; {
		case t.from > 0:
			t.found[t.n].from, t.found[t.n].to = t.from, at
			t.from = 0
			if t.n++; t.n == len(t.found) {
				return
			}
		case at > 0 && (t.text[at-1] == ':' || t.text[at-1] == '['):
			t.from = at + 1
		}
	}
	t.next = i
}

// before returns the longest text before a place that stands there again, whole
// or up to a colon or slash.
func (t *texts) before(i int) (n byte, size int) {
	t.until(i - 1)
	rest := t.text[i:]
	for k := range t.n {
		s := t.text[t.found[k].from:t.found[k].to]
		if len(s) < 3 || len(s) <= size || len(s) >= len(rest) || s[0] != rest[0] || !bytes.HasPrefix(rest, s) {
			continue
		}
		if c := rest[len(s)]; c == '"' || c == ':' || c == '/' {
			n, size = byte(k), len(s)
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
