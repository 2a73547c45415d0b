package gs1

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Sets of characters, GS1 General Specifications, section 7.11.
const (
	digits = "0123456789"
	upper  = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	lower  = "abcdefghijklmnopqrstuvwxyz"
	set82  = `!"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz`
	set39  = "#-/" + digits + upper
	set64  = "-_" + digits + upper + lower
	set32  = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
)

var classes = map[byte]struct{ set, name string }{
	'N': {digits, "a digit"},
	'X': {set82, "a character of set 82: no space, no letters but A-Z and a-z"},
	'Y': {set39, "a character of set 39"},
	'Z': {set64, "a character of base64url, which is written without padding"},
}

// check holds a value to the format of its identifier.
func (r *rule) check(value string) error {
	rest := value
	for _, p := range r.parts {
		if rest == "" && p.optional {
			break
		}
		n := min(p.max, len(rest))
		if n < p.min {
			return fmt.Errorf("value %q is too short", short(value))
		}
		text := rest[:n]
		rest = rest[n:]
		class := classes[p.class]
		for i := range len(text) {
			if strings.IndexByte(class.set, text[i]) < 0 {
				return fmt.Errorf("%q at position %d is not %s", text[i], len(value)-len(rest)-n+i+1, class.name)
			}
		}
		for _, c := range p.checks {
			if err := checks[c](text); err != nil {
				return err
			}
		}
	}
	if rest != "" {
		return fmt.Errorf("value %q is too long", short(value))
	}
	return nil
}

func short(s string) string {
	if len(s) > 100 {
		return s[:100] + "…"
	}
	return s
}

// CheckDigit returns the GS1 check digit of digits, which are all but the check
// digit itself.
func CheckDigit(number string) byte {
	sum := 0
	for i := range len(number) {
		weight := 3
		if (len(number)-i)%2 == 0 {
			weight = 1
		}
		sum += int(number[i]-'0') * weight
	}
	return byte('0' + (10-sum%10)%10)
}

// oneOf makes a check of a condition and what is wanted.
func oneOf(ok func(s string) bool, wanted string) func(string) error {
	return func(s string) error {
		if !ok(s) {
			return fmt.Errorf("%q, wanted %s", s, wanted)
		}
		return nil
	}
}

// checks by the names that the table uses.
var checks = map[string]func(string) error{
	"mod10": func(s string) error {
		if want := CheckDigit(s[:len(s)-1]); s[len(s)-1] != want {
			return fmt.Errorf("check digit %c of %s is wrong, wanted %c", s[len(s)-1], s, want)
		}
		return nil
	},
	"gcp0":       func(s string) error { return companyPrefix(s) },
	"gcp1":       func(s string) error { return companyPrefix(s[1:]) },
	"pair":       checkPair,
	"day":        func(s string) error { return checkDay("20"+s, false) },
	"day0":       func(s string) error { return checkDay("20"+s, true) },
	"longday":    func(s string) error { return checkDay(s, false) },
	"hhmm":       oneOf(func(s string) bool { return s[:2] < "24" && s[2:] < "60" }, "a time"),
	"hour":       oneOf(func(s string) bool { return s < "24" }, "an hour"),
	"minute":     oneOf(func(s string) bool { return s < "60" }, "00 to 59"),
	"country":    oneOf(isCountry, "a country, ISO 3166-1 numeric"),
	"country999": oneOf(func(s string) bool { return s == "999" || isCountry(s) }, "a country, ISO 3166-1 numeric, or 999"),
	"alpha2":     oneOf(isAlpha2, "a country, ISO 3166-1 alpha-2"),
	"currency":   oneOf(isCurrency, "a currency, ISO 4217 numeric"),
	"bit":        oneOf(func(s string) bool { return s <= "1" }, "0 or 1"),
	"zero":       oneOf(func(s string) bool { return s == "0" }, "0"),
	"nonzero":    oneOf(func(s string) bool { return strings.Trim(s, "0") != "" }, "a number above zero"),
	"nozero":     oneOf(func(s string) bool { return s == "0" || s[0] != '0' }, "no leading zero"),
	"hyphen":     oneOf(func(s string) bool { return s == "-" }, "a hyphen"),
	"winding":    oneOf(func(s string) bool { return strings.Contains("019", s) }, "0, 1 or 9"),
	"sex":        oneOf(func(s string) bool { return strings.Contains("0129", s) }, "0, 1, 2 or 9"),
	"medium":     oneOf(func(s string) bool { return s >= "01" && s <= "10" || s >= "80" }, "01 to 10 or 80 to 99"),
	"importer":   oneOf(func(s string) bool { return strings.Contains(set64, s) }, "an importer index"),
	"package":    oneOf(func(s string) bool { return strings.Trim(s, digits+upper) == "" }, "capitals and digits"),
	"letter":     oneOf(func(s string) bool { return strings.Trim(s, digits) != "" }, "a character that is no digit"),
	"latitude":   oneOf(func(s string) bool { return s <= "1800000000" }, "0 to 1800000000"),
	"longitude":  oneOf(func(s string) bool { return s <= "3600000000" }, "0 to 3600000000"),
	"piece":      oneOf(func(s string) bool { return s[:2] > "00" && s[2:] > "00" && s[:2] <= s[2:] }, "piece and total, the piece not above the total"),
	"position":   oneOf(isPosition, "place/total, such as 1/2"),
	"percent":    oneOf(isPercent, "two hexadecimal digits behind each %"),
	"iban":       oneOf(isIBAN, "an IBAN"),
	"coupon":     func(string) error { return fmt.Errorf("coupon codes are not read") },
}

