package storage

import (
	"crypto/ed25519"
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/stretchr/testify/require"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/sublot/sublot/trace"
)

func TestProofs(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	l := mustOpen(t, vfs.NewMem())
	heads := []Head{l.Head()}
	var log []*trace.Record
	for _, n := range []int{1, 1, 5, 248, 1, 1, 300, 66_000 / 100} {
		records := some(t, rng, len(log), n)
		mustAppend(t, l, records)
		log = append(log, records...)
		head := l.Head()
		heads = append(heads, head)
		// What is kept of the tree for one proof serves the next, also when it has grown.
		for _, size := range []int64{head.Size, 1 + rng.Int64N(head.Size)} {
			at, err := l.HeadAt(size)
			require.NoError(t, err)
			seq := rng.Int64N(size)
			p, err := l.ProveRecord(seq, size)
			require.NoError(t, err)
			require.NoError(t, tlog.CheckRecord(p, size, at.Root, seq, tlog.RecordHash(log[seq].Canonical)))
		}
	}
	// The root is that of RFC 6962, worked out the plain way.
	var leaves []tlog.Hash
	for _, r := range log {
		leaves = append(leaves, tlog.RecordHash(r.Canonical))
	}
	for _, h := range heads[1:] {
		require.Equal(t, plainRoot(leaves[:h.Size]), tlog.Hash(h.Root))
		at, err := l.HeadAt(h.Size)
		require.NoError(t, err)
		require.Equal(t, h, at)
	}
	for range 300 {
		size := 1 + rng.Int64N(int64(len(log)))
		head, err := l.HeadAt(size)
		require.NoError(t, err)
		seq := rng.Int64N(size)
		p, err := l.ProveRecord(seq, size)
		require.NoError(t, err)
		require.NoError(t, tlog.CheckRecord(p, size, head.Root, seq, leaves[seq]))
		require.Error(t, tlog.CheckRecord(p, size, head.Root, seq, tlog.RecordHash([]byte("another"))))
		from := rng.Int64N(size + 1)
		old, err := l.HeadAt(from)
		require.NoError(t, err)
		growth, err := l.ProveGrowth(from, size)
		require.NoError(t, err)
		require.NoError(t, checkGrowth(growth, old, head))
		if from > 0 {
			old.Root[3] ^= 1
			require.Error(t, checkGrowth(growth, old, head))
		}
	}
	for _, c := range [][2]int64{{-1, 5}, {5, 5}, {0, int64(len(log)) + 1}, {0, -1}} {
		_, err := l.ProveRecord(c[0], c[1])
		require.Error(t, err)
	}
	_, err := l.ProveGrowth(6, 5)
	require.Error(t, err)
	require.NoError(t, l.Close())
}

// plainRoot is the definition of RFC 6962, section 2.1.
func plainRoot(leaves []tlog.Hash) tlog.Hash {
	if len(leaves) == 1 {
		return leaves[0]
	}
	k := 1
	for 2*k < len(leaves) {
		k *= 2
	}
	return tlog.NodeHash(plainRoot(leaves[:k]), plainRoot(leaves[k:]))
}

func TestCheckpoint(t *testing.T) {
	const origin = "ledger.example/xa"
	key := ed25519.NewKeyFromSeed([]byte("0123456789abcdef0123456789abcdef"))
	signer, public, err := NewSigner("XA-LEDGER", key)
	require.NoError(t, err)
	verifier, err := note.NewVerifier(public)
	require.NoError(t, err)
	rng := rand.New(rand.NewPCG(1, 1))
	l := mustOpen(t, vfs.NewMem())
	first := some(t, rng, 0, 10)
	mustAppend(t, l, first)
	old := l.Head()
	mustAppend(t, l, some(t, rng, 10, 10))
	checkpoint, err := SignHead(l.Head(), origin, signer)
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(string(checkpoint), origin+"\n20\n"))
	h, names, err := OpenHead(checkpoint, origin, verifier)
	require.NoError(t, err)
	require.Equal(t, l.Head(), h)
	require.Equal(t, []string{"XA-LEDGER"}, names)
	_, _, err = OpenHead(checkpoint, "another.example", verifier)
	require.Error(t, err)
	_, _, err = OpenHead([]byte(strings.Replace(string(checkpoint), "\n20\n", "\n21\n", 1)), origin, verifier)
	require.Error(t, err)

	// A witness signs beside the operator, once it has seen that the log grew.
	witnessKey := ed25519.NewKeyFromSeed([]byte("fedcba9876543210fedcba9876543210"))
	w := NewWitness("XB-WITNESS", witnessKey.Public().(ed25519.PublicKey))
	growth, err := l.ProveGrowth(old.Size, h.Size)
	require.NoError(t, err)
	at := time.Unix(1_700_000_000, 0)
	cosigned, kept, err := Cosign(checkpoint, origin, verifier, old, growth, "XB-WITNESS", witnessKey, at)
	require.NoError(t, err)
	require.Equal(t, h, kept)
	_, names, err = OpenHead(cosigned, origin, verifier, w)
	require.NoError(t, err)
	require.Equal(t, []string{"XA-LEDGER", "XB-WITNESS"}, names)
	other := old
	other.Root[0] ^= 1
	_, _, err = Cosign(checkpoint, origin, verifier, other, growth, "XB-WITNESS", witnessKey, at)
	require.ErrorContains(t, err, "not cosigned")

	// A bundle proves records to whoever has no ledger.
	refs := []trace.Ref{first[3].Ref(), first[7].Ref()}
	bundle, err := l.Bundle(cosigned, refs)
	require.NoError(t, err)
	text, err := json.MarshalIndent(bundle, "", "  ")
	require.NoError(t, err)
	var read Bundle
	require.NoError(t, json.Unmarshal(text, &read))
	entries, h2, names, err := read.Verify(origin, verifier, w)
	require.NoError(t, err)
	require.Equal(t, h, h2)
	require.Len(t, names, 2)
	require.Equal(t, []trace.Entry{{Seq: 3, Record: first[3]}, {Seq: 7, Record: first[7]}}, entries)
	for name, change := range map[string]func(b *Bundle){
		"record": func(b *Bundle) { b.Records[0].Record = b.Records[1].Record },
		"form":   func(b *Bundle) { b.Records[0].Record += " " },
		"place":  func(b *Bundle) { b.Records[0].Seq = 4 },
		"beyond": func(b *Bundle) { b.Records[0].Seq = 99 },
		"proof":  func(b *Bundle) { b.Records[0].Proof[1][0] ^= 1 },
		"head":   func(b *Bundle) { b.Checkpoint = strings.Replace(b.Checkpoint, "\n20\n", "\n19\n", 1) },
	} {
		var b Bundle
		require.NoError(t, json.Unmarshal(text, &b))
		change(&b)
		_, _, _, err := b.Verify(origin, verifier)
		require.Error(t, err, name)
	}
	require.NoError(t, l.Close())
}
