package pointer

import (
	"fmt"
	"strconv"
	"strings"
)

// A Pointer is what a mark on an item says.
type Pointer struct {
	Register uint16 // four digits that tell registers apart; they come from its key, and two may share them
	Number   uint64 // as printed, not the number of the register
	Short    bool   // 8 digits of number instead of 16
}

const (
	prefix      = "P"
	registers   = 10_000
	shortDigits = 8
	longDigits  = 16
)

// digits returns how many digits of number there are.
func (p Pointer) digits() int {
	if p.Short {
		return shortDigits
	}
	return longDigits
}

// String writes the pointer as a symbol carries it: P, the digits, and the check.
func (p Pointer) String() string {
	body := fmt.Sprintf("%04d%0*d", p.Register, p.digits(), p.Number)
	return prefix + body + checkOf(body)
}

// checkOf returns the two check digits, 02 to 98, that make a number one more than
// a multiple of 97 (ISO/IEC 7064, MOD 97-10).
func checkOf(number string) string { return fmt.Sprintf("%02d", 98-mod97(number+"00")) }

// mod97 is the remainder of a decimal number.
func mod97(number string) int {
	rest := 0
	for _, d := range []byte(number) {
		rest = (rest*10 + int(d-'0')) % 97
	}
	return rest
}

// An Error says why a text is no pointer, or why a number has none.
type Error struct {
	Reason string
	hint   string
}

func (e *Error) Error() string { return "pointer: " + e.Reason }

// Hint says what to do.
func (e *Error) Hint() string { return e.hint }

// Parse reads a pointer as it is printed; single spaces between digits, as people
// type them, are passed over.
func Parse(s string) (Pointer, error) {
	text := strings.ReplaceAll(s, " ", "")
	body, ok := strings.CutPrefix(text, prefix)
	if !ok || len(body) != 4+shortDigits+2 && len(body) != 4+longDigits+2 || strings.Trim(body, "0123456789") != "" {
		return Pointer{}, &Error{fmt.Sprintf("%.40q is not P and 14 or 22 digits", s), "a pointer reads P4711317099452206871320 or P47113170994527: type it as it is printed"}
	}
	body, check := body[:len(body)-2], body[len(body)-2:]
	if check != checkOf(body) { // 00, 01 and 99 would leave the same remainder as 97, 98 and 02
		return Pointer{}, &Error{fmt.Sprintf("the check digits of %s do not fit", text), "a digit was read or typed wrong: compare it with the mark"}
	}
	register, _ := strconv.Atoi(body[:4])
	p := Pointer{Register: uint16(register), Short: len(body) == 4+shortDigits}
	p.Number, _ = strconv.ParseUint(body[4:], 10, 64) // 16 digits
	return p, nil
}
