package storage

import (
	"slices"

	"github.com/sublot/sublot/trace"
)

// A histogram counts the records of a run by source and day. Nearly every record
// may have a cell of its own, so they are put in order rather than looked up.
type histogram struct {
	sources map[string]uint32
	names   []string
	cells   []uint64 // source and day of each record
}

func (h *histogram) clear() {
	clear(h.sources)
	h.names, h.cells = h.names[:0], h.cells[:0]
}

func (h *histogram) add(r *trace.Record) {
	n, ok := h.sources[r.Source]
	if !ok {
		n = uint32(len(h.names))
		h.sources[r.Source] = n
		h.names = append(h.names, r.Source)
	}
	h.cells = append(h.cells, uint64(n)<<32|uint64(uint32(int64(r.Known())+dayBias)))
}

// each calls f for each cell, those of a source together, in the order of days.
func (h *histogram) each(f func(source string, day trace.Day, n int64) error) error {
	slices.Sort(h.cells)
	for i := 0; i < len(h.cells); {
		n := i + 1
		for n < len(h.cells) && h.cells[n] == h.cells[i] {
			n++
		}
		if err := f(h.names[h.cells[i]>>32], trace.Day(int64(uint32(h.cells[i]))-dayBias), int64(n-i)); err != nil {
			return err
		}
		i = n
	}
	return nil
}
