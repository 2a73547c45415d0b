package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sublot/sublot/codes"
	"github.com/sublot/sublot/codes/degrade"
	"github.com/sublot/sublot/marking"
	"github.com/sublot/sublot/storage"
	"github.com/sublot/sublot/trace"
)

const records = `{"kind":"party","source":"XA-EXP","id":"XCW","name":"Example Cartridge Works","country":"XA","roles":["maker"]}
{"kind":"party","source":"XA-EXP","id":"XB-POL","name":"State XB Police","country":"XB","roles":["end_user"]}
{"kind":"lot","source":"XCW","id":"L1","item":"XCW/XCW24C001-012","calibre":"9x19","quantity":2000}
{"kind":"pack","source":"XCW","id":"P1","at":"2024-03-15","item":"XCW/XCW24C001-012","quantity":2000,"units":[{"item":"XCW/XCW24C001-012/001..002","level":"crate","each":1000}]}
{"kind":"transfer","source":"XCW","id":"T1","at":"2024-05-10","from":"XCW","to":"XB-POL","lines":[{"item":"XCW/XCW24C001-012/002","quantity":1000}]}
`

func TestPhotographToFinding(t *testing.T) {
	dir := t.TempDir()
	key, err := marking.NewKey(rand.Reader)
	require.NoError(t, err)
	frame, err := marking.Sign(marking.Mark{
		Item: marking.MustParseID("XCW/XCW24C001-012/002"), Level: "crate", Calibre: "9x19", Made: marking.MonthOf(2024, time.March), Rounds: 1000,
	}, key)
	require.NoError(t, err)
	symbol, err := codes.Encode(codes.Payload{Data: frame}, codes.EncodeConfig{})
	require.NoError(t, err)
	picture := filepath.Join(dir, "photo.png")
	f, err := os.Create(picture)
	require.NoError(t, err)
	require.NoError(t, png.Encode(f, degrade.Draw(symbol, degrade.Config{Seed: 1, Rotation: 12, Tilt: 20, Light: 0.4, Noise: 4})))
	require.NoError(t, f.Close())

	public := marking.Key{Source: "XCW", ID: "K1", Maker: "XCW", Public: key.Public().(ed25519.PublicKey)}
	trust := filepath.Join(dir, "trust.jsonl")
	require.NoError(t, os.WriteFile(trust, append(public.Record(), '\n'), 0o600))

	ledgerDir := filepath.Join(dir, "ledger")
	ledger, err := storage.Open(ledgerDir, storage.Config{})
	require.NoError(t, err)
	_, err = trace.Import(t.Context(), ledger, []trace.ImportFile{{Name: "records", Reader: strings.NewReader(records)}}, trace.ImportConfig{})
	require.NoError(t, err)
	require.NoError(t, ledger.Close())

	var out bytes.Buffer
	require.NoError(t, run(t.Context(), &out, ledgerDir, trust, picture))
	require.Contains(t, out.String(), "END_USER_IDENTIFIED")
	require.Contains(t, out.String(), "XB-POL (State XB Police, XB)")
	require.Contains(t, out.String(), "The signature is valid")

	require.ErrorContains(t, run(t.Context(), &out, ledgerDir, trust, trust), "not a picture")
}
