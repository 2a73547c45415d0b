package marking

import (
	"encoding/base32"
	"fmt"
	"strings"
)

// textPrefix begins the text form of a frame.
const textPrefix = "SL1:"

// base45Alphabet is that of RFC 9285 and of the alphanumeric mode of QR codes.
const base45Alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"

var pathEncoding = base32.StdEncoding.WithPadding(base32.NoPadding)

// Text writes a frame for a QR code in alphanumeric mode: SL1: and the frame in
// base45 (RFC 9285). It holds spaces and percent signs: not for addresses.
func Text(frame []byte) string {
	var b strings.Builder
	b.WriteString(textPrefix)
	for len(frame) > 0 {
		n, size := uint(frame[0]), 2
		if len(frame) > 1 {
			n, size = n<<8|uint(frame[1]), 3
		}
		for range size {
			b.WriteByte(base45Alphabet[n%45])
			n /= 45
		}
		frame = frame[size-1:]
	}
	return b.String()
}

// Path writes a frame for the path of a web address: base32 (RFC 4648, upper
// case, no padding).
func Path(frame []byte) string { return pathEncoding.EncodeToString(frame) }

// ParseText reads a frame from its text form or, where it does not begin with
// SL1:, from its path form. It accepts what [Text] and [Path] write and nothing
// else. The frame is not looked into.
func ParseText(s string) ([]byte, error) {
	if len(s) > 4*maxFrame {
		return nil, badFrame("a text of %d characters", len(s))
	}
	parse := parsePath
	text, isText := strings.CutPrefix(s, textPrefix)
	if isText {
		parse = parseBase45
	}
	b, err := parse(text)
	if err == nil && len(b) == 0 {
		err = fmt.Errorf("no bytes")
	}
	if err != nil {
		return nil, badFrame("text %s: %v", quote(s), err)
	}
	return b, nil
}

func parsePath(s string) ([]byte, error) {
	b, err := pathEncoding.DecodeString(s)
	if err == nil && Path(b) != s { // line ends, and bits that must be zero
		err = fmt.Errorf("not in its one spelling")
	}
	return b, err
}

func parseBase45(s string) ([]byte, error) {
	b := make([]byte, 0, len(s)*2/3)
	for at := 0; at < len(s); at += 3 {
		group := s[at:min(at+3, len(s))]
		n, scale := uint(0), uint(1)
		for i := range len(group) {
			v := strings.IndexByte(base45Alphabet, group[i])
			if v < 0 {
				return nil, fmt.Errorf("%q is not a character of base45", group[i])
			}
			n, scale = n+uint(v)*scale, scale*45
		}
		switch {
		case len(group) == 3 && n <= 0xffff:
			b = append(b, byte(n>>8), byte(n))
		case len(group) == 2 && n <= 0xff:
			b = append(b, byte(n))
		default:
			return nil, fmt.Errorf("group %q is not base45", group)
		}
	}
	return b, nil
}
