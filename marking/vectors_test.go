package marking

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write testdata/vectors anew")

const vectorDir = "testdata/vectors"

// A vector is one line of accept.jsonl or reject.jsonl; README.md there says
// what its fields mean.
type vector struct {
	Name    string       `json:"name"`
	Must    []string     `json:"must"`
	Frame   string       `json:"frame,omitempty"` // hexadecimal
	Text    string       `json:"text,omitempty"`
	Path    string       `json:"path,omitempty"`
	Item    string       `json:"item,omitempty"`
	ItemKey string       `json:"item_key,omitempty"` // hexadecimal
	Checked string       `json:"checked,omitempty"`
	Trust   []string     `json:"trust,omitempty"`
	Verdict string       `json:"verdict"`
	Key     string       `json:"key,omitempty"`
	Mark    *vectorClaim `json:"mark,omitempty"`
}

type vectorClaim struct {
	Item          string      `json:"item"`
	Level         Level       `json:"level"`
	CalibreNumber int         `json:"calibre_number"`
	CalibreText   string      `json:"calibre_text,omitempty"`
	Made          string      `json:"made,omitempty"`
	Rounds        int64       `json:"rounds,omitempty"`
	Type          string      `json:"type,omitempty"`
	NSN           string      `json:"nsn,omitempty"`
	National      []string    `json:"national,omitempty"`
	Unknown       [][2]string `json:"unknown,omitempty"` // tag and value, hexadecimal
}

const (
	refused  = "refused"  // no mark, no identity, no trust file
	accepted = "accepted" // of what has no verdict: an identity, a trust file
)

// testKey returns the n-th key of the tests.
func testKey(n int) ed25519.PrivateKey {
	seed := sha256.Sum256(fmt.Appendf(nil, "sublot test key %d", n))
	return ed25519.NewKeyFromSeed(seed[:])
}

func public(n int) ed25519.PublicKey { return testKey(n).Public().(ed25519.PublicKey) }

func date(s string) time.Time {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return t
}

// testTrust is the trust file that the vectors are judged by: key 1 is XCW's,
// key 2 is revoked, key 3 has run out, key 4 is two makers', key 5 a party's.
// Key 6 is nobody's.
func testTrust() string {
	lines := []string{
		string(Key{Source: "XA-EXP", ID: "K1", Maker: "XCW", Public: public(1), ValidFrom: date("2024-01-01")}.Record()),
		string(Key{Source: "XA-EXP", ID: "K2", Maker: "XCW", Public: public(2)}.Record()),
		string(Key{Source: "XA-EXP", ID: "K3", Maker: "PL:21", Public: public(3), ValidFrom: date("2020-01-01"), ValidTo: date("2023-12-31")}.Record()),
		string(Key{Source: "XA-EXP", ID: "K4A", Maker: "XAA", Public: public(4)}.Record()),
		string(Key{Source: "XA-EXP", ID: "K4B", Maker: "XBB", Public: public(4)}.Record()),
		string(Key{Source: "XA-EXP", ID: "K5", Party: "XB-POL", Public: public(5)}.Record()),
		string(Key{Source: "XA-EXP", ID: "K7", Maker: "ЗАВОД", Public: public(7)}.Record()),
		`{"kind":"status","source":"XA-EXP","id":"R1","at":"2025-06-01","of":"XA-EXP:K2","state":"revoked","reason":"later"}`,
		`{"kind":"status","source":"XA-EXP","id":"R2","at":"2025-03-01","of":"XA-EXP:K2","state":"revoked","reason":"stolen"}`,
	}
	return strings.Join(lines, "\n") + "\n"
}

// loose is a frame in parts that need not fit together.
type loose struct {
	first   byte
	hint    []byte // nil for that of the key
	calibre int
	made    int
	flag    int
	pathLen int // -1: none
	path    []byte
	fields  []byte
	key     int // 0: unsigned
}

func looseMark() loose {
	p, _ := appendDense(nil, "XCW/XCW24C001-012/001")
	return loose{first: 0x22, calibre: 1, made: int(MonthOf(2024, time.March)), pathLen: -1, path: p, key: 1}
}