// companyPrefix holds that a key begins with digits: a GS1 company prefix has
// four at least.
func companyPrefix(s string) error {
	if len(s) < 4 || strings.Trim(s[:4], digits) != "" {
		return fmt.Errorf("%q does not begin with a GS1 company prefix", short(s))
	}
	return nil
}

// checkDay checks YYYYMMDD; where zero is set, day 00 means the whole month.
func checkDay(s string, zero bool) error {
	month, _ := strconv.Atoi(s[4:6])
	day, _ := strconv.Atoi(s[6:])
	if month < 1 || month > 12 {
		return fmt.Errorf("month %s of a date", s[4:6])
	}
	if day == 0 && zero {
		return nil
	}
	year, _ := strconv.Atoi(s[:4])
	if t := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC); day == 0 || int(t.Month()) != month {
		return fmt.Errorf("day %s of a date", s[6:])
	}
	return nil
}

// checkPair checks the pair of check characters of a model number (GMN).
func checkPair(s string) error {
	if len(s) < 3 {
		return fmt.Errorf("%q is too short for a check pair", s)
	}
	body, pair := s[:len(s)-2], s[len(s)-2:]
	primes := []int{2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83}
	sum := 0
	for i := range len(body) {
		sum += strings.IndexByte(set82, body[len(body)-1-i]) * primes[i]
	}
	sum %= 1021
	if want := string([]byte{set32[sum>>5], set32[sum&31]}); pair != want {
		return fmt.Errorf("check pair %s of %s is wrong, wanted %s", pair, s, want)
	}
	return nil
}

func isPosition(s string) bool {
	a, b, ok := strings.Cut(s, "/")
	return ok && a != "" && b != "" && strings.Trim(a+b, digits) == "" && a[0] != '0' && b[0] != '0' && a <= b
}

func isPercent(s string) bool {
	for i := range len(s) {
		if s[i] == '%' {
			if _, err := strconv.ParseUint(s[i+1:min(i+3, len(s))], 16, 8); err != nil || i+3 > len(s) || s[i+1] == '+' {
				return false
			}
		}
	}
	return true
}

func isIBAN(s string) bool {
	if len(s) < 10 || strings.Trim(s, digits+upper) != "" || !isAlpha2(s[:2]) {
		return false
	}
	rest := 0
	for _, c := range s[4:] + s[:4] {
		if c <= '9' {
			rest = (rest*10 + int(c-'0')) % 97
		} else {
			rest = (rest*100 + int(c-'A') + 10) % 97
		}
	}
	return rest == 1
}
