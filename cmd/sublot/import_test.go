package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestImporting(t *testing.T) {
	require.Equal(t, "read 1,000 records, 25 %, 100 records/s, 30s left", importing(250, 1000, 1000, 10*time.Second))
	require.Equal(t, "read 1,000 records, 2 MiB, 100 records/s", importing(2<<20, 0, 1000, 10*time.Second))
	require.Equal(t, "read 1,000 records, 100 records/s; writing what finds them", importing(1000, 1000, 1000, 10*time.Second))
}
