package storage

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sublot/sublot/trace"
	"github.com/sublot/sublot/trace/ledgertest"
)

func TestLedger(t *testing.T) {
	ledgertest.Run(t, func(t *testing.T) trace.Ledger {
		l, err := Open(t.TempDir(), Config{})
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, l.Close()) })
		return l
	})
}
