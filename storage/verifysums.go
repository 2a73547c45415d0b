package storage

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"maps"
	"math/bits"
	"slices"
	"strings"

	"github.com/sublot/sublot/trace"
)

// entrySums is what the entries of indexes come to, as the records call for them or as they
// were found: for each index the sum of the hashes of its entries, whose order does not
// matter.
type entrySums struct {
	seed    []byte
	room    []byte
	of      [256]hashSum // by tag
	sources map[string]*sourceSum
}

// A sourceSum is what the records of a source come to.
type sourceSum struct {
	records uint64
	cells   hashSum // of the histogram: the hash of a cell's key for each of its records
}

func newEntrySums(seed []byte) entrySums {
	return entrySums{seed: seed, sources: map[string]*sourceSum{}}
}

// add adds an entry of an index.
func (s *entrySums) add(key, value []byte) { s.of[key[0]].add(s.hash(key, value), 1) }

// hash hashes an entry. The seed, which nobody knows beforehand, keeps entries and
// counts from being chosen so that their sums agree.
func (s *entrySums) hash(key, value []byte) [sha256.Size]byte {
	s.room = binary.AppendUvarint(append(s.room[:0], s.seed...), uint64(len(key)))
	s.room = append(append(s.room, key...), value...)
	return sha256.Sum256(s.room)
}

// source returns what a source comes to so far.
func (s *entrySums) source(name string) *sourceSum {
	of := s.sources[name]
	if of == nil {
		of = &sourceSum{}
		s.sources[strings.Clone(name)] = of // without the record that it is a part of
	}
	return of
}

// cell counts records of a cell of the histogram.
func (s *entrySums) cell(source string, key []byte, n uint64) {
	of := s.source(source)
	of.cells.add(s.hash(key, nil), n)
}

// join adds what other entries come to.
func (s *entrySums) join(o *entrySums) {
	for i := range s.of {
		s.of[i].join(&o.of[i])
	}
	for name, more := range o.sources {
		of := s.source(name)
		of.records += more.records
		of.cells.join(&more.cells)
	}
}

// hashSum adds up SHA-256 hashes as numbers of 256 bits.
type hashSum [4]uint64

// add adds a hash n times.
func (s *hashSum) add(h [sha256.Size]byte, n uint64) {
	var over uint64
	for i := range s {
		hi, lo := bits.Mul64(binary.LittleEndian.Uint64(h[8*i:]), n)
		lo, carry := bits.Add64(lo, over, 0)
		hi += carry
		s[i], carry = bits.Add64(s[i], lo, 0)
		over = hi + carry
	}
}

func (s *hashSum) join(o *hashSum) {
	var carry uint64
	for i := range s {
		s[i], carry = bits.Add64(s[i], o[i], carry)
	}
}

// sources compares the counts of records, by source and by source and day.
func (v *verifier) sources() error {
	for name := range v.wanted.sources {
		v.found.source(name)
	}
	for _, name := range slices.Sorted(maps.Keys(v.found.sources)) {
		found, want := v.found.source(name), v.wanted.source(name)
		if found.cells != want.cells {
			return v.cells(name)
		}
		if found.records != want.records {
			return miscounted(tagSourceSum, found.records, want.records, "records of "+name)
		}
	}
	return nil
}

// cells names the first day of a source whose count differs. The records of one source
// have few days.
func (v *verifier) cells(source string) error {
	days := map[trace.Day]uint64{}
	for e, err := range v.l.walk(v.ctx, v.r, 0) {
		if err != nil {
			return err
		}
		if e.Record.Source == source {
			days[e.Record.Known()]++
		}
	}
	differs := func(day trace.Day, found uint64) error {
		return miscounted(tagSource, found, days[day], fmt.Sprintf("records of %s known on %s", source, day))
	}
	missing := slices.Sorted(maps.Keys(days))
	prefix := textKey(tagSource, source)
	for key, err := range v.l.keys(v.ctx, v.r, prefix, after(prefix)) {
		if err != nil {
			return err
		}
		value, err := key.ValueAndErr()
		if err != nil {
			return err
		}
		_, day, n, err := readCell(key.Key(), value)
		if err != nil {
			return err
		}
		switch {
		case len(missing) > 0 && missing[0] < day:
			return differs(missing[0], 0)
		case n != days[day]:
			return differs(day, n)
		case n > 0:
			missing = missing[1:]
		}
	}
	if len(missing) > 0 {
		return differs(missing[0], 0)
	}
	return &Difference{Where: indexNames[tagSource], Seq: -1, Found: "other counts of records of " + source, Wanted: "those of the log"}
}

// readCell reads an entry of the histogram of records.
func readCell(key, value []byte) (source string, day trace.Day, n uint64, err error) {
	source, day, ok := parseSourceKey(key)
	n, used := binary.Uvarint(value)
	if !ok || used != len(value) || string(key) != string(appendSourceKey(nil, sourceDay{source, day})) {
		err = extra(key, "what is no count")
	}
	return source, day, n, err
}

// readSourceSum reads an entry of the counts of records by source.
func readSourceSum(key, value []byte) (source string, n uint64, err error) {
	length, size := binary.Uvarint(key[1:])
	n, used := binary.Uvarint(value)
	if size <= 0 || uint64(len(key)) != 1+uint64(size)+length || used != len(value) {
		return "", 0, extra(key, "what is no count")
	}
	source = string(key[1+size:])
	if string(key) != string(textKey(tagSourceSum, source)) {
		err = extra(key, "what is no count")
	}
	return source, n, err
}

func miscounted(tag byte, found, wanted uint64, of string) error {
	d := &Difference{Where: indexNames[tag], Seq: -1, Found: fmt.Sprintf("%d %s", found, of), Wanted: fmt.Sprint(wanted)}
	if found == 0 {
		d.Found, d.Wanted = "nothing", fmt.Sprintf("%d %s", wanted, of)
	}
	return d
}
