package trace

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"runtime"
	"sync"
)

// Files are read in pieces of whole lines, which are parsed by as many
// goroutines as there are processors and taken in their order.

// A piece is some lines of a file.
type piece struct {
	file  int
	line  int // of the first line
	data  []byte
	ends  []int // where in data each line ends
	bytes int64 // read so far, of all files

	refused  []Refusal // in the order of lines
	rows     []row
	prepared any   // for load
	load     *load // that there was when the piece was parsed
	err      error // ends the import
	done     chan struct{}
}

const pieceBytes = 256 << 10

// read reads all files and takes their pieces one after the other.
func (im *importer) read(files []ImportFile) error {
	ctx, cancel := context.WithCancel(im.ctx)
	workers := runtime.GOMAXPROCS(0)
	work, order := make(chan *piece, workers), make(chan *piece, 2*workers)
	var running sync.WaitGroup
	running.Go(func() {
		defer close(work)
		defer close(order)
		c := cutter{ctx: ctx, maxLine: im.cfg.MaxLine, work: work, order: order}
		for i, f := range files {
			if !c.file(i, f) {
				return
			}
		}
	})
	for range workers {
		running.Go(func() {
			for p := range work {
				p.parse(files[p.file].Name, im.cfg.Signature)
				if load := im.load.Load(); load != nil && p.err == nil {
					p.load = load
					p.prepared, p.err = prepare(load.bulk, p.rows)
				}
				close(p.done)
			}
		})
	}
	var err error
	for p := range order {
		<-p.done
		if err == nil {
			err = im.ctx.Err()
		}
		if err != nil {
			continue // what was read already is let go
		}
		if err = im.take(p); err != nil {
			cancel()
		}
	}
	cancel()
	running.Wait()
	if err == nil {
		err = im.ctx.Err()
	}
	return err
}

// A cutter cuts files into pieces.
type cutter struct {
	ctx         context.Context
	maxLine     int
	work, order chan *piece
	bytes       int64
}

// send hands a piece on. It reports false where nobody wants more.
func (c *cutter) send(p *piece) bool {
	p.bytes = c.bytes
	p.done = make(chan struct{})
	select {
	case c.order <- p:
	case <-c.ctx.Done():
		return false
	}
	select {
	case c.work <- p:
		return true
	case <-c.ctx.Done():
		close(p.done)
		return false
	}
}

// file cuts one file, to its end or to where it proves not to hold records.
func (c *cutter) file(n int, f ImportFile) bool {
	in := bufio.NewReaderSize(f, 64<<10)
	begin, err := in.Peek(512)
	if err != nil && err != io.EOF && len(begin) == 0 {
		return c.send(&piece{file: n, err: fmt.Errorf("trace: reading %s: %w", f.Name, err)})
	}
	if r := sniff(begin); r != nil {
		r.File = f.Name
		return c.send(&piece{file: n, refused: []Refusal{*r}})
	}
	any := false
	p := &piece{file: n, line: 1}
	for line := 1; ; line++ {
		from := len(p.data)
		length, err := p.readLine(in, c.maxLine)
		if err != nil && err != io.EOF {
			p.err = fmt.Errorf("trace: reading %s line %d: %w", f.Name, line, err)
			return c.send(p)
		}
		c.bytes += length
		tooLong := length > 0 && len(p.data) == from
		if tooLong {
			p.refused = append(p.refused, Refusal{File: f.Name, Line: line, Found: fmt.Sprintf("a line of %s bytes", grouped(length)),
				Wanted: fmt.Sprintf("at most %s bytes", grouped(c.maxLine)), Reason: "the line is too long", hint: oneALine})
		}
		any = any || tooLong || len(bytes.TrimSpace(p.data[from:])) > 0
		p.ends = append(p.ends, len(p.data))
		end := err == io.EOF
		if end && !any {
			p.refused = append(p.refused, Refusal{File: f.Name, Found: "nothing", Wanted: "records, one a line", Reason: "the file is empty", hint: "check that the file was written to its end"})
		}
		if end || tooLong || len(p.data) >= pieceBytes {
			if !c.send(p) {
				return false
			}
			p = &piece{file: n, line: line + 1, data: make([]byte, 0, pieceBytes+4096)}
		}
		if end {
			return true
		}
	}
}

// readLine appends a line to the piece. A line longer than limit is passed over.
// The error is io.EOF at the end.
func (p *piece) readLine(in *bufio.Reader, limit int) (length int64, err error) {
	from := len(p.data)
	for {
		part, err := in.ReadSlice('\n')
		length += int64(len(part))
		if length <= int64(limit)+1 {
			p.data = append(p.data, part...)
		} else {
			p.data = p.data[:from]
		}
		if err != bufio.ErrBufferFull {
			return length, err
		}
	}
}

// parse checks the lines of the piece. A line that is too long is the last of
// its piece and stands refused already: what is refused before it comes first.
func (p *piece) parse(file string, signature func(*Record) error) {
	late := p.refused
	p.refused = nil
	from := 0
	for i, to := range p.ends {
		line := bytes.TrimRight(p.data[from:to], "\r\n")
		from = to
		if len(line) == 0 || line[0] <= ' ' && len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		record, err := parseLine(line)
		if err == nil && record.Signature != nil && signature != nil {
			if bad := signature(record); bad != nil {
				p.refused = append(p.refused, badSignature(file, p.line+i, bad))
				continue
			}
		}
		if err == nil {
			p.rows = append(p.rows, row{record, place{p.file, p.line + i}})
			continue
		}
		if err.Reason == notComplete {
			err.Reason = fmt.Sprintf("line %d is not complete JSON", p.line+i)
			err.hint = oneALine
		}
		p.refused = append(p.refused, Refusal{file, p.line + i, err.Field, err.Found, err.Wanted, err.Reason, err.Hint()})
	}
	p.refused = append(p.refused, late...)
	p.data, p.ends = nil, nil
}
