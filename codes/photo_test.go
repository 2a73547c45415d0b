package codes_test

import (
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sublot/sublot/codes"
	"github.com/sublot/sublot/codes/degrade"
)

// Scan reads every ordinary photograph of a sound symbol. SUBLOT_PHOTOS sets how many seeds are tried.
func TestEveryPhotographIsRead(t *testing.T) {
	n := 10
	if v, err := strconv.Atoi(os.Getenv("SUBLOT_PHOTOS")); err == nil {
		n = v
	}
	failed := 0
	for seed := range uint64(n) {
		r := rand.New(rand.NewPCG(seed, 3))
		data := make([]byte, 76+r.IntN(40))
		for i := range data {
			data[i] = byte(r.IntN(256))
		}
		symbology := []codes.Symbology{codes.DataMatrix, codes.QR}[seed%2]
		s, err := codes.Encode(codes.Payload{Data: data}, codes.EncodeConfig{Symbology: symbology})
		require.NoError(t, err)
		got, err := codes.Scan(degrade.Draw(s, degrade.Photo(seed)), codes.ScanConfig{MaxTime: time.Minute})
		require.NoError(t, err)
		if len(got.Hits) != 1 || string(got.Hits[0].Payload.Data) != string(data) {
			failed++
			t.Logf("seed %d: %s of %d bytes: %d hits", seed, symbology, len(data), len(got.Hits))
		}
	}
	require.Zero(t, failed, "of %d", n)
}
