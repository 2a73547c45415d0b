package marking

import (
	"crypto/ed25519"
	"testing"
	"time"
)

func benchMark() Mark {
	return Mark{Item: MustParseID("XCW/XCW24C001-012/001/0042"), Level: Crate, Calibre: "9x19", Made: MonthOf(2024, time.March), Rounds: 1000}
}

// Bare and Mark side by side: the ratio is what a frame costs beside its signature.
func BenchmarkSign(b *testing.B) {
	key, m := testKey(1), benchMark()
	message := make([]byte, 46)
	b.Run("Bare", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			ed25519.Sign(key, message)
		}
	})
	b.Run("Mark", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := Sign(m, key); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkOpen(b *testing.B) {
	key := testKey(1)
	message := make([]byte, 46)
	sig := ed25519.Sign(key, message)
	frame, err := Sign(benchMark(), key)
	if err != nil {
		b.Fatal(err)
	}
	trust, err := NewTrust(Key{Source: "S", ID: "1", Maker: "XCW", Public: public(1)})
	if err != nil {
		b.Fatal(err)
	}
	b.Run("Bare", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			ed25519.Verify(public1, message, sig)
		}
	})
	b.Run("Again", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if v, err := Open(frame, trust); err != nil || v.Signature != StateValid {
				b.Fatal(v, err)
			}
		}
	})
	trust.seen = nil
	b.Run("Mark", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if v, err := Open(frame, trust); err != nil || v.Signature != StateValid {
				b.Fatal(v, err)
			}
		}
	})
	b.Run("Read", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, _, err := Read(frame); err != nil {
				b.Fatal(err)
			}
		}
	})
}

var public1 = public(1)

func BenchmarkAppendKey(b *testing.B) {
	id := benchMark().Item
	key := make([]byte, 0, 64)
	b.ReportAllocs()
	for b.Loop() {
		key = id.AppendKey(key[:0])
	}
}

func BenchmarkCompare(b *testing.B) {
	x, y := benchMark().Item, MustParseID("XCW/XCW24C001-012/001/0043")
	b.ReportAllocs()
	for b.Loop() {
		x.Compare(y)
	}
}

func BenchmarkParseID(b *testing.B) {
	s := benchMark().Item.String()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ParseID(s); err != nil {
			b.Fatal(err)
		}
	}
}
