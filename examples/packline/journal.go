package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"sync"

	"github.com/sublot/sublot/marking"
	"github.com/sublot/sublot/trace/packing"
)

// An entry of the journal is a box that was packed, or a number that was spoilt.
type entry struct {
	Item   marking.ID `json:"item"`
	Rounds int64      `json:"rounds,omitempty"`
	Void   string     `json:"void,omitempty"` // why no box bears the number
}

// A journal remembers what the line did, a line of JSON a number, and tells the
// tally. It is written after the look at the label, so what is in it is true; a box
// whose entry a crash cut off has a number in doubt.
type journal struct {
	*os.File
	tally *packing.Tally

	mu           sync.Mutex
	seen         map[marking.ID]bool
	items        []marking.ID // packed
	packed, void int
}

// openJournal reads what an earlier run left, without a last line that was cut off.
func openJournal(name string, tally *packing.Tally) (*journal, error) {
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	j := &journal{File: f, tally: tally, seen: map[marking.ID]bool{}}
	b, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	whole := b[:bytes.LastIndexByte(b, '\n')+1]
	if err := f.Truncate(int64(len(whole))); err != nil {
		return nil, err
	}
	for line := range bytes.Lines(whole) {
		var e entry
		if err := json.Unmarshal(line, &e); err != nil {
			return nil, fmt.Errorf("%s: %s: %w", name, line, err)
		}
		if err := j.note(e); err != nil {
			return nil, err
		}
	}
	return j, nil
}

// note tells the tally. A number that comes twice is refused there.
func (j *journal) note(e entry) error {
	j.seen[e.Item] = true
	if e.Void != "" {
		j.void++
		return j.tally.Void(e.Item, e.Void)
	}
	j.packed++
	j.items = append(j.items, e.Item)
	return j.tally.Pack(e.Item, marking.Box, e.Rounds)
}

// write adds an entry, safe on the disk when it returns.
func (j *journal) write(e entry) error {
	b, err := json.Marshal(e)
	if err != nil {
		return err
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if err := j.note(e); err != nil {
		return err
	}
	if _, err := j.File.Write(append(b, '\n')); err != nil {
		return err
	}
	return j.File.Sync()
}

func (j *journal) knows(id marking.ID) bool { return j.seen[id] }
