package carrier

import (
	"crypto/ed25519"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sublot/sublot/marking"
)

var key = ed25519.NewKeyFromSeed(make([]byte, 32))

const gtin = "09520123456788"

func crate() marking.Mark {
	return marking.Mark{
		Item: marking.MustParseID("XCW/XCW24C001-012/001/0042"), Level: marking.Crate, Calibre: "9x19",
		Made: marking.MonthOf(2024, time.March), Rounds: 1000, NSN: "1305011234567",
	}
}

// All carriers of one package give the same identity.
func TestOneIdentity(t *testing.T) {
	for _, item := range []string{"XCW/XCW24C001-012/001/0042", "XCW/XCW24C001-012", "PL:21/A12(3)/7", "98897/XYZ07D006-004/000123"} {
		m := crate()
		m.Item = marking.MustParseID(item)
		frame, err := marking.Sign(m, key)
		require.NoError(t, err)
		var payloads [][]byte
		for _, f := range [][]byte{nil, frame} {
			for _, write := range []func() (string, error){
				func() (string, error) { return ElementString(m, gtin, f) },
				func() (string, error) { return Bracketed(m, gtin, f) },
				func() (string, error) { return Link(m, gtin, f, "https://id.example.org") },
			} {
				s, err := write()
				require.NoError(t, err, item)
				payloads = append(payloads, []byte(s))
			}
		}
		for _, envelope := range []struct {
			format string
			frame  []byte
		}{{DataIdentifiers, nil}, {GS1Identifiers, nil}, {GS1Identifiers, frame}, {TextElements, nil}} {
			b, err := Envelope(m, envelope.format, gtin, envelope.frame)
			if envelope.format == TextElements && m.Item.Maker() != "98897" {
				require.ErrorContains(t, err, "CAGE")
				continue
			}
			require.NoError(t, err, item)
			payloads = append(payloads, b)
		}
		payloads = append(payloads, frame, []byte(marking.Text(frame)), []byte(marking.Path(frame)),
			[]byte("https://example.org/m/"+marking.Path(frame)), []byte(m.Item.String()), []byte(m.Item.Checked()))
		for _, p := range payloads {
			c, err := Parse(p)
			require.NoError(t, err, "%q", p)
			require.Equal(t, m.Item, c.Mark.Item, "%q", p)
			require.Empty(t, c.Problems, "%q", p)
			if c.Frame != nil {
				require.Equal(t, frame, c.Frame)
				require.Equal(t, m, c.Mark)
			} else if c.Syntax == GS1 || c.Syntax == DigitalLink {
				require.Equal(t, m.Made, c.Mark.Made)
				require.Equal(t, m.NSN, c.Mark.NSN)
				require.Equal(t, gtin, c.GTIN)
			}
		}
	}
}

func TestElementString(t *testing.T) {
	s, err := Bracketed(crate(), "9520123456788", nil)
	require.NoError(t, err)
	require.Equal(t, "(01)09520123456788(11)240300(10)XCW24C001-012(21)001/0042(7001)1305011234567(90)SL:XCW", s)

	var e *Error
	_, err = ElementString(crate(), "", nil)
	require.ErrorAs(t, err, &e)
	require.Contains(t, e.Error(), "needs the GTIN")
	require.Contains(t, e.Hint(), "format 06")
	for _, g := range []string{"123", "09520123456789", "ABCDEFGHIJKLMN", "095201234567880"} {
		_, err = ElementString(crate(), g, nil)
		require.ErrorAs(t, err, &e, g)
	}
	for _, item := range []string{"XCW/A B", "XCW/A#", "XCW/Б12", "XCW/" + strings.Repeat("9", 21), "XCW/1/" + strings.Repeat("9", 21)} {
		m := crate()
		m.Item = marking.MustParseID(item)
		_, err = ElementString(m, gtin, nil)
		require.ErrorAs(t, err, &e, item)
		require.NotEmpty(t, e.Hint())
	}
	// A letter in the stock number has no place in (7001), and old stock none in (11).
	m := crate()
	m.NSN, m.Made = "130501A234567", marking.MonthOf(1955, time.May)
	s, err = Bracketed(m, gtin, nil)
	require.NoError(t, err)
	require.NotContains(t, s, "(7001)")
	require.NotContains(t, s, "(11)")
	_, err = ElementString(marking.Mark{}, gtin, nil)
	require.Error(t, err)
	_, err = Envelope(marking.Mark{}, DataIdentifiers, "", nil)
	require.Error(t, err)
}

// The messages of MIL-STD-130 give the unique item identifier too: agency, maker,
// lot and what stands below it.
func TestUII(t *testing.T) {
	m := crate()
	m.Item = marking.MustParseID("98897/XYZ07D006-004/000123")
	for _, format := range []string{DataIdentifiers, TextElements} {
		b, err := Envelope(m, format, "", nil)
		require.NoError(t, err)
		c, err := Parse(b)
		require.NoError(t, err)
		require.Equal(t, "D98897XYZ07D006-004000123", c.UII)
	}
}

