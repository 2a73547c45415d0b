package pointer

import (
	"bufio"
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
)

const (
	secretLen = 32
	rounds    = 10 // as in FF1 of NIST SP 800-38G, whose kind this permutation is
	maxLine   = 4096
	maxKeys   = 10_000
)

// A Key is the secret of a register: whoever has it can tell which numbers are in
// use. It signs nothing.
type Key struct {
	Issuer string // party id of whoever keeps the register and writes its pointers records
	secret [secretLen]byte
}

// A Number is a number of a register. The pointers records of its issuer say for
// which unit it stands.
type Number struct {
	Register uint16
	Issuer   string // empty where no key knows the register
	Sequence uint64 // counted by the issuer; 0 where the issuer is not known
}

// New makes a key from 32 bytes of random, which is crypto/rand.Reader outside
// tests.
func New(issuer string, random io.Reader) (Key, error) {
	k := Key{Issuer: issuer}
	if issuer == "" {
		return k, &Error{"a key without an issuer", "say whose register it is"}
	}
	if _, err := io.ReadFull(random, k.secret[:]); err != nil {
		return k, fmt.Errorf("pointer: making a key: %w", err)
	}
	return k, nil
}

// keyLine is a key in a file.
type keyLine struct {
	Issuer string `json:"pointer_issuer"`
	Secret []byte `json:"secret"`
}

// Line writes the key, secret and all, as the one line of JSON that [ParseKeys]
// reads. Write the file with mode 0600.
func (k Key) Line() []byte {
	b, _ := json.Marshal(keyLine{k.Issuer, k.secret[:]}) // text and bytes: cannot fail
	return b
}

// ParseKeys reads a file of keys, one a line.
func ParseKeys(r io.Reader) ([]Key, error) {
	var keys []Key
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxLine)
	for n := 1; lines.Scan(); n++ {
		line := bytes.TrimSpace(lines.Bytes())
		if len(line) == 0 {
			continue
		}
		dec := json.NewDecoder(bytes.NewReader(line))
		dec.DisallowUnknownFields()
		var l keyLine
		if err := dec.Decode(&l); err != nil || l.Issuer == "" || len(l.Secret) != secretLen || dec.More() {
			return nil, &Error{fmt.Sprintf("line %d is not the key of a register", n), "a key is a line as sublot key pointer writes it"}
		}
		if len(keys) == maxKeys {
			return nil, &Error{fmt.Sprintf("more than %d keys", maxKeys), "check that this is the file you mean"}
		}
		keys = append(keys, Key{l.Issuer, [secretLen]byte(l.Secret)})
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("pointer: reading keys: %w", err)
	}
	return keys, nil
}

// Register returns the four digits by which marks name the register.
func (k Key) Register() uint16 {
	h := sha256.New()
	fmt.Fprintf(h, "sublot/pointer/register\x00%s\x00", k.Issuer)
	h.Write(k.secret[:])
	return uint16(binary.BigEndian.Uint64(h.Sum(nil)) % registers)
}

// half is how many values half of a number has.
func half(short bool) uint64 {
	if short {
		return 1e4
	}
	return 1e8
}

// Last returns the largest number of a register, in the short or the long form.
func Last(short bool) uint64 {
	return half(short)*half(short) - 1
}

// Pointer returns what is printed on the item of a number, 1 to [Last].
func (k Key) Pointer(sequence uint64, short bool) (Pointer, error) {
	if sequence < 1 || sequence > Last(short) {
		return Pointer{}, &Error{fmt.Sprintf("number %d, wanted 1 to %d", sequence, Last(short)), "take the long form, a Data Matrix of 16x16, or another key where all numbers are used up"}
	}
	h := half(short)
	left, right := sequence/h, sequence%h
	for i := range rounds {
		left, right = right, (left+k.mix(i, short, right))%h
	}
	return Pointer{Register: k.Register(), Number: left*h + right, Short: short}, nil
}

// sequence is the inverse of Pointer.
func (k Key) sequence(p Pointer) uint64 {
	h := half(p.Short)
	left, right := p.Number/h, p.Number%h
	for i := rounds - 1; i >= 0; i-- {
		left, right = (right+h-k.mix(i, p.Short, left))%h, left
	}
	return left*h + right
}

// mix is the round function: a value below half.
func (k Key) mix(round int, short bool, value uint64) uint64 {
	m := hmac.New(sha256.New, k.secret[:])
	text := append([]byte("sublot/pointer/v1\x00"), byte(round), byte(0))
	if short {
		text[len(text)-1] = 1
	}
	m.Write(binary.BigEndian.AppendUint64(text, value))
	return binary.BigEndian.Uint64(m.Sum(nil)) % half(short)
}

// Resolve returns the number that a pointer stands for, by each key whose register
// it names: one, but for registers that share their digits. Where no key knows the
// register, the number is without an issuer.
func Resolve(p Pointer, keys []Key) []Number {
	var out []Number
	for _, k := range keys {
		if k.Register() == p.Register {
			if n := k.sequence(p); n > 0 {
				out = append(out, Number{p.Register, k.Issuer, n})
			}
		}
	}
	if out == nil {
		out = []Number{{Register: p.Register}}
	}
	return out
}
