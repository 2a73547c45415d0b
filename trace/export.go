package trace

import (
	"bufio"
	"context"
	"fmt"
	"io"
)

// Export writes the records of the ledger as JSON Lines in the order of its
// log, each in canonical form and signed ones with their signature: what
// [Import] reads into an equal ledger. It returns how many it wrote.
func Export(ctx context.Context, w io.Writer, ledger Ledger) (int64, error) {
	out := bufio.NewWriterSize(w, 64<<10)
	var n int64
	for e, err := range ledger.All(ctx, 0) {
		if err != nil {
			return n, err
		}
		line, err := e.Record.MarshalJSON()
		if err != nil {
			return n, err
		}
		out.Write(line)
		if err := out.WriteByte('\n'); err != nil {
			return n, fmt.Errorf("trace: writing records: %w", err)
		}
		n++
	}
	if err := out.Flush(); err != nil {
		return n, fmt.Errorf("trace: writing records: %w", err)
	}
	return n, nil
}
