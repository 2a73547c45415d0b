package marking

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// A Key is the public half of a signing key and whose it is: what a key record
// says. It comes to be believed only through a [Trust].
type Key struct {
	Source string // party id of whoever asserts the record
	ID     string // unique within Source; Source:ID names the key in findings

	// Maker is the code that marks signed by the key begin with, such as XCW or
	// PL:21. A key of a Party instead signs records, not marks.
	Maker string
	Party string

	Public ed25519.PublicKey

	// ValidFrom and ValidTo are the first and the last day of use, UTC; zero for
	// not limited. A mark outlives its key, and names no day of signing: a mark
	// is invalid only where it states a month of manufacture after ValidTo.
	ValidFrom, ValidTo time.Time

	// Revoked is the day from which on the key is not believed; zero for a key
	// that was not revoked. It is no part of the key record: a status record
	// says it.
	Revoked time.Time
	Reason  string // of the revocation
}

// Name returns source:id, which names the key's record everywhere.
func (k Key) Name() string { return k.Source + ":" + k.ID }

// Hint returns the hint by which frames name the key.
func (k Key) Hint() KeyHint { return hintOf(k.Public) }

// keyRecord holds the fields of a key record in the order they are written.
type keyRecord struct {
	Kind      string          `json:"kind"`
	Source    string          `json:"source"`
	ID        string          `json:"id"`
	At        string          `json:"at,omitempty"`
	Recorded  string          `json:"recorded,omitempty"`
	Maker     string          `json:"maker,omitempty"`
	Party     string          `json:"party,omitempty"`
	Algorithm string          `json:"algorithm,omitempty"`
	PublicKey string          `json:"public_key"`
	ValidFrom string          `json:"valid_from,omitempty"`
	ValidTo   string          `json:"valid_to,omitempty"`
	Note      string          `json:"note,omitempty"`
	Ext       json.RawMessage `json:"ext,omitempty"`
}

// Record returns the key record, one line of JSON without a line end: what a
// trust file holds and what a maker publishes.
func (k Key) Record() []byte {
	r := keyRecord{
		Kind: "key", Source: k.Source, ID: k.ID, Maker: k.Maker, Party: k.Party,
		Algorithm: "ed25519", PublicKey: base64.StdEncoding.EncodeToString(k.Public),
		ValidFrom: day(k.ValidFrom), ValidTo: day(k.ValidTo),
	}
	b, _ := json.Marshal(r) // strings alone: cannot fail
	return b
}

// day writes a date, or nothing for the zero time.
func day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.DateOnly)
}

func (k Key) check() error {
	switch {
	case k.Source == "" || k.ID == "":
		return fmt.Errorf("a key without source or id")
	case (k.Maker == "") == (k.Party == ""):
		return fmt.Errorf("a key names a maker or a party, one of the two")
	case len(k.Public) != ed25519.PublicKeySize:
		return fmt.Errorf("public key of %d bytes, wanted %d", len(k.Public), ed25519.PublicKeySize)
	case isSmallOrder(k.Public):
		return fmt.Errorf("public key %x is of small order: anybody can sign for it", []byte(k.Public))
	case !k.ValidFrom.IsZero() && !k.ValidTo.IsZero() && k.ValidTo.Before(k.ValidFrom):
		return fmt.Errorf("valid to %s, before valid from %s", day(k.ValidTo), day(k.ValidFrom))
	}
	if k.Maker != "" {
		if err := checkComponent(k.Maker, 0, k.Maker); err != nil {
			return fmt.Errorf("maker: %s", strings.TrimPrefix(err.Error(), "marking: "))
		}
	}
	return nil
}

// smallOrder are the public keys under which a signature can be made without a
// private key, but for the sign bit: the points whose order divides 8, in all
// their spellings.
var smallOrder = [...]string{
	"0000000000000000000000000000000000000000000000000000000000000000",
	"0100000000000000000000000000000000000000000000000000000000000000",
	"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
	"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
	"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
}

func isSmallOrder(public ed25519.PublicKey) bool {
	p := bytes.Clone(public)
	p[31] &= 0x7f
	return slices.Contains(smallOrder[:], hex.EncodeToString(p))
}

// A Trust is the set of keys that a reader believes. It does not change once
// made, and may be used by several goroutines. It remembers the last few
// thousand signatures that it verified, so that a mark read again costs little.
type Trust struct {
	keys   []Key
	byHint map[KeyHint][]Key // keys of makers alone
	seen   *seen
}

// NewTrust returns a Trust in the given keys. No keys is a decision too: every
// signed mark is then of an unknown key.
func NewTrust(keys ...Key) (*Trust, error) {
	t := &Trust{byHint: map[KeyHint][]Key{}, seen: &seen{}}
	names := map[string]bool{}
	for _, k := range keys {
		if err := k.check(); err != nil {
			return nil, fmt.Errorf("marking: key %s: %w", quote(k.Name()), err)
		}
		if names[k.Name()] {
			return nil, fmt.Errorf("marking: key %s is given twice", quote(k.Name()))
		}
		names[k.Name()] = true
		t.keys = append(t.keys, k)
		if k.Maker != "" {
			t.byHint[k.Hint()] = append(t.byHint[k.Hint()], k)
		}
	}
	return t, nil
}

// Keys returns all keys of the set, those of parties among them, in the order
// they were given.
func (t *Trust) Keys() []Key { return append([]Key(nil), t.keys...) }
