package storage

import (
	"bytes"
	"context"
	"fmt"
	"slices"
)

// Every entry of an index has to come from a record, and every record has to have
// its entries: the first is read here, the second is told by sums over both. The
// indexes are read in stretches of keys, several at once.

// A keyStretch is the keys from lower on and below upper, nil for all. Where they are
// those of blocks of items, it is a stretch of whole lots, and what is said of these
// elsewhere is a part of it.
type keyStretch struct {
	lower, upper []byte
	items        bool
}

// tableKeys returns the first keys of the tables of the database, about as far from each
// other as the tables are large.
func (l *Ledger) tableKeys() ([][]byte, error) {
	levels, err := l.db.SSTables()
	var keys [][]byte
	for _, tables := range levels {
		for _, t := range tables {
			keys = append(keys, t.Smallest.UserKey)
		}
	}
	return keys, err
}

// keyStretches returns all keys beside the log, cut at some of them.
func keyStretches(at [][]byte) []keyStretch {
	lots := [][]byte{}
	for _, key := range at {
		if len(key) > 0 && key[0] == tagSpan {
			lots = append(lots, key[:1+len(lotOf(key))])
		}
	}
	return slices.Concat(
		cutKeys(keyStretch{nil, []byte{tagLog}, false}, at),
		cutKeys(keyStretch{[]byte{tagLog + 1}, []byte{tagLot}, false}, at),
		cutKeys(keyStretch{[]byte{tagLot + 1}, []byte{tagSpan}, false}, at),
		cutKeys(keyStretch{[]byte{tagSpan}, []byte{tagSpan + 1}, true}, lots),
		cutKeys(keyStretch{[]byte{tagTotal + 1}, nil, false}, at),
	)
}

// cutKeys cuts a stretch at the keys that lie in it.
func cutKeys(s keyStretch, at [][]byte) (out []keyStretch) {
	at = slices.Clone(at)
	slices.SortFunc(at, bytes.Compare)
	for _, key := range at {
		if bytes.Compare(s.lower, key) < 0 && (s.upper == nil || bytes.Compare(key, s.upper) < 0) {
			out = append(out, keyStretch{s.lower, key, s.items})
			s.lower = key
		}
	}
	return append(out, s)
}

// An indexStretch is what the entries of a stretch come to.
type indexStretch struct {
	v *verifier
	keyStretch
	found          entrySums
	tiles, entries int64
	beside         error // the first difference in what is read beside the blocks of items
	err            error
}

// indexes reads everything beside the log.
func (v *verifier) indexes(stretches []keyStretch) error {
	read := func(ctx context.Context, i int) *indexStretch {
		s := &indexStretch{v: v, keyStretch: stretches[i], found: newEntrySums(v.found.seed)}
		s.err = recovered(func() error {
			if s.items {
				return s.readItems(ctx)
			}
			return s.read(ctx)
		})
		return s
	}
	if err := inOrder(v.ctx, len(stretches), read, v.joinIndex); err != nil {
		return err
	}
	if err := v.sources(); err != nil {
		return err
	}
	if want := v.full + int64(len(v.tiles)); v.tilesFound != want {
		return &Difference{Where: inTree, Seq: -1, Found: fmt.Sprintf("%d tiles", v.tilesFound), Wanted: fmt.Sprint(want)}
	}
	if v.wanted.of != v.found.of {
		return v.name(stretches)
	}
	return v.beside // a difference in the blocks explains more
}

func (v *verifier) joinIndex(s *indexStretch) error {
	if s.err != nil {
		return s.err
	}
	v.found.join(&s.found)
	v.tilesFound += s.tiles
	v.report.Entries += s.entries
	if v.beside == nil {
		v.beside = s.beside
	}
	return nil
}

// read adds up the entries of a stretch.
func (s *indexStretch) read(ctx context.Context) error {
	for key, err := range s.v.l.keys(ctx, s.v.r, s.lower, s.upper) {
		if err != nil {
			return err
		}
		value, err := key.ValueAndErr()
		if err != nil {
			return err
		}
		k := key.Key()
		if len(k) == 0 {
			return &Difference{Where: "database", Seq: -1, Found: "an entry without a key", Wanted: "nothing"}
		}
		switch k[0] {
		case tagName, tagCited, tagAbout, tagParty, tagSite, tagContainer, tagNumber, tagSeizure, tagVoided, tagDay:
			s.found.add(k, value)
		case tagSource:
			source, _, n, err := readCell(k, value)
			if err != nil {
				return err
			}
			s.found.cell(source, k, n)
			s.entries++
		case tagSourceSum:
			source, n, err := readSourceSum(k, value)
			if err != nil {
				return err
			}
			s.found.source(source).records += n
			s.entries++
		case tagTile:
			s.tiles++
		default:
			return extra(k, "an entry of no index")
		}
	}
	return nil
}

func extra(key []byte, found string) error {
	name := indexNames[key[0]]
	if name == "" {
		name = "database"
	}
	return &Difference{Where: name, Seq: -1, Found: fmt.Sprintf("%s under key %x", found, key), Wanted: "nothing"}
}
