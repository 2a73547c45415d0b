package storage

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"os"
	"slices"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// A runFile is a sorted run of a bulk load on disk, beside the ledger, until the load
// ends. It is a row of blocks:
//
//	length u32 | CRC-32C of the content u32 | content
//
// and the content of a block is keys and values:
//
//	how many bytes the key has in common with the one before, uvarint
//	length of the rest of the key, length of the value, uvarint
//	the rest of the key, the value
//
// A block begins anew, and holds keys of one tag. Keys of parties and of days are held
// many as one, and so are the days of a source (see eachPlace and eachDay). Nobody else reads the file, and a
// crash leaves nothing that is needed: its form may change at any time.
type runFile struct {
	f     vfs.File
	name  string
	tags  [tagTile + 2]int64 // where the blocks of each tag begin, and where the last ends
	tier  int                // how often what is in it was merged from others
	marks []mark             // of the blocks of items
	from  int64              // the place of the first record that it is about; runs of later ones come later
}

// A mark is the first key of a block, and where the block begins.
type mark struct {
	key []byte
	at  int64
}

// A keyRange is keys of one tag: from one on, before another; nil is an open end.
type keyRange struct {
	tag      byte
	from, to []byte
}

const (
	runBlock = 32 << 10 // bytes, about
	runSlack = 1 << 10  // by which few blocks are longer
)

var (
	errRun     = errors.New("storage: a sorted run of the load is damaged")
	castagnoli = crc32.MakeTable(crc32.Castagnoli)
)

// A runWriter writes a run, whose keys come in order.
type runWriter struct {
	run   *runFile
	block []byte
	last  []byte // key
	tag   byte
	size  int64 // of the file
}

const runHeader = 8

func newRunWriter(fs vfs.FS, name string, from int64) (*runWriter, error) {
	f, err := fs.Create(name, vfs.WriteCategoryUnspecified)
	if err != nil {
		return nil, err
	}
	return &runWriter{run: &runFile{f: f, name: name, from: from}, block: make([]byte, runHeader, runHeader+runBlock+runSlack)}, nil
}

// add writes a key and its value.
func (w *runWriter) add(key, value []byte) error {
	if key[0] != w.tag || len(w.block) >= runBlock {
		if err := w.flush(); err != nil {
			return err
		}
		for ; w.tag < key[0]; w.tag++ {
			w.run.tags[w.tag+1] = w.size
		}
	}
	if w.tag == tagSpan && len(w.block) == runHeader {
		w.run.marks = append(w.run.marks, mark{bytes.Clone(key), w.size})
	}
	shared := 0
	for shared < len(key) && shared < len(w.last) && key[shared] == w.last[shared] {
		shared++
	}
	w.block = binary.AppendUvarint(w.block, uint64(shared))
	w.block = binary.AppendUvarint(w.block, uint64(len(key)-shared))
	w.block = binary.AppendUvarint(w.block, uint64(len(value)))
	w.block = append(append(w.block, key[shared:]...), value...)
	w.last = append(w.last[:shared], key[shared:]...)
	return nil
}

// flush writes the block.
func (w *runWriter) flush() error {
	if len(w.block) == runHeader {
		return nil
	}
	binary.BigEndian.PutUint32(w.block, uint32(len(w.block)-runHeader))
	binary.BigEndian.PutUint32(w.block[4:], crc32.Checksum(w.block[runHeader:], castagnoli))
	if _, err := w.run.f.Write(w.block); err != nil {
		return err
	}
	w.size += int64(len(w.block))
	w.block, w.last = w.block[:runHeader], w.last[:0]
	return nil
}

// finish returns the run, to be read from now on.
func (w *runWriter) finish() (*runFile, error) {
	err := w.flush()
	for i := int(w.tag) + 1; i < len(w.run.tags); i++ {
		w.run.tags[i] = w.size
	}
	return w.run, err
}

// remove ends the use of a run.
func (r *runFile) remove(fs vfs.FS) error {
	err := errors.Join(r.f.Close(), fs.Remove(r.name))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return err
}

// A runReader reads the keys of one tag of a run.
type runReader struct {
	run        *runFile
	at, end    int64
	block      []byte
	rest       []byte // of the block
	key, value []byte
	prefix     [2]uint64 // see runEntry
	to         []byte    // of a range
}

// newRunReader returns a reader of a range of keys of a run, of which it has read the
// first; nil where there is none.
func newRunReader(run *runFile, of keyRange) (*runReader, error) {
	r := &runReader{run: run, at: run.tags[of.tag], end: run.tags[of.tag+1], to: of.to}
	if of.from != nil {
		i, _ := slices.BinarySearchFunc(run.marks, of.from, func(m mark, key []byte) int { return bytes.Compare(m.key, key) })
		if i > 0 { // it may be in the block before
			r.at = run.marks[i-1].at
		}
	}
	for {
		ok, err := r.next()
		if !ok || err != nil {
			return nil, err
		}
		if bytes.Compare(r.key, of.from) >= 0 {
			return r, nil
		}
	}
}