// with adds fields.
func (l loose) with(fields ...[]byte) loose {
	l.flag, l.pathLen, l.fields = 1, len(l.path), bytes.Join(fields, nil)
	return l
}

func (l loose) claims() []byte {
	b := []byte{l.first}
	if l.key > 0 {
		if l.hint == nil {
			h := hintOf(public(l.key))
			l.hint = h[:]
		}
		b = append(b, l.hint...)
	}
	v := l.calibre<<13 | l.made<<1 | l.flag
	b = append(b, byte(v>>16), byte(v>>8), byte(v))
	if l.pathLen >= 0 {
		b = append(b, byte(l.pathLen))
	}
	return append(append(b, l.path...), l.fields...)
}

func (l loose) frame() []byte {
	b := l.claims()
	if l.key == 0 {
		return b
	}
	return append(b, ed25519.Sign(testKey(l.key), append([]byte(signContext), b...))...)
}

func field(tag byte, value string) []byte {
	return append([]byte{tag, byte(len(value))}, value...)
}

func denseField(tag byte, text string) []byte {
	p, ok := appendDense(nil, text)
	if !ok {
		panic(text)
	}
	return field(tag, string(p))
}

// makeVectors writes all vectors.
func makeVectors() (accept, reject []vector) {
	trust, err := ParseTrust(strings.NewReader(testTrust()))
	if err != nil {
		panic(err)
	}
	yes := func(must, name string, frame []byte) {
		v, err := Open(frame, trust)
		if err != nil {
			panic(name + ": " + err.Error())
		}
		w, err := parseWire(frame)
		if err != nil {
			panic(name)
		}
		vec := vector{Name: name, Must: strings.Fields(must), Frame: hex.EncodeToString(frame), Verdict: string(v.Signature), Mark: claimOf(w, v.Mark)}
		if v.Key.Public != nil {
			vec.Key = v.Key.Name()
		}
		accept = append(accept, vec)
	}
	no := func(must, name string, frame []byte) {
		verdict := refused
		if v, err := Open(frame, trust); err == nil {
			verdict = string(v.Signature)
		}
		reject = append(reject, vector{Name: name, Must: strings.Fields(must), Frame: hex.EncodeToString(frame), Verdict: verdict})
	}
	sign := func(m Mark, key int) []byte {
		f, err := Sign(m, testKey(key))
		if err != nil {
			panic(err)
		}
		return f
	}
	march := MonthOf(2024, time.March)
	lot := Mark{Item: MustParseID("XCW/XCW24C001-012"), Level: Lot, Calibre: "9x19", Made: march}
	crate := Mark{Item: MustParseID("XCW/XCW24C001-012/001/0042"), Level: Crate, Calibre: "9x19", Made: march, Rounds: 1000}
	l := looseMark()

	// Frame.
	yes("F3 F7", "a lot", sign(lot, 1))
	yes("F3 F7 O6", "a crate of 1000 rounds", sign(crate, 1))
	for i, level := range levels {
		m := crate
		m.Level = level
		yes("F3", "level "+string(level), sign(m, 1))
		bad := l
		bad.first = []byte{0x20, 0x2a, 0x2b, 0x2c, 0x2d, 0x2e, 0x2f, 0x30, 0x3f}[i]
		if bad.first >= 0x30 {
			bad.key = 0
		}
		no("F3", fmt.Sprintf("level %d", bad.first&levelMask), bad.frame())
	}
	long := Mark{Item: MustParseID(strings.Repeat("ABCDEFGHIJKLMNOPQRSTUVWXYZ012345/", 9) + "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"), Level: Item,
		Unknown: []Field{{200, bytes.Repeat([]byte{1}, 200)}}}
	long.Item = MustParseID("XCW" + long.Item.String()[32:])
	yes("F1 I1", "the longest identity of ASCII characters", sign(long, 1))
	no("F1", "513 bytes", l.with(field(200, strings.Repeat("a", 255)), field(201, strings.Repeat("b", 166))).frame())
	yes("F1", "512 bytes", l.with(field(200, strings.Repeat("a", 255)), field(201, strings.Repeat("b", 165))).frame())
	free := l
	free.first, free.key = 0x32, 0
	yes("F1 S4", "512 bytes, unsigned", free.with(field(200, strings.Repeat("a", 255)), field(201, strings.Repeat("b", 233))).frame())
	no("F1 S4", "513 bytes, unsigned", free.with(field(200, strings.Repeat("a", 255)), field(201, strings.Repeat("b", 234))).frame())
	for _, first := range []byte{0x02, 0x42, 0xe2} {
		bad := l
		bad.first = first
		no("F2", fmt.Sprintf("first byte %02x", first), bad.frame())
	}
	no("F4", "no bytes", nil)
	no("F4", "one byte", []byte{0x21})
	no("F4", "no path", loose{first: 0x22, pathLen: -1, key: 1}.frame())
	no("F4", "a signed frame of 72 bytes", l.frame()[:72])
	short := l.with(field(2, "\x01"))
	short.pathLen = 0
	no("F4", "a path of no bytes before fields", short.frame())
	short.pathLen = 200
	no("F4", "a path beyond the frame", short.frame())
	shortest := loose{first: 0x21, pathLen: -1, key: 6}
	shortest.path, _ = appendDense(nil, "A/B")
	yes("F4", "the shortest path", shortest.frame())
	unknown := l
	unknown.calibre = 2046
	yes("F5", "a calibre that is on no list yet", unknown.frame())
	notStated := l
	notStated.calibre, notStated.made = 0, 0
	yes("F5 F6", "calibre and month not stated", notStated.frame())
	text := l.with(field(1, "11x50R Exempel"))
	text.calibre = 2047
	yes("F5 O5", "a calibre that the list lacks", text.frame())
	text = l.with(field(1, "9x19"))
	text.calibre = 2047
	yes("F5", "a calibre in text that came on the list later", text.frame())
	text.calibre = 1
	no("F5", "a text beside the number of a calibre", text.frame())
	text = l.with(field(2, "\x64"))
	text.calibre = 2047
	no("F5", "a text announced and not given", text.frame())
	text = l
	text.calibre = 2047
	no("F5", "a text announced, and no fields", text.frame())
	for _, made := range []Month{1, 4095} {
		m := lot
		m.Made = made
		yes("F6", "made in "+made.String(), sign(m, 1))
	}
	for _, item := range []string{"XCW/(A)#-._+: B", "XCW/0", "XCW/00", "XCW/###", "XCW/A B"} {
		m := lot
		m.Item = MustParseID(item)
		yes("F7", "item "+item, sign(m, 1))
	}
	zero := l
	zero.path = append([]byte{0, 0}, l.path...)
	no("F7 F8", "a dense path after zero bytes", zero.frame())
	for _, item := range []string{"XCW", "XCW/", "/XCW/A", "XCW//A", "XCW/-A", "XCW/A..B", "XCW/A  B"} {
		bad := l
		bad.path, _ = appendDense(nil, item)
		no("F9 F7", "item "+item, bad.frame())
	}
	m := lot
	m.Item = MustParseID("ЗАВОД/Б12-85/042")
	yes("F8 I3", "a Cyrillic lot", sign(m, 7))
	utf := l
	utf.path = []byte("\x00XCW/XCW24C001-012/001")
	no("F8", "UTF-8 where dense would do", utf.frame())
	utf.path = []byte("\x00")
	no("F8", "UTF-8 of no bytes", utf.frame())
	utf.path = []byte("\x00XCW/\xd0")
	no("F9 I2", "a path that is not UTF-8", utf.frame())
	utf.path = []byte("\x00XCW/Б\x00")
	no("F9 I2", "a path with a zero byte", utf.frame())
	utf.path = []byte("\x00XCW/БA")
	no("F9 I3", "letters of two scripts", utf.frame())
	utf.path = []byte("\x00XCW/б1")
	no("F9 I3", "a small letter", utf.frame())
	utf.path = []byte("\x00XCW/A\u030a")
	no("F9 I5", "a letter and a combining mark", utf.frame())
	none := l
	none.flag, none.pathLen = 1, len(l.path)
	no("F10", "fields announced and none there", none.frame())

	// Fields.
	no("O1", "a field of no bytes", l.with([]byte{3, 0}).frame())
	no("O1", "a field beyond the frame", l.with([]byte{3, 9, 'b', 'a'}).frame())
	no("O1", "a tag without a length", l.with([]byte{3}).frame())
	no("O1", "tag 0", l.with(field(0, "A")).frame())
	yes("O1 O3", "an unknown field of 255 bytes", l.with(field(255, strings.Repeat("z", 255))).frame())
	yes("O3", "unknown fields with low and high tags", l.with(field(2, "\x64"), field(9, "\x00\xff"), field(15, "A"), field(17, "A"), field(130, "B")).frame())
	yes("O2 O3", "one unknown tag twice, values rising", l.with(field(130, "A"), field(130, "AA"), field(130, "B")).frame())
	no("O2", "one unknown tag twice, values falling", l.with(field(130, "B"), field(130, "A")).frame())
	no("O2", "a field twice the same", l.with(field(130, "A"), field(130, "A")).frame())
	no("O2", "tags falling", l.with(field(3, "ball"), field(2, "\x64")).frame())
	no("O2", "rounds twice", l.with(field(2, "\x64"), field(2, "\x65")).frame())
	no("O2", "type twice", l.with(field(3, "ball"), field(3, "tracer")).frame())
	yes("O2 O9", "two national elements", l.with(field(16, "XB:unit=POL-3"), field(16, "XB:zone=7")).frame())
	no("O2", "national elements falling", l.with(field(16, "XB:zone=7"), field(16, "XB:unit=POL-3")).frame())
	yes("O4", "a type in Cyrillic", l.with(field(3, "ПС гж")).frame())
	no("O4", "a type with a line end", l.with(field(3, "ball\n")).frame())
	no("O4", "a type with a control character of the second row", l.with(field(3, "ball\u0085")).frame())
	no("O4", "a type that is not UTF-8", l.with(field(3, "\xffball")).frame())
	text = l.with(field(1, strings.Repeat("c", 32)))
	text.calibre = 2047
	yes("O5", "a calibre of 32 bytes", text.frame())
	text = l.with(field(1, strings.Repeat("c", 33)))
	text.calibre = 2047
	no("O5", "a calibre of 33 bytes", text.frame())
	text = l.with(field(1, "#12"))
	text.calibre = 2047
	no("O5", "a calibre that looks like a number", text.frame())
	yes("O6", "1 round", l.with(field(2, "\x01")).frame())
	yes("O6", "999,999,999,999 rounds", l.with(field(2, "\xe8\xd4\xa5\x0f\xff")).frame())
	no("O6", "1,000,000,000,000 rounds", l.with(field(2, "\xe8\xd4\xa5\x10\x00")).frame())
	no("O6", "no rounds", l.with(field(2, "\x00")).frame())
	no("O6", "a leading zero byte", l.with(field(2, "\x00\x64")).frame())
	yes("O7", "a type of 64 bytes", l.with(field(3, strings.Repeat("t", 64))).frame())
	no("O7", "a type of 65 bytes", l.with(field(3, strings.Repeat("t", 65))).frame())
	yes("O8", "an NSN", l.with(denseField(4, "1305011234567")).frame())
	yes("O8", "an NSN with a letter", l.with(denseField(4, "130501C234567")).frame())
	no("O8", "an NSN of 12 characters", l.with(denseField(4, "130501123456")).frame())
	no("O8", "an NSN with a letter in another place", l.with(denseField(4, "13050112345C7")).frame())
	no("O8", "an NSN after a zero byte", l.with(field(4, "\x00"+string(denseField(4, "1305011234567")[2:]))).frame())
	yes("O9", "a national element", l.with(field(16, "XB:unit=POL-3")).frame())
	yes("O9", "a national element with = in its value", l.with(field(16, "XB:k=a=b")).frame())
	yes("O9", "a national element of 200 bytes", l.with(field(16, "XB:"+strings.Repeat("n", 16)+"="+strings.Repeat("v", 200))).frame())
	for _, s := range []string{"XB:unit", "xb:unit=1", "XBC:unit=1", "XB:Unit=1", "XB:unit=", "XB:=1", "XB:" + strings.Repeat("n", 17) + "=1",
		"XB:u=" + strings.Repeat("v", 201)} {
		no("O9", "national element "+s[:min(len(s), 20)], l.with(field(16, s)).frame())
	}

	// Signature and verdict.
	flip := func(b []byte, at int) []byte {
		b = bytes.Clone(b)
		b[(at+len(b))%len(b)] ^= 1
		return b
	}
	no("S1", "one bit of the signature changed", flip(sign(crate, 1), -1))
	no("S1", "one bit of the first half of the signature changed", flip(sign(crate, 1), -40))
	no("S1", "the rounds changed", flip(sign(crate, 1), -65))
	no("S1", "the month changed", flip(sign(crate, 1), 6))
	plain := l.claims()
	no("S1", "signed without the context", append(plain, ed25519.Sign(testKey(1), plain)...))
	no("S2", "S raised by the order of the group", raiseS(sign(crate, 1)))
	other := l
	other.hint = make([]byte, 4)
	yes("S3", "a hint of nobody's key", other.frame())
	h := hintOf(public(2))
	other.hint = h[:]
	no("S3", "another trusted key's hint", other.frame())
	unsigned, _ := Unsigned(crate)
	yes("S4", "an unsigned frame", unsigned)
	no("S4", "an unsigned frame with a signature behind it", append(bytes.Clone(unsigned), make([]byte, 64)...))
	yes("V1 S3", "signed by a key that nobody trusts", sign(crate, 6))
	no("V2", "signed by another maker's key", sign(crate, 3))
	pl := Mark{Item: MustParseID("PL:21/12-85"), Level: Lot, Made: MonthOf(2023, time.December)}
	yes("V3 I6", "made in the last month of the key", sign(pl, 3))
	pl.Made = MonthOf(2024, time.January)
	no("V3", "made after the last day of the key", sign(pl, 3))
	pl.Made = MonthOf(1950, time.January)
	yes("V6", "made long before the key", sign(pl, 3))
	pl.Item = MustParseID("21/12-85")
	no("V2 I6", "the maker without its state", sign(pl, 3))
	yes("V4", "a revoked key", sign(crate, 2))
	for _, maker := range []string{"XAA", "XBB"} {
		yes("V5", "one key for two makers, "+maker, sign(Mark{Item: MustParseID(maker + "/1"), Level: Lot}, 4))
	}
	no("V5 V2", "one key for two makers, and a third", sign(Mark{Item: MustParseID("XCC/1"), Level: Lot}, 4))
	yes("K3", "a party's key", sign(Mark{Item: MustParseID("XB-POL/1"), Level: Lot}, 5))

	// Text forms.
	f := sign(lot, 1)
	accept = append(accept, vector{Name: "text forms of a lot", Must: []string{"T1", "T2"}, Frame: hex.EncodeToString(f), Text: Text(f), Path: Path(f), Verdict: string(StateValid), Key: "XA-EXP:K1"})
	f = sign(crate, 1)
	accept = append(accept, vector{Name: "text forms of a crate", Must: []string{"T1", "T2"}, Frame: hex.EncodeToString(f), Text: Text(f), Path: Path(f), Verdict: string(StateValid), Key: "XA-EXP:K1"})
	for _, c := range [][2]string{
		{"in lower case", strings.ToLower(Text(f))}, {"with a space behind", Text(f) + " "}, {"with a character too many", Text(sign(lot, 1)) + "A"},
		{"with a group above 65535", "SL1::::" + Text(f)[7:]}, {"with a group above 255", "SL1:::"}, {"of nothing", "SL1:"}, {"with another prefix", "SL2:" + Text(f)[4:]},
	} {
		reject = append(reject, vector{Name: "a text " + c[0], Must: []string{"T3"}, Text: c[1], Verdict: refused})
	}
	p := Path(sign(lot, 1)) // 84 bytes: 135 characters, the last with 3 bits to spare
	last := pathAlphabet[strings.IndexByte(pathAlphabet, p[len(p)-1])+1]
	for _, c := range [][2]string{
		{"in lower case", strings.ToLower(p)}, {"with padding", p + "="}, {"with a bit beyond the last byte", p[:len(p)-1] + string(last)}, {"with a line end", p[:8] + "\n" + p[8:]},
	} {
		reject = append(reject, vector{Name: "a path " + c[0], Must: []string{"T3"}, Path: c[1], Verdict: refused})
	}

	// Identities.
	for _, c := range [][2]string{
		{"I1", "XCW/XCW24C001-012"}, {"I1", "XCW/L/1/2/3/4/5/6/7/8"}, {"I2", "A/" + strings.Repeat("9", 32)}, {"I2", "A/" + strings.Repeat("Б", 32)},
		{"I2", "XCW/(A)/#1#"}, {"I4", "XCW/A-B.C_D+E:F G"}, {"I4", "XCW/A--B"}, {"I3", "ЗАВОД/Б12-85-17"}, {"I3", "جدم/ب12"}, {"I3", "国营/12"}, {"I3 I2", "XCW/Б1/A1"},
		{"I5", "XCW/ÅÖ1"}, {"I6", "PL:21/12"}, {"I7", "XCW/A01-B/9"}, {"I7", "XCW/A02/10"}, {"I7", "XCW/1-2-3"},
	} {
		id := MustParseID(c[1])
		accept = append(accept, vector{Name: "identity " + c[1], Must: append(strings.Fields(c[0]), "T4"), Item: c[1], ItemKey: hex.EncodeToString(id.AppendKey(nil)), Checked: id.Checked(), Verdict: accepted})
	}
	for _, c := range [][2]string{
		{"I1", "XCW"}, {"I1", "XCW/L/1/2/3/4/5/6/7/8/9"}, {"I1", "XCW//1"}, {"I2", "A/" + strings.Repeat("9", 33)}, {"I2", "XCW/A*B"},
		{"I2", "XCW/A=B"}, {"I2", "XCW/٣"}, {"I2", "XCW/A\tB"}, {"I3", "XCW/a"}, {"I3", "XCW/Aª"}, {"I3", "XCW/AБ"}, {"I3", "XCW/ℂ1"}, {"I4", "XCW/ A"}, {"I4", "XCW/A:"}, {"I4", "XCW/A..B"},
		{"I4", "XCW/A  B"}, {"I5", "XCW/A\u030a1"}, {"I5", "XCW/\u212b1"},
	} {
		reject = append(reject, vector{Name: "identity " + c[1], Must: []string{c[0]}, Item: c[1], Verdict: refused})
	}
	for i, s := range []string{"XCW/XCW24C001-012/001/0042=K", "XCW/XCW24C001-012/001/0042", "XCW/XCW24C001-012/001/0024=" + crate.Item.Checked()[len(crate.Item.String())+1:]} {
		reject = append(reject, vector{Name: fmt.Sprintf("check character %d", i+1), Must: []string{"T4"}, Checked: s, Verdict: refused})
	}

	// Trust files.
	good := strings.Split(strings.TrimSpace(testTrust()), "\n")
	accept = append(accept,
		vector{Name: "a trust file of one key", Must: []string{"K1"}, Trust: good[:1], Verdict: accepted},
		vector{Name: "a trust file with the revocation first", Must: []string{"K2"}, Trust: []string{good[8], good[1]}, Verdict: accepted},
		vector{Name: "an empty trust file", Must: []string{"K1"}, Trust: []string{""}, Verdict: accepted},
	)
	for _, c := range [][3]string{
		{"K2", "a revocation of a key that is not there", good[8]},
		{"K1", "a field that no key has", strings.Replace(good[0], `"maker"`, `"colour":"red","maker"`, 1)},
		{"K1", "a field twice", strings.Replace(good[0], `"maker"`, `"maker":"XAA","maker"`, 1)},
		{"K1", "another algorithm", strings.Replace(good[0], `"ed25519"`, `"rsa"`, 1)},
		{"K1", "a key of 31 bytes", regexp.MustCompile(`"public_key":"[^"]*"`).ReplaceAllString(good[0], `"public_key":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHg=="`)},
		{"K4", "a key of small order", regexp.MustCompile(`"public_key":"[^"]*"`).ReplaceAllString(good[0], `"public_key":"7P///////////////////////////////////////38="`)},
		{"K4", "a key of small order, with the sign bit", regexp.MustCompile(`"public_key":"[^"]*"`).ReplaceAllString(good[0], `"public_key":"JuiVj8KyJ7BFw/SJ8u+Y8NXfrAXTxjM5sTgCiG1T/IU="`)},
		{"K3", "neither maker nor party", strings.Replace(good[0], `"maker":"XCW",`, ``, 1)},
		{"K1", "another kind of record", `{"kind":"party","source":"XA-EXP","id":"XCW","name":"Example","country":"XA"}`},
		{"K1", "no JSON", "trust me"},
	} {
		reject = append(reject, vector{Name: "trust file with " + c[1], Must: []string{c[0]}, Trust: []string{c[2]}, Verdict: refused})
	}

	// Marks of all sorts, until as many are accepted as refused.
	r := rand.New(rand.NewPCG(1, 2))
	for i := 1; len(accept) < len(reject); i++ {
		m := randomMark(r)
		m.Item = MustParseID("XCW" + strings.TrimPrefix(m.Item.String(), m.Item.Maker()))
		yes("F7 F8 O2", fmt.Sprintf("a mark of all sorts %d", i), sign(m, 1))
	}
	return accept, reject
}

const pathAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"

// raiseS adds the order of the group to the second half of a signature, which
// then satisfies the same equation.
func raiseS(frame []byte) []byte {
	order, _ := hex.DecodeString("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010")
	b := bytes.Clone(frame)
	s := b[len(b)-32:]
	carry := 0
	for i := range s {
		carry += int(s[i]) + int(order[i])
		s[i], carry = byte(carry), carry>>8
	}
	return b
}

func claimOf(w wire, m Mark) *vectorClaim {
	c := &vectorClaim{Item: m.Item.String(), Level: m.Level, CalibreNumber: w.calibre, Made: m.Made.String(), Rounds: m.Rounds, Type: m.Type, NSN: m.NSN}
	if w.calibre == calibreText {
		c.CalibreText = m.Calibre
	}
	for _, n := range m.National {
		c.National = append(c.National, n.String())
	}
	for _, f := range m.Unknown {
		c.Unknown = append(c.Unknown, [2]string{fmt.Sprintf("%02x", f.Tag), hex.EncodeToString(f.Value)})
	}
	return c
}

func writeVectors(t *testing.T, name string, vs []vector) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	for _, v := range vs {
		require.NoError(t, enc.Encode(v))
	}
	require.NoError(t, os.WriteFile(filepath.Join(vectorDir, name), b.Bytes(), 0o644))
}

