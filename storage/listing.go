package storage

import (
	"cmp"
	"encoding/binary"
	"iter"
	"slices"
)

// A listing gathers numbers under names, such as the places of records under the parties
// that they name. A name comes many times: it is looked up, rather than put in order with
// each of its numbers.
type listing[K comparable] struct {
	compare func(a, b K) int
	ids     map[K]uint32
	names   []K
	ends    []uint32 // of each name, how many numbers it has; see each
	cells   []listed
	numbers []uint32 // room, see each
}

// A listed is a number and the place of its name.
type listed struct{ name, number uint32 }

func newListing[K comparable](compare func(a, b K) int) listing[K] {
	return listing[K]{compare: compare, ids: map[K]uint32{}}
}

// clear forgets what was gathered, and keeps the room for it.
func (l *listing[K]) clear() {
	clear(l.ids)
	clear(l.names)
	l.names, l.ends, l.cells = l.names[:0], l.ends[:0], l.cells[:0]
}

func (l *listing[K]) add(name K, number uint32) {
	id, ok := l.ids[name]
	if !ok {
		id = uint32(len(l.names))
		l.ids[name] = id
		l.names = append(l.names, name)
		l.ends = append(l.ends, 0)
	}
	l.ends[id]++
	l.cells = append(l.cells, listed{id, number})
}

// each calls f for each name, in order, with its numbers, in order, which are not to be
// kept. Nothing can be added afterwards.
func (l *listing[K]) each(f func(name K, numbers []uint32) error) error {
	order := make([]uint32, len(l.names))
	for i := range order {
		order[i] = uint32(i)
	}
	slices.SortFunc(order, func(a, b uint32) int { return l.compare(l.names[a], l.names[b]) })
	end := uint32(0) // of the numbers of the names before
	for _, id := range order {
		n := l.ends[id]
		l.ends[id] = end
		end += n
	}
	l.numbers = append(l.numbers[:0], make([]uint32, end)...)
	for _, c := range l.cells {
		l.numbers[l.ends[c.name]] = c.number
		l.ends[c.name]++
	}
	from := uint32(0)
	for _, id := range order {
		numbers := l.numbers[from:l.ends[id]]
		from = l.ends[id]
		if !slices.IsSorted(numbers) {
			slices.Sort(numbers)
		}
		if err := f(l.names[id], numbers); err != nil {
			return err
		}
	}
	return nil
}

// tally yields each of some numbers, which are in order, and how often it is there.
func tally(numbers []uint32) iter.Seq2[uint32, uint64] {
	return func(yield func(number uint32, times uint64) bool) {
		for rest := numbers; len(rest) > 0; {
			n := 1
			for n < len(rest) && rest[n] == rest[0] {
				n++
			}
			if !yield(rest[0], uint64(n)) {
				return
			}
			rest = rest[n:]
		}
	}
}

// A run of a bulk load holds the keys that are a text or a day and a place as one for all
// of the run's records: the first such key, and how far each place is from the one before.

// appendPlaces appends how far each number is from the one before.
func appendPlaces(b []byte, numbers []uint32) []byte {
	for i, n := range numbers[1:] {
		b = binary.AppendUvarint(b, uint64(n-numbers[i]))
	}
	return b
}

// eachPlace calls f for each key that a run holds as one. Key is that of the first, and
// is changed.
func eachPlace(key, further []byte, f func(key []byte) error) error {
	seq := uint64(seqOf(key))
	for n := (numbers{b: further}); ; {
		if err := f(key); err != nil || len(n.b) == 0 {
			return err
		}
		seq += n.uvarint()
		if n.bad {
			return errRun
		}
		binary.BigEndian.PutUint64(key[len(key)-8:], seq)
	}
}

// It holds the days of a source, too, as one: of each how many days it is from the one
// before, and how many records there are.

// appendDays appends days, of which some may be the same.
func appendDays(b []byte, days []uint32) []byte {
	last := uint32(0)
	for day, records := range tally(days) {
		b = appendDayCount(b, uint64(day-last), records)
		last = day
	}
	return b
}

func appendDayCount(b []byte, after, records uint64) []byte {
	return binary.AppendUvarint(binary.AppendUvarint(b, after), records)
}

// eachDay calls f for each day of one or several lists of days, in order, with how many
// records it has in all of them.
func eachDay(lists [][]byte, f func(day uint32, records uint64) error) error {
	type cell struct {
		day     uint32
		records uint64
	}
	var cells []cell
	for _, list := range lists {
		day := uint32(0)
		for n := (numbers{b: list}); len(n.b) > 0; {
			day += uint32(n.uvarint())
			cells = append(cells, cell{day, n.uvarint()})
			if n.bad {
				return errRun
			}
		}
	}
	if len(lists) > 1 {
		slices.SortFunc(cells, func(a, b cell) int { return cmp.Compare(a.day, b.day) })
	}
	for i := 0; i < len(cells); {
		c := cells[i]
		for i++; i < len(cells) && cells[i].day == c.day; i++ {
			c.records += cells[i].records
		}
		if err := f(c.day, c.records); err != nil {
			return err
		}
	}
	return nil
}

// joinDays makes one list of days of several.
func joinDays(b []byte, lists [][]byte) ([]byte, error) {
	last := uint32(0)
	err := eachDay(lists, func(day uint32, records uint64) error {
		b = appendDayCount(b, uint64(day-last), records)
		last = day
		return nil
	})
	return b, err
}
