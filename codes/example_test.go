package codes_test

import (
	"fmt"

	"github.com/sublot/sublot/codes"
)

func ExampleEncode() {
	symbol, err := codes.Encode(codes.Payload{Data: []byte("XCW/24E017")}, codes.EncodeConfig{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(symbol.Symbology(), symbol.Height(), "by", symbol.Width())
	fmt.Print(symbol)
	// Output:
	// datamatrix 14 by 14
	// #.#.#.#.#.#.#.
	// #.#...##...#.#
	// #...#.....##..
	// ##...##..##.##
	// ##.#.#.###..#.
	// ##...#.#.#####
	// #.##..##...##.
	// ##.##..####.##
	// #.###..#..#.#.
	// ##.###.#..#..#
	// ##.#...###.#..
	// #.##.##.###.##
	// ##...##.##....
	// ##############
}

// A mark along the side of a case must not be high: 20 rows hold 82 bytes.
func ExampleEncode_rectangle() {
	frame := make([]byte, 82)
	symbol, err := codes.Encode(codes.Payload{Data: frame}, codes.EncodeConfig{Rows: 20})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(symbol.Height(), "by", symbol.Width())

	_, err = codes.Encode(codes.Payload{Data: append(frame, frame...)}, codes.EncodeConfig{Rows: 20})
	fmt.Println(err)
	// Output:
	// 20 by 64
	// codes: payload too long for datamatrix in 20 rows: needs 164 codewords, there are 84
}

func ExampleSymbol_AppendSVG() {
	symbol, err := codes.Encode(codes.Payload{Data: []byte("A")}, codes.EncodeConfig{})
	if err != nil {
		fmt.Println(err)
		return
	}
	svg, err := symbol.AppendSVG(nil, codes.DrawConfig{ModuleMM: 0.5, Title: "the letter A"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.84s\n", svg)
	// Output:
	// <svg xmlns="http://www.w3.org/2000/svg" width="7mm" height="7mm" viewBox="0 0 14 14"
}

func ExampleDrawConfig_ModuleDots() {
	dots, mm := codes.DrawConfig{ModuleMM: 0.5, DPI: 203}.ModuleDots()
	fmt.Printf("%d dots, %.4f mm\n", dots, mm)
	// Output:
	// 4 dots, 0.5005 mm
}
