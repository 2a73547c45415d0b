package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/sublot/sublot/internal/bench"
)

type benchCmd struct {
	Spans   []int64  `default:"1000000" help:"Transfer spans of the ledger that is made; several sizes are measured one after the other."`
	Levels  int      `default:"1" help:"Levels of packing that hold transfers, 1 to 3."`
	Cache   int64    `default:"256" help:"Cache in MB."`
	Records int      `default:"65536" help:"Records kept as they were read."`
	Queries int      `default:"20000" help:"Look-ups of each kind."`
	Seed    uint64   `default:"1" help:"Another seed makes another ledger of the same kind."`
	Dir     string   `placeholder:"DIR" help:"Where to make it; the disk that is measured. Default: a temporary folder."`
	Keep    string   `placeholder:"DIR" help:"Keep the ledgers in this folder, and measure those that are kept there already."`
	Svg     string   `name:"svg" placeholder:"FILE" help:"Draw how the time of look-ups grows with the size."`
	Reports []string `arg:"" optional:"" name:"report" help:"Show these reports, written with --json before, and measure nothing."`
}

func (benchCmd) Help() string {
	return `Makes a synthetic national ledger, as large as you like, and measures what it costs
on this machine: import, disk, memory, look-ups with warm and cold caches, and appends, each
beside the bare database below it. The ledger is removed afterwards, unless it is kept. While it is made it takes
some 600 bytes a span.

Examples:

    sublot bench
    sublot bench --spans 10000000 --cache 256 --dir /srv/scratch
    sublot bench --json > bench.json
    sublot bench --spans 1000000,10000000 --svg growth.svg`
}

func (c *benchCmd) Run(s *session) error {
	reports, err := c.reports(s)
	if err != nil {
		return err
	}
	if c.Svg != "" {
		if err := os.WriteFile(c.Svg, bench.Curve(reports), 0o644); err != nil {
			return err
		}
	}
	for i, r := range reports {
		if s.json {
			if err := s.writeJSON(r); err != nil {
				return err
			}
			continue
		}
		if i > 0 {
			fmt.Fprintln(s.out)
		}
		fmt.Fprint(s.out, r)
	}
	return nil
}

// reports measures, or reads what was measured before.
func (c *benchCmd) reports(s *session) ([]*bench.Report, error) {
	var out []*bench.Report
	for _, name := range c.Reports {
		f, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		for in := json.NewDecoder(f); in.More(); {
			r := new(bench.Report)
			if err := in.Decode(r); err != nil || r.Spans < 1 {
				return nil, hinted(fmt.Errorf("%s is not a report", name), "give what sublot bench --json wrote")
			}
			out = append(out, r)
		}
	}
	if len(out) > 0 {
		return out, nil
	}
	for _, spans := range c.Spans {
		if spans < 1 || c.Levels < 1 || c.Levels > 3 || c.Cache < 1 || c.Records < 1 || c.Queries < 10 {
			return nil, hinted(fmt.Errorf("a ledger of %d spans, %d levels, %d MB of cache, %d records, %d look-ups cannot be measured", spans, c.Levels, c.Cache, c.Records, c.Queries),
				"give --spans, --cache and --records from 1 on, --levels 1 to 3 and --queries from 10 on")
		}
	}
	for _, spans := range c.Spans {
		r, err := c.measure(s, spans)
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, nil
}

// folder returns where a ledger is made or kept.
func (c *benchCmd) folder(spans int64) (string, error) {
	if c.Keep == "" {
		return os.MkdirTemp(c.Dir, "sublot-bench-")
	}
	dir := filepath.Join(c.Keep, fmt.Sprintf("%d-spans-%d-levels-seed-%d", spans, c.Levels, c.Seed))
	return dir, os.MkdirAll(dir, 0o755)
}

func (c *benchCmd) measure(s *session, spans int64) (*bench.Report, error) {
	dir, err := c.folder(spans)
	if err != nil {
		return nil, err
	}
	if c.Keep == "" {
		defer os.RemoveAll(dir)
	}
	p := s.progress()
	defer p.done()
	return bench.Run(s, bench.Config{Dir: dir, Spans: spans, Levels: c.Levels, Cache: c.Cache << 20, Records: c.Records,
		Queries: c.Queries, Seed: c.Seed, Tell: p.show})
}
