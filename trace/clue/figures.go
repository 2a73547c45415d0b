package clue

import (
	"strconv"
	"strings"
)

// numberWords are numbers as people say them in the names of calibres: English,
// French, Spanish, Portuguese, German and Russian.
var numberWords = map[string]int{
	"zero": 0, "oh": 0, "o": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
	"ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19,
	"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,

	"cinq": 5, "sept": 7, "huit": 8, "neuf": 9, "dix": 10, "douze": 12, "seize": 16, "vingt": 20, "quarante": 40, "cinquante": 50,
	"cinco": 5, "siete": 7, "sete": 7, "ocho": 8, "oito": 8, "nueve": 9, "nove": 9, "diez": 10, "dez": 10, "doce": 12, "doze": 12, "veinte": 20, "vinte": 20, "cuarenta": 40, "cincuenta": 50, "cinquenta": 50,
	"fünf": 5, "sieben": 7, "acht": 8, "neun": 9, "zehn": 10, "zwölf": 12, "zwanzig": 20, "vierzig": 40, "fünfzig": 50,
	"пять": 5, "семь": 7, "восемь": 8, "девять": 9, "десять": 10, "двенадцать": 12, "двадцать": 20, "сорок": 40, "пятьдесят": 50,
}

// otherWords are words between the numbers.
var otherWords = map[string]string{
	"by": "x", "par": "x", "por": "x", "mal": "x", "на": "x", "times": "x",
	"point": ".", "decimal": ".", "dot": ".", "comma": ".", "virgule": ".", "coma": ".", "vírgula": ".", "punto": ".", "ponto": ".", "komma": ".",
	"millimetre": "mm", "millimetres": "mm", "millimeter": "mm", "millimeters": "mm", "mil": "mm", "mike-mike": "mm", "millimètre": "mm", "millimètres": "mm",
	"milímetro": "mm", "milímetros": "mm", "миллиметр": "mm", "миллиметра": "mm", "миллиметров": "mm",
	"hundred": "00", "cal": "cal", "caliber": "cal", "calibre": "cal", "gage": "gauge",
}

// inFigures lists the ways to write a calibre said in words in figures, none
// where it has no word for a number: "seven sixty-two by thirty-nine" is 7.62x39
// or .762x39.
func inFigures(name string) []string {
	words := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return r == ' ' || r == '-' || r == '\t' })
	type part struct {
		numbers []int
		text    string
	}
	var parts []part
	any := false
	for i, w := range words {
		n, ok := numberWords[w]
		if ok {
			any = true
		} else if k, err := strconv.Atoi(w); err == nil {
			n, ok = k, true
		}
		switch last := len(parts) - 1; {
		case ok && last >= 0 && parts[last].numbers != nil && tens(words, i-1) && n > 0 && n < 10:
			ns := parts[last].numbers
			ns[len(ns)-1] += n // sixty two
		case ok && last >= 0 && parts[last].numbers != nil:
			parts[last].numbers = append(parts[last].numbers, n)
		case ok:
			parts = append(parts, part{numbers: []int{n}})
		default:
			if other, ok := otherWords[w]; ok {
				w = other
			}
			parts = append(parts, part{text: w})
		}
	}
	if !any {
		return nil
	}
	out := []string{""}
	for i, p := range parts {
		var spellings []string
		switch {
		case p.numbers == nil && (p.text == "x" || p.text == "." || p.text == "00"):
			spellings = []string{p.text}
		case p.numbers == nil:
			spellings = []string{" " + p.text}
		case len(p.numbers) == 1:
			n := strconv.Itoa(p.numbers[0])
			if spellings = []string{n}; i == 0 {
				spellings = append(spellings, "."+n)
			}
		default:
			joined := ""
			for _, n := range p.numbers {
				joined += strconv.Itoa(n)
			}
			spellings = []string{strconv.Itoa(p.numbers[0]) + "." + strings.TrimPrefix(joined, strconv.Itoa(p.numbers[0])), joined}
			if i == 0 {
				spellings = append(spellings, "."+joined)
			}
		}
		var next []string
		for _, before := range out {
			for _, s := range spellings {
				next = append(next, before+s)
			}
		}
		out = next
		if len(out) > 64 {
			return nil // no calibre is said with so many numbers
		}
	}
	for i := range out {
		out[i] = strings.TrimSpace(out[i])
	}
	return out
}

// tens reports whether a word is a number that a smaller one may follow.
func tens(words []string, i int) bool {
	n, ok := numberWords[words[i]]
	return ok && n >= 20 && n%10 == 0
}
