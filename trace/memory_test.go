package trace_test

import (
	"testing"

	"github.com/sublot/sublot/trace"
	"github.com/sublot/sublot/trace/ledgertest"
)

func TestMemory(t *testing.T) {
	ledgertest.Run(t, func(*testing.T) trace.Ledger { return trace.NewMemory() })
}
