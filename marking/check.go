package marking

import "strings"

// checkAlphabet is that of ISO 7064 MOD 37,36.
const checkAlphabet = digits + upper

// checkSeparator stands between an identity and its check character. It is no
// character of identities and no wildcard of what people type.
const checkSeparator = "="

// Checked writes an identity for people to read aloud and to type: followed by
// = and one check character of ISO 7064 MOD 37,36, as in
//
//	XCW/XCW24C001-012/001/0042=F
//
// which finds any one letter or digit taken for another, nearly all neighbours
// swapped, and 35 of 36 other errors. The check is over the whole text; a byte
// of it that is neither digit nor capital counts as two characters, byte/36 and
// byte mod 36.
func (id ID) Checked() string {
	if id.IsZero() {
		return ""
	}
	return id.s + checkSeparator + string(checkCharacter(id.s))
}

// ParseChecked reads what [ID.Checked] wrote. It fails as [ParseID] does, and
// where the check character is missing or wrong.
func ParseChecked(s string) (ID, error) {
	text, check, ok := strings.Cut(s, checkSeparator)
	id, err := ParseID(text)
	if err != nil {
		return ID{}, err
	}
	if want := string(checkCharacter(text)); !ok || check != want {
		return ID{}, &IDError{Text: s, At: len(text), Found: s[len(text):], Reason: "the check character does not fit",
			hint: "one character was read or typed wrong: compare it with the label"}
	}
	return id, nil
}

// checkCharacter computes the check character of ISO 7064 MOD 37,36.
func checkCharacter(s string) byte {
	const m = len(checkAlphabet)
	p := m
	add := func(v int) {
		if p = (p + v) % m; p == 0 {
			p = m
		}
		p = p * 2 % (m + 1)
	}
	for i := range len(s) {
		if v := strings.IndexByte(checkAlphabet, s[i]); v >= 0 {
			add(v)
		} else {
			add(int(s[i]) / m)
			add(int(s[i]) % m)
		}
	}
	return checkAlphabet[(m+1-p)%m]
}
