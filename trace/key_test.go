package trace_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sublot/sublot/marking"
	"github.com/sublot/sublot/trace"
)

// The life of a maker's keys, from the signature to the finding: one that expired
// is followed by another, one that was stolen is revoked. A thief can write any
// month, so marks of the revoked key are believed only for packages that a pack on
// record before the revocation holds.
func TestLifeOfKeys(t *testing.T) {
	private := func(n byte) ed25519.PrivateKey { return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{n}, 32)) }
	day := func(s string) time.Time {
		d, err := time.Parse(time.DateOnly, s)
		require.NoError(t, err)
		return d
	}
	record := func(n byte, id, from, to string) string {
		k := marking.Key{Source: "XA-EXP", ID: id, Maker: "XCW", Public: private(n).Public().(ed25519.PublicKey), ValidFrom: day(from), ValidTo: day(to)}
		return string(k.Record()) + "\n"
	}
	keys := record(1, "K23", "2023-01-01", "2023-12-31") + record(2, "K24", "2024-01-01", "2024-12-31") + record(3, "K24B", "2024-06-02", "2025-12-31")
	before, err := marking.ParseTrust(strings.NewReader(keys))
	require.NoError(t, err)
	after, err := marking.ParseTrust(strings.NewReader(keys +
		`{"kind":"status","source":"XA-EXP","id":"R1","of":"XA-EXP:K24","state":"revoked","at":"2024-06-01","reason":"stolen from hall 2"}` + "\n"))
	require.NoError(t, err)

	pack := func(source, id, at, recorded, units string) string {
		return fmt.Sprintf(`{"kind":"pack","source":%q,"id":%q,"at":%q,"recorded":%q,"item":"XCW/XCW24C001-012","quantity":400000,"units":[{"item":%q,"each":1000}]}`+"\n", source, id, at, recorded, units)
	}
	l := trace.NewMemory()
	_, err = trace.Import(context.Background(), l, []trace.ImportFile{{Name: "records", Reader: strings.NewReader(
		`{"kind":"party","source":"XCW","id":"XCW","name":"Example Cartridge Works","country":"XA","roles":["maker"]}` + "\n" +
			`{"kind":"party","source":"XCW","id":"XF-DEALER","name":"Dealer","country":"XA","roles":["dealer"]}` + "\n" +
			`{"kind":"lot","source":"XCW","id":"L","item":"XCW/XCW24C001-012","calibre":"9x19","quantity":400000}` + "\n" +
			pack("XCW", "P1", "2024-03-08", "2024-03-08", "XCW/XCW24C001-012/001/0001..0100") +
			pack("XCW", "P2", "2024-03-08", "2024-06-01", "XCW/XCW24C001-012/001/0101..0200") + // recorded on the day of the revocation
			pack("XF-DEALER", "P3", "2024-03-08", "2024-03-08", "XCW/XCW24C001-012/001/0201..0300") + // not the maker's word
			pack("XCW", "P4", "2024-03-08", "2024-03-08", "XCW/XCW24C001-012/001/0301..0400") +
			`{"kind":"correction","source":"XCW","id":"C4","at":"2024-04-01","voids":"XCW:P4","reason":"never packed"}` + "\n")}}, trace.ImportConfig{})
	require.NoError(t, err)

	january, june := marking.MonthOf(2024, time.January), marking.MonthOf(2024, time.June)
	for _, c := range []struct {
		name  string
		unit  string
		key   byte
		made  marking.Month
		trust *marking.Trust
		state marking.State
		flag  string
		says  string
	}{
		{"before the theft is known", "0005", 2, january, before, marking.StateValid, "", ""},
		{"packed and on record before", "0005", 2, january, after, marking.StateRevokedKey, "MAKER_KEY_REVOKED", "is believed"},
		{"a thief writes an early month", "0150", 2, january, after, marking.StateRevokedKey, "MAKER_KEY_REVOKED", "is not believed"},
		{"and none at all", "0150", 2, 0, after, marking.StateRevokedKey, "MAKER_KEY_REVOKED", "is not believed"},
		{"a pack that a dealer tells of", "0250", 2, january, after, marking.StateRevokedKey, "MAKER_KEY_REVOKED", "is not believed"},
		{"a pack that was voided", "0350", 2, january, after, marking.StateRevokedKey, "MAKER_KEY_REVOKED", "is not believed"},
		{"the key that followed", "0005", 3, june, after, marking.StateValid, "", ""},
		{"made after its key's last day", "0005", 1, january, after, marking.StateInvalid, "SIGNATURE_INVALID", ""},
		{"of a key that nobody lists", "0005", 9, january, after, marking.StateUnknownKey, "MAKER_KEY_UNKNOWN", ""},
	} {
		item := marking.MustParseID("XCW/XCW24C001-012/001/" + c.unit)
		frame, err := marking.Sign(marking.Mark{Item: item, Level: marking.Crate, Calibre: "9x19", Made: c.made, Rounds: 1000}, private(c.key))
		require.NoError(t, err)
		v, err := marking.Open(frame, c.trust)
		require.NoError(t, err)
		require.Equal(t, c.state, v.Signature, c.name)
		if c.state == marking.StateRevokedKey {
			require.Equal(t, "stolen from hall 2", v.Key.Reason)
			require.Equal(t, day("2024-06-01"), v.Key.Revoked)
		}
		read := &trace.MarkRead{Signature: string(v.Signature), Fields: map[string]string{"calibre": "9x19", "made": v.Mark.Made.String()}}
		if !v.Key.Revoked.IsZero() {
			read.Revoked, err = trace.ParseWhen(v.Key.Revoked.Format(time.DateOnly))
			require.NoError(t, err)
		}
		f, err := trace.Resolve(context.Background(), l, trace.Query{
			Text: item.String(), Item: marking.SpanOf(item), Mark: read, Recovered: trace.NoDay, KnownOn: trace.NoDay, AsOf: -1, Today: trace.DayOf(day("2025-03-01")),
		})
		require.NoError(t, err, c.name)
		var codes []string
		for _, flag := range f.Flags {
			if strings.HasPrefix(string(flag.Code), "MAKER_KEY") || flag.Code == "SIGNATURE_INVALID" {
				codes = append(codes, string(flag.Code))
				require.Contains(t, fmt.Sprint(flag.Says), c.says, c.name)
				if c.says == "is believed" {
					require.Equal(t, []trace.Ref{"XCW:P1"}, flag.Records)
				} else {
					require.Empty(t, flag.Records, c.name)
				}
			}
		}
		require.Equal(t, c.flag, strings.Join(codes, " "), c.name)
	}
}
