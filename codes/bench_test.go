package codes

import (
	"crypto/ed25519"
	"testing"
)

// The benchmarks of a label stand beside a bare signature, because a mark costs at
// least that: only their ratio says something on another machine.

func frameBytes() []byte {
	data := make([]byte, 84)
	for i := range data {
		data[i] = byte(i*i*7 + 33)
	}
	return data
}

func BenchmarkSign(b *testing.B) {
	key := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	data := frameBytes()[:20]
	for b.Loop() {
		ed25519.Sign(key, data)
	}
}

func benchmarkDraw(b *testing.B, cfg EncodeConfig, draw func(*Symbol, []byte) ([]byte, error)) {
	b.ReportAllocs()
	data := frameBytes()
	var out []byte
	for b.Loop() {
		s, err := Encode(Payload{Data: data}, cfg)
		if err != nil {
			b.Fatal(err)
		}
		if draw == nil {
			continue
		}
		if out, err = draw(s, out[:0]); err != nil {
			b.Fatal(err)
		}
	}
}

func appendSVG(s *Symbol, b []byte) ([]byte, error) { return s.AppendSVG(b, DrawConfig{}) }
func appendPNG(s *Symbol, b []byte) ([]byte, error) { return s.AppendPNG(b, DrawConfig{DPI: 300}) }
func appendZPL(s *Symbol, b []byte) ([]byte, error) { return s.AppendZPL(b, DrawConfig{DPI: 300}) }

func BenchmarkDataMatrix(b *testing.B)    { benchmarkDraw(b, EncodeConfig{}, nil) }
func BenchmarkDataMatrixSVG(b *testing.B) { benchmarkDraw(b, EncodeConfig{}, appendSVG) }
func BenchmarkDataMatrixPNG(b *testing.B) { benchmarkDraw(b, EncodeConfig{}, appendPNG) }
func BenchmarkDataMatrixZPL(b *testing.B) { benchmarkDraw(b, EncodeConfig{}, appendZPL) }
func BenchmarkQR(b *testing.B)            { benchmarkDraw(b, EncodeConfig{Symbology: QR}, nil) }
func BenchmarkQRSVG(b *testing.B)         { benchmarkDraw(b, EncodeConfig{Symbology: QR}, appendSVG) }
func BenchmarkQRPNG(b *testing.B)         { benchmarkDraw(b, EncodeConfig{Symbology: QR}, appendPNG) }
func BenchmarkQRZPL(b *testing.B)         { benchmarkDraw(b, EncodeConfig{Symbology: QR}, appendZPL) }

// The parallel pair says what a second core gains: go test -bench Parallel -cpu 1,2.

func BenchmarkParallelSign(b *testing.B) {
	key := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	data := frameBytes()[:20]
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			ed25519.Sign(key, data)
		}
	})
}

func BenchmarkParallelSVG(b *testing.B) {
	data := frameBytes()
	b.RunParallel(func(pb *testing.PB) {
		var out []byte
		for pb.Next() {
			s, err := Encode(Payload{Data: data}, EncodeConfig{})
			if err != nil {
				b.Error(err)
				return
			}
			out, _ = appendSVG(s, out[:0])
		}
	})
}
