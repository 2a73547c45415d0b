package main

import (
	"fmt"
	"os"

	"github.com/sublot/sublot/internal/bench"
)

type benchCmd struct {
	Spans   int64  `default:"1000000" help:"Transfer spans of the ledger that is made."`
	Levels  int    `default:"1" help:"Levels of packing that hold transfers, 1 to 3."`
	Cache   int64  `default:"256" help:"Cache in MB."`
	Records int    `default:"65536" help:"Records kept as they were read."`
	Queries int    `default:"20000" help:"Look-ups of each kind."`
	Seed    uint64 `default:"1" help:"Another seed makes another ledger of the same kind."`
	Dir     string `placeholder:"DIR" help:"Where to make it; the disk that is measured. Default: a temporary folder."`
}

func (benchCmd) Help() string {
	return `Makes a synthetic national ledger, as large as you like, and measures what it costs
on this machine: import, disk, memory, look-ups with warm and cold caches, and appends, each
beside the bare database below it. The ledger is removed afterwards.

Examples:

    sublot bench
    sublot bench --spans 10000000 --cache 256 --dir /srv/scratch
    sublot bench --json > bench.json`
}

func (c *benchCmd) Run(s *session) error {
	if c.Spans < 1 || c.Levels < 1 || c.Levels > 3 || c.Cache < 1 || c.Records < 1 || c.Queries < 10 {
		return hinted(fmt.Errorf("a ledger of %d spans, %d levels, %d MB of cache, %d records, %d look-ups cannot be measured", c.Spans, c.Levels, c.Cache, c.Records, c.Queries),
			"give --spans, --cache and --records from 1 on, --levels 1 to 3 and --queries from 10 on")
	}
	dir, err := os.MkdirTemp(c.Dir, "sublot-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	p := s.progress()
	report, err := bench.Run(s, bench.Config{Dir: dir, Spans: c.Spans, Levels: c.Levels, Cache: c.Cache << 20, Records: c.Records,
		Queries: c.Queries, Seed: c.Seed, Tell: p.show})
	p.done()
	if err != nil {
		return err
	}
	if s.json {
		return s.writeJSON(report)
	}
	fmt.Fprint(s.out, report)
	return nil
}
