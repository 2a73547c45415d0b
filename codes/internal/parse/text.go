package parse

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"
)

// Text returns the data as a person would read them: by the character sets that
// the symbol states; where it states none, as UTF-8 if they are that, else as
// Latin-1, which is the default of the standards. QR codes of East Asia seldom
// keep to that default, so there Shift JIS and GB 2312 are guessed before Latin-1. It
// is for display: two different messages may have the same text.
func (m *Message) Text() string {
	if m.asian && m.ECI == 0 {
		if text, ok := m.guess(); ok {
			return text
		}
	}
	var out strings.Builder
	for i, r := range m.runs {
		end := len(m.Data)
		if i+1 < len(m.runs) {
			end = m.runs[i+1].start
		}
		out.WriteString(decode(m.Data[r.start:end], r.eci))
	}
	return out.String()
}

// guess reads all the data as Shift JIS if there are kanji segments in them, or
// if they look like it, or as GB 2312 if they look like that.
func (m *Message) guess() (string, bool) {
	kanji := false
	for _, r := range m.runs {
		kanji = kanji || r.eci == kanjiMode
	}
	var set encoding.Encoding
	switch {
	case kanji:
		set = japanese.ShiftJIS
	case utf8.Valid(m.Data):
		return "", false
	case likeShiftJIS(m.Data):
		set = japanese.ShiftJIS
	case likeGB2312(m.Data):
		set = simplifiedchinese.GBK
	default:
		return "", false
	}
	text, err := set.NewDecoder().Bytes(m.Data)
	if err != nil || strings.ContainsRune(string(text), utf8.RuneError) {
		return "", false
	}
	return string(text), true
}

// likeShiftJIS says whether the bytes above 127 make kana or two-byte characters
// throughout, somewhere three kana or two characters in a row. A Latin-1 text has
// its letters with accents one at a time.
func likeShiftJIS(b []byte) bool {
	kana, double, sure := 0, 0, false
	for i := 0; i < len(b); i++ {
		c := b[i]
		switch {
		case c < 0x80:
			kana, double = 0, 0
		case c >= 0xa1 && c <= 0xdf: // half-width kana
			kana++
		case c >= 0x81 && c <= 0x9f || c >= 0xe0 && c <= 0xfc:
			i++
			if i == len(b) || b[i] < 0x40 || b[i] == 0x7f || b[i] > 0xfc {
				return false
			}
			double++
		default:
			return false
		}
		sure = sure || kana >= 3 || double >= 2
	}
	return sure
}

// likeGB2312 says whether the bytes above 127 make punctuation or characters of
// the common plane of GB 2312 throughout.
func likeGB2312(b []byte) bool {
	for i := 0; i < len(b); i++ {
		c := b[i]
		if c < 0x80 {
			continue
		}
		i++
		if c < 0xa1 || c > 0xd7 || c > 0xa9 && c < 0xb0 || i == len(b) || b[i] < 0xa1 || b[i] == 0xff {
			return false
		}
	}
	return true
}

// sets are the ECI assignments (AIM ITS/04-023) of character sets, beside those
// that need no table.
var sets = map[int]encoding.Encoding{
	0: charmap.CodePage437, 2: charmap.CodePage437,
	1: charmap.ISO8859_1, 3: charmap.ISO8859_1,
	4: charmap.ISO8859_2, 5: charmap.ISO8859_3, 6: charmap.ISO8859_4, 7: charmap.ISO8859_5,
	8: charmap.ISO8859_6, 9: charmap.ISO8859_7, 10: charmap.ISO8859_8, 11: charmap.ISO8859_9,
	12: charmap.ISO8859_10, 13: charmap.Windows874, 15: charmap.ISO8859_13, 16: charmap.ISO8859_14,
	17: charmap.ISO8859_15, 18: charmap.ISO8859_16,
	20: japanese.ShiftJIS, kanjiMode: japanese.ShiftJIS,
	21: charmap.Windows1250, 22: charmap.Windows1251, 23: charmap.Windows1252, 24: charmap.Windows1256,
	25: unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM), 33: unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM),
	28: traditionalchinese.Big5,
	29: simplifiedchinese.GBK, 31: simplifiedchinese.GBK, hanziMode: simplifiedchinese.GBK,
	30: korean.EUCKR,
	32: simplifiedchinese.GB18030,
	34: utf32.UTF32(utf32.BigEndian, utf32.IgnoreBOM), 35: utf32.UTF32(utf32.LittleEndian, utf32.IgnoreBOM),
}

// decode turns bytes of one character set into text; what is not in the set
// falls back to UTF-8 or Latin-1.
func decode(b []byte, eci int) string {
	if set, ok := sets[eci]; ok {
		if text, err := set.NewDecoder().Bytes(b); err == nil {
			return string(text)
		}
	}
	if utf8.Valid(b) {
		return string(b)
	}
	text, _ := charmap.ISO8859_1.NewDecoder().Bytes(b) // every byte is a character of Latin-1
	return string(text)
}