func TestHeadstamp(t *testing.T) {
	m := marking.Mark{Item: marking.MustParseID("CBC/UZZ18"), Calibre: "9x19", Made: marking.MonthOf(2018, time.May)}
	s, err := HeadstampText(m)
	require.NoError(t, err)
	require.Equal(t, "12:CBC 3:9x19 6:UZZ18 9:18", s)
	for _, text := range []string{s, "6:UZZ18 9:18 12:CBC 3:9x19", "12:CBC 6:UZZ18"} {
		c, err := Parse([]byte(text))
		require.NoError(t, err, text)
		require.Equal(t, Headstamp, c.Syntax)
		require.Equal(t, m.Item, c.Mark.Item)
		require.Zero(t, c.Mark.Made, "two digits are no year")
	}
	foreign, err := HeadstampText(marking.Mark{Item: marking.MustParseID("PL:21/Б12"), Calibre: "a calibre that is long"})
	require.NoError(t, err)
	c, err := Parse([]byte(foreign))
	require.NoError(t, err)
	require.Equal(t, "PL:21/Б12", c.Mark.Item.String())
	for item, says := range map[string]string{
		"XCW/XCW24C001-012": "has room for 8", "CBC/UZZ18/001": "no room for", "CBC/UZ 18": "space",
	} {
		_, err := HeadstampText(marking.Mark{Item: marking.MustParseID(item)})
		var e *Error
		require.ErrorAs(t, err, &e)
		require.ErrorContains(t, err, says)
		require.NotEmpty(t, e.Hint())
	}
	_, err = HeadstampText(marking.Mark{})
	require.Error(t, err)
	for text, says := range map[string]string{"12:711 6:75 12:3": "two texts at 12", "12:711 9:75": "names a kind, not a lot", "12:a 6:b": "not upper case"} {
		_, err := Parse([]byte(text))
		require.ErrorContains(t, err, says)
	}
}

// A label whose frame and element string disagree is no identity at all.
func TestStatementsDisagree(t *testing.T) {
	frame, err := marking.Sign(crate(), key)
	require.NoError(t, err)
	other := crate()
	other.Item = marking.MustParseID("XCW/XCW24C001-012/001/0043")
	s, err := ElementString(other, gtin, frame)
	require.NoError(t, err)
	_, err = Parse([]byte(s))
	require.ErrorContains(t, err, "the frame in it")
}

const aPointer = "P0929944667643783564884"

// A register pointer names no identity; with a wrong digit it is nothing.
func TestPointer(t *testing.T) {
	c, err := Parse([]byte(aPointer))
	require.NoError(t, err)
	require.Equal(t, Pointer, c.Syntax)
	require.Equal(t, aPointer, c.Pointer.String())
	require.True(t, c.Mark.Item.IsZero())
	for _, wrong := range []string{aPointer[:22] + "5", "P 0929" + aPointer[5:], aPointer + "0", aPointer[1:]} {
		_, err := Parse([]byte(wrong))
		require.Error(t, err, wrong)
	}
}

func TestForeignPayloads(t *testing.T) {
	for payload, says := range map[string]string{
		"":                                     "no bytes",
		"hello":                                "application identifier",
		"(01)09520123456788(21)7":              "without a lot",
		"(01)09520123456788(10)A(90)X":         "maker of ours",
		"https://example.org/about":            "no key",
		"[)>\x1e06\x1d1TA\x1e\x04":             "without a maker and a lot",
		"[)>\x1e06\x1d17V98897\x1d1Ta\x1e\x04": "not upper case",
		strings.Repeat("1", 10_000):            "at most",
	} {
		_, err := Parse([]byte(payload))
		var e *Error
		require.ErrorAs(t, err, &e, "%.30q", payload)
		require.Contains(t, e.Error(), says, "%.30q", payload)
		require.NotEmpty(t, e.Hint())
	}
	// A published sample whose check digit is wrong is told, not crashed on.
	b, err := hex.DecodeString("5b293e1e30351d303130303036313431343139393939391d32313141304239433344361e04")
	require.NoError(t, err)
	_, err = Parse(b)
	require.ErrorContains(t, err, "check digit 9 of 00061414199999 is wrong")
	b, err = hex.DecodeString("5b293e1e30361d31375639383839371d315458595a3037443030362d3030341d533030303132331e04")
	require.NoError(t, err)
	c, err := Parse(b)
	require.NoError(t, err)
	require.Equal(t, "98897/XYZ07D006-004/000123", c.Mark.Item.String())
	require.Equal(t, "D98897XYZ07D006-004000123", c.UII)
}

func FuzzParse(f *testing.F) {
	m := crate()
	frame, err := marking.Sign(m, key)
	require.NoError(f, err)
	n := 0
	for _, fr := range [][]byte{nil, frame} {
		s, err := ElementString(m, gtin, fr)
		require.NoError(f, err)
		b, err := Bracketed(m, gtin, fr)
		require.NoError(f, err)
		l, err := Link(m, gtin, fr, "https://id.example.org")
		require.NoError(f, err)
		for _, x := range []string{s, b, l} {
			f.Add([]byte(x))
			n++
		}
	}
	iso, err := Envelope(m, DataIdentifiers, "", nil)
	require.NoError(f, err)
	for _, x := range [][]byte{iso, frame, []byte(marking.Text(frame)), []byte(m.Item.Checked()), []byte(aPointer), []byte("12:CBC 3:9x19 6:UZZ18 9:18")} {
		f.Add(x)
		n++
	}
	if n < 10 {
		f.Fatalf("%d seeds", n)
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		c, err := Parse(payload)
		if err != nil {
			require.NotEmpty(t, err.(*Error).Hint())
			return
		}
		require.Equal(t, c.Syntax == Pointer, c.Mark.Item.IsZero())
		if c.Frame != nil {
			m, _, err := marking.Read(c.Frame)
			require.NoError(t, err)
			require.Equal(t, m, c.Mark)
		}
	})
}

func ExampleParse() {
	c, err := Parse([]byte("(01)09520123456788(10)XCW24C001-012(21)001/0042(90)SL:XCW"))
	fmt.Println(c.Syntax, c.Mark.Item, err)
	_, err = ElementString(c.Mark, "", nil)
	fmt.Println(err)
	// Output:
	// gs1 XCW/XCW24C001-012/001/0042 <nil>
	// carrier: a lot cannot stand alone in GS1: (10) needs the GTIN of the product, (01)
}