// next reads the next key, and reports false after the last.
func (r *runReader) next() (bool, error) {
	if len(r.rest) == 0 {
		if r.at >= r.end {
			return false, nil
		}
		if err := r.read(); err != nil {
			return false, err
		}
	}
	n := numbers{b: r.rest}
	shared, rest, size := n.uvarint(), n.uvarint(), n.uvarint()
	if n.bad || shared > uint64(len(r.key)) || rest > uint64(len(n.b)) || size > uint64(len(n.b))-rest {
		return false, errRun
	}
	r.key = append(r.key[:shared], n.b[:rest]...)
	r.value, r.rest = n.b[rest:rest+size], n.b[rest+size:]
	r.prefix = prefixOf(r.key)
	return r.to == nil || bytes.Compare(r.key, r.to) < 0, nil
}

// read reads the next block, nearly always at once.
func (r *runReader) read() error {
	const usual = runHeader + runBlock + runSlack
	if cap(r.block) < usual {
		r.block = make([]byte, usual)
	}
	b := r.block[:min(usual, r.end-r.at)]
	if _, err := r.run.f.ReadAt(b, r.at); err != nil {
		return torn(err)
	}
	if len(b) < runHeader {
		return errRun
	}
	size := runHeader + int64(binary.BigEndian.Uint32(b))
	if size == runHeader || size > r.end-r.at {
		return errRun
	}
	if have := int64(len(b)); size > have {
		b = append(b, make([]byte, size-have)...)
		r.block = b
		if _, err := r.run.f.ReadAt(b[have:], r.at+have); err != nil {
			return torn(err)
		}
	}
	b = b[:size]
	if crc32.Checksum(b[runHeader:], castagnoli) != binary.BigEndian.Uint32(b[4:]) {
		return errRun
	}
	r.at += size
	r.rest, r.key = b[runHeader:], r.key[:0]
	return nil
}

// torn says what it means that a file ends where it does.
func torn(err error) error {
	if errors.Is(err, io.EOF) {
		return errRun
	}
	return err
}

func (r *runReader) less(s *runReader) bool {
	switch {
	case r.prefix[0] != s.prefix[0]:
		return r.prefix[0] < s.prefix[0]
	case r.prefix[1] != s.prefix[1]:
		return r.prefix[1] < s.prefix[1]
	}
	c := bytes.Compare(r.key, s.key)
	return c < 0 || c == 0 && r.run.from < s.run.from
}

// A runMerger reads a range of keys of several runs together, each key once, with
// what the database would make of its values, those of earlier runs first.
type runMerger struct {
	tag    byte
	heap   []*runReader // the one with the least key first
	key    []byte
	value  []byte
	values []byte // of the key, one after the other
	ends   []int  // of each in values
	parts  [][]byte
}

func newRunMerger(runs []*runFile, of keyRange) (*runMerger, error) {
	m := &runMerger{tag: of.tag}
	for _, run := range runs {
		r, err := newRunReader(run, of)
		if err != nil {
			return nil, err
		}
		if r != nil {
			m.heap = append(m.heap, r)
		}
	}
	for i := len(m.heap)/2 - 1; i >= 0; i-- {
		m.down(i)
	}
	return m, nil
}

// down puts a reader that is too far up where it belongs.
func (m *runMerger) down(i int) {
	r := m.heap[i]
	for {
		child := 2*i + 1
		if child >= len(m.heap) {
			break
		}
		if child+1 < len(m.heap) && m.heap[child+1].less(m.heap[child]) {
			child++
		}
		if !m.heap[child].less(r) {
			break
		}
		m.heap[i] = m.heap[child]
		i = child
	}
	m.heap[i] = r
}

// next moves to the next key, and reports false after the last.
func (m *runMerger) next() (bool, error) {
	if len(m.heap) == 0 {
		return false, nil
	}
	m.key = append(m.key[:0], m.heap[0].key...)
	m.values, m.ends = m.values[:0], m.ends[:0]
	for len(m.heap) > 0 && bytes.Equal(m.heap[0].key, m.key) {
		r := m.heap[0]
		m.values = append(m.values, r.value...)
		m.ends = append(m.ends, len(m.values))
		ok, err := r.next()
		if err != nil {
			return false, err
		}
		if !ok {
			last := len(m.heap) - 1
			m.heap[0] = m.heap[last]
			m.heap = m.heap[:last]
		}
		if len(m.heap) > 0 {
			m.down(0)
		}
	}
	if len(m.ends) == 1 {
		m.value = m.values
		return true, nil
	}
	m.parts = m.parts[:0]
	from := 0
	for _, end := range m.ends {
		m.parts = append(m.parts, m.values[from:end])
		from = end
	}
	var err error
	if m.tag == tagSource {
		m.value, err = joinDays(nil, m.parts)
	} else {
		m.value, err = join(nil, m.tag, m.parts)
	}
	return true, err
}