// readVectors reads what is on disk, not what this build would write.
func readVectors(t testing.TB, name string) (vs []vector) {
	b, err := os.ReadFile(filepath.Join(vectorDir, name))
	require.NoError(t, err)
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	for dec.More() {
		var v vector
		require.NoError(t, dec.Decode(&v))
		vs = append(vs, v)
	}
	return vs
}

func vectorTrust(t testing.TB) *Trust {
	f, err := os.Open(filepath.Join(vectorDir, "trust.jsonl"))
	require.NoError(t, err)
	defer f.Close()
	trust, err := ParseTrust(f)
	require.NoError(t, err)
	return trust
}

// TestWriteVectors writes the vectors with -update, and otherwise says that the
// committed ones still are what this build writes: a changed line is a changed
// format.
func TestWriteVectors(t *testing.T) {
	accept, reject := makeVectors()
	if *update {
		writeVectors(t, "accept.jsonl", accept)
		writeVectors(t, "reject.jsonl", reject)
		require.NoError(t, os.WriteFile(filepath.Join(vectorDir, "trust.jsonl"), []byte(testTrust()), 0o644))
	}
	require.Equal(t, accept, readVectors(t, "accept.jsonl"))
	require.Equal(t, reject, readVectors(t, "reject.jsonl"))
}
