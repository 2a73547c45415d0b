package evidence

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/mod/sumdb/note"

	"github.com/sublot/sublot/marking"
	"github.com/sublot/sublot/storage"
	"github.com/sublot/sublot/trace"
)

const origin = "ledger.example/xa"

func key(n byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{n}, ed25519.SeedSize))
}

// A world is a ledger with what makes and checks its evidence.
type world struct {
	ledger     *storage.Ledger
	signer     note.Signer
	checkpoint []byte // cosigned
	signers    string // verifier keys of operator and witness
	trust      string // of the source that signs
	file       *File
}

// newWorld returns the bundle of a small story: a lot sold, stocked and stolen,
// its stock records signed, more records after the head.
func newWorld(t testing.TB) world {
	t.Helper()
	rows := []string{
		`{"kind":"party","source":"XA-EXP","id":"XCW","name":"Example Cartridge Works","country":"XA","roles":["maker"]}`,
		`{"kind":"party","source":"XA-EXP","id":"XA-EXP","name":"State XA Licensing","country":"XA","roles":["authority"]}`,
		`{"kind":"party","source":"XA-EXP","id":"XB-POL","name":"State XB Police <&>\u2028","country":"XB","roles":["end_user"]}`,
		`{"kind":"lot","source":"XCW","id":"L1","item":"XCW/L1","calibre":"9x19","quantity":1000,"made":{"from":"2024-03-04","to":"2024-03-08"}}`,
		`{"kind":"transfer","source":"XA-EXP","id":"T1","at":"2024-05-10","from":"XCW","to":"XB-POL","lines":[{"item":"XCW/L1/001","quantity":400}]}`,
		`{"kind":"stock","source":"XB-POL","id":"ST-1","at":"2024-06-02","holder":"XB-POL","site":"HQ","movement":"receipt","lines":[{"item":"XCW/L1/001","quantity":400}]}`,
		`{"kind":"loss","source":"XB-POL","id":"LR-1","at":"2025-01-20","holder":"XB-POL","lines":[{"item":"XCW/L1/001","quantity":400}],"type":"theft","last_correct":"2024-12-18"}`,
	}
	source := marking.Key{Source: "XB-POL", ID: "K1", Party: "XB-POL", Public: key(3).Public().(ed25519.PublicKey)}
	w := world{trust: string(source.Record()) + "\n"}
	var records []*trace.Record
	for _, row := range rows {
		r, err := trace.ParseRecord([]byte(row))
		require.NoError(t, err)
		if r.Source == "XB-POL" {
			r.KeyHint, r.Signature = source.Hint().String(), ed25519.Sign(key(3), r.Canonical)
		}
		records = append(records, r)
	}
	var err error
	w.ledger, err = storage.Open(t.TempDir(), storage.Config{})
	require.NoError(t, err)
	t.Cleanup(func() { w.ledger.Close() })
	_, err = w.ledger.Append(t.Context(), records)
	require.NoError(t, err)

	var public string
	w.signer, public, err = storage.NewSigner(origin, key(1))
	require.NoError(t, err)
	w.signers = fmt.Sprintf("# operator and witness\n%s\n\n%s\n", public, storage.NewWitness("witness.example/xb", key(2).Public().(ed25519.PublicKey)))
	checkpoint, err := storage.SignHead(w.ledger.Head(), origin, w.signer)
	require.NoError(t, err)
	operator, err := storage.ParseVerifier(public)
	require.NoError(t, err)
	w.checkpoint, _, err = storage.Cosign(checkpoint, origin, operator, storage.Head{}, nil, "witness.example/xb", key(2), time.Unix(1_700_000_000, 0))
	require.NoError(t, err)

	f, err := trace.Resolve(t.Context(), w.ledger, trace.Query{Text: "XCW/L1/001", Recovered: trace.NoDay, KnownOn: trace.NoDay, AsOf: -1})
	require.NoError(t, err)
	require.NotNil(t, f.EndUser)
	w.file, err = Make(w.ledger, f, w.checkpoint, w.signer)
	require.NoError(t, err)
	return w
}

func (w world) bytes(t testing.TB) []byte {
	var b bytes.Buffer
	require.NoError(t, w.file.Write(&b))
	return b.Bytes()
}

func (w world) check(t testing.TB, bundle []byte) (Report, error) {
	t.Helper()
	f, err := Read(bundle)
	if err != nil {
		return Report{}, err
	}
	signers, err := ParseSigners(w.signers)
	require.NoError(t, err)
	trust, err := marking.ParseTrust(strings.NewReader(w.trust))
	require.NoError(t, err)
	return f.Check(context.Background(), signers, NewSignatures(trust)), nil
}

func TestBundle(t *testing.T) {
	w := newWorld(t)
	r, err := w.check(t, w.bytes(t))
	require.NoError(t, err)
	require.Empty(t, r.Wrong)
	require.Equal(t, Signed{Operator: true, Witnesses: []string{"witness.example/xb"}, Others: []string{}}, r.Signed)
	require.Equal(t, w.ledger.Head(), r.Head)
	require.Equal(t, "signed", r.Statement)
	require.Equal(t, Tally{Valid: 2}, r.Own)
	again, err := json.Marshal(r.Finding)
	require.NoError(t, err)
	var a, b any
	require.NoError(t, json.Unmarshal(again, &a))
	require.NoError(t, json.Unmarshal([]byte(w.file.Finding), &b))
	require.Equal(t, b, a, "the finding is another one after it was read back")
}

// Records that came after the head are not proven by it, and the question is
// bounded so that none is needed.
func TestLaterRecords(t *testing.T) {
	w := newWorld(t)
	r, err := trace.ParseRecord([]byte(`{"kind":"destruction","source":"XB-POL","id":"D1","at":"2025-02-20","holder":"XB-POL","lines":[{"item":"XCW/L1/001","quantity":400}]}`))
	require.NoError(t, err)
	_, err = w.ledger.Append(t.Context(), []*trace.Record{r})
	require.NoError(t, err)
	q := trace.Query{Text: "XCW/L1/001", Recovered: trace.NoDay, KnownOn: trace.NoDay, AsOf: -1}
	f, err := trace.Resolve(t.Context(), w.ledger, q)
	require.NoError(t, err)
	_, err = Make(w.ledger, f, w.checkpoint, w.signer)
	require.ErrorContains(t, err, "XB-POL:D1 came after the checkpoint of 7 records")
	q.AsOf, err = AsOf(w.ledger, q.AsOf, w.checkpoint)
	require.NoError(t, err)
	f, err = trace.Resolve(t.Context(), w.ledger, q)
	require.NoError(t, err)
	w.file, err = Make(w.ledger, f, w.checkpoint, w.signer)
	require.NoError(t, err)
	report, err := w.check(t, w.bytes(t))
	require.NoError(t, err)
	require.Empty(t, report.Wrong)

	other, err := storage.Open(t.TempDir(), storage.Config{})
	require.NoError(t, err)
	defer other.Close()
	_, err = Make(other, f, w.checkpoint, w.signer)
	require.Error(t, err, "a head of another ledger")
}

// Whatever is altered in a bundle is found: by this package, and by the program
// that was written from docs/proofs.md alone.
func TestAlteredBundles(t *testing.T) {
	w := newWorld(t)
	dir := t.TempDir()
	write := func(name, text string) string {
		name = filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(name, []byte(text), 0o600))
		return name
	}
	signers, keys := write("signers.txt", w.signers), write("keys.jsonl", w.trust)
	python := python(t)
	second := func(bundle []byte) (string, bool) {
		if python == "" {
			return "", false
		}
		out, err := exec.Command(python, filepath.Join("..", "..", "examples", "verify-bundle-python", "verify_bundle.py"), write("bundle.json", string(bundle)), signers, keys).CombinedOutput()
		if err != nil {
			require.Contains(t, string(out), "NOT PROVEN", "%s", out)
			require.NotContains(t, string(out), "Traceback")
		}
		return string(out), err == nil
	}
	if out, ok := second(w.bytes(t)); python != "" {
		require.True(t, ok, out)
		require.Contains(t, out, "signed by: ledger.example/xa, witness.example/xb")
		require.Contains(t, out, "signature: valid")
	}

	// A head that the operator signed for another history.
	forged, err := storage.SignHead(storage.Head{Size: 7, Root: [32]byte{1}}, origin, w.signer)
	require.NoError(t, err)
	stranger, _, err := storage.NewSigner(origin, key(9))
	require.NoError(t, err)
	strange, err := storage.SignHead(w.ledger.Head(), origin, stranger)
	require.NoError(t, err)
	for name, change := range map[string]func(f *File){
		"head of another history": func(f *File) { f.Checkpoint = string(forged) },
		"head of another signer":  func(f *File) { f.Checkpoint = string(strange) },
		"size of the head":        func(f *File) { f.Checkpoint = strings.Replace(f.Checkpoint, "\n7\n", "\n8\n", 1) },
		"name of the log":         func(f *File) { f.Checkpoint = strings.Replace(f.Checkpoint, "xa\n7", "xb\n7", 1) },
		"cosignature": func(f *File) {
			f.Checkpoint = f.Checkpoint[:len(f.Checkpoint)-20] + "A" + f.Checkpoint[len(f.Checkpoint)-19:]
		},
		"record":                   func(f *File) { f.Records[0].Record = strings.Replace(f.Records[0].Record, "XB-POL", "XC-POL", 1) },
		"form of a record":         func(f *File) { f.Records[0].Record += " " },
		"place":                    func(f *File) { f.Records[0].Seq++ },
		"place beyond":             func(f *File) { f.Records[0].Seq = 1 << 60 },
		"place before":             func(f *File) { f.Records[0].Seq = -1 },
		"hash of a proof":          func(f *File) { f.Records[0].Proof[0][3] ^= 1 },
		"proof too long":           func(f *File) { f.Records[0].Proof = append(f.Records[0].Proof, f.Records[0].Proof[0]) },
		"proof too short":          func(f *File) { f.Records[0].Proof = f.Records[0].Proof[1:] },
		"signature of a record":    func(f *File) { signedIn(f).Signature[5] ^= 1 },
		"a record left out":        func(f *File) { f.Records = f.Records[1:] },
		"word of the finding":      func(f *File) { f.Finding = strings.Replace(f.Finding, "XB-POL", "XC-POL", 1) },
		"space in the finding":     func(f *File) { f.Finding += " " },
		"statement":                func(f *File) { f.Statement = strings.Replace(f.Statement, "\n7\n", "\n8\n", 1) },
		"no statement":             func(f *File) { f.Statement = "" },
		"statement of the witness": func(f *File) { f.Statement = f.Checkpoint },
		"format":                   func(f *File) { f.Format = "sublot-evidence-2" },
	} {
		t.Run(name, func(t *testing.T) {
			f, err := Read(w.bytes(t))
			require.NoError(t, err)
			change(f)
			altered := world{file: f}
			bundle := altered.bytes(t)
			require.NotEqual(t, w.bytes(t), bundle, "nothing was altered")
			if r, err := w.check(t, bundle); err == nil {
				require.NotEmpty(t, r.Wrong)
			}
			if out, ok := second(bundle); python != "" {
				require.False(t, ok, out)
			}
		})
	}

	// Characters that nobody chose: found, or no part of what is proven.
	rng := rand.New(rand.NewPCG(1, 1))
	good := w.bytes(t)
	found, harmless := 0, 0
	for i := range 1500 {
		b := bytes.Clone(good)
		at := rng.IntN(len(b))
		b[at] ^= byte(1 + rng.IntN(127))
		r, err := w.check(t, b)
		if err != nil || len(r.Wrong) > 0 {
			found++
			if i < 12 && python != "" { // the second program may be stricter, never laxer
				if out, ok := second(b); ok {
					require.Contains(t, string(b), "\n", out)
					var x, y map[string]any
					require.NoError(t, json.Unmarshal(good, &x))
					require.NoError(t, json.Unmarshal(b, &y))
					for _, proven := range []string{"checkpoint", "records", "finding", "statement"} {
						require.Equal(t, x[proven], y[proven], "only what proves nothing may differ")
					}
				}
			}
			continue
		}
		harmless++
		// It holds, so that what it proves must be the same: the finding, the records
		// and the head.
		f, err := Read(b)
		require.NoError(t, err)
		require.Equal(t, w.file.Finding, f.Finding)
		require.Equal(t, w.ledger.Head(), r.Head)
		require.Len(t, r.Records, len(w.file.Records))
		for j := range f.Records {
			require.Equal(t, w.file.Records[j].Record, f.Records[j].Record)
			require.Equal(t, w.file.Records[j].Seq, f.Records[j].Seq)
		}
	}
	t.Logf("1,500 characters changed: %d found, %d harmless", found, harmless)
}

// signedIn returns a record of the bundle that its source signed.
func signedIn(f *File) *storage.BundledRecord {
	i := slices.IndexFunc(f.Records, func(r storage.BundledRecord) bool { return len(r.Signature) > 0 })
	return &f.Records[i]
}

// python finds an interpreter with the package that the second program needs:
// empty where there is none, which fails only where CI is set.
func python(t *testing.T) string {
	path, err := exec.LookPath("python3")
	if err == nil {
		err = exec.Command(path, "-c", "import cryptography").Run()
	}
	if err == nil {
		source, err := os.ReadFile(filepath.Join("..", "..", "examples", "verify-bundle-python", "verify_bundle.py"))
		require.NoError(t, err)
		require.LessOrEqual(t, strings.Count(string(source), "\n"), 120, "the program stays small")
		return path
	}
	require.Empty(t, os.Getenv("CI"), "python3 with its package cryptography is missing, and CI is set")
	t.Log("python3 with its package cryptography is missing: the second program was not run")
	return ""
}

// What two readers could read as two bundles is none.
func TestReadRefusesTwoMeanings(t *testing.T) {
	w := newWorld(t)
	good := string(w.bytes(t))
	for name, bundle := range map[string]string{
		"twice":            strings.Replace(good, `"finding":`, `"finding": "{}", "finding":`, 1),
		"another spelling": strings.Replace(good, `"finding":`, `"Finding": "{}", "finding":`, 1),
		"unknown field":    strings.Replace(good, `"finding":`, `"keys": [], "finding":`, 1),
		"record twice":     strings.Replace(good, `"record":`, `"record": "{}", "record":`, 1),
		"more behind":      good + "{}",
		"deep":             strings.Replace(good, `"records": [`, `"records": [[[[[[[[]]]]]]]], "x": [`, 1),
		"nothing":          "",
		"a list":           "[]",
	} {
		require.NotEqual(t, good, bundle, name)
		_, err := Read([]byte(bundle))
		require.Error(t, err, name)
	}
}

func TestProofTexts(t *testing.T) {
	w := newWorld(t)
	growth, err := w.ledger.ProveGrowth(3, 7)
	require.NoError(t, err)
	g := Growth{3, growth, w.checkpoint}
	read, err := ParseGrowth(g.Text())
	require.NoError(t, err)
	require.Equal(t, g, read)

	e, err := w.ledger.Get("XA-EXP:T1")
	require.NoError(t, err)
	proof, err := w.ledger.ProveRecord(e.Seq, 7)
	require.NoError(t, err)
	p := Inclusion{e.Seq, proof, w.checkpoint}
	back, err := ParseInclusion(p.Text())
	require.NoError(t, err)
	require.Equal(t, p, back)
	require.NoError(t, back.Check(e.Record.Canonical))
	require.Error(t, back.Check(append(e.Record.Canonical, ' ')))
	extra := bytes.Replace(p.Text(), []byte("\nindex"), []byte("\nextra YWJj\nindex"), 1)
	_, err = ParseInclusion(extra)
	require.NoError(t, err)

	for name, text := range map[string]string{
		"empty":             "",
		"no checkpoint":     "old 3\n",
		"a sign":            "old +3\n\n" + string(w.checkpoint),
		"leading zeroes":    "old 03\n\n" + string(w.checkpoint),
		"negative":          "old -3\n\n" + string(w.checkpoint),
		"another word":      "new 3\n\n" + string(w.checkpoint),
		"a short hash":      "old 3\nAAAA\n\n" + string(w.checkpoint),
		"word among hashes": "old 3\n" + growth[0].String() + "\nx\n" + growth[1].String() + "\n\n" + string(w.checkpoint),
		"many hashes":       "old 3\n" + strings.Repeat(growth[0].String()+"\n", 64) + "\n" + string(w.checkpoint),
		"no head":           "old 3\n\nledger.example/xa\nseven\n",
	} {
		_, err := ParseGrowth([]byte(text))
		require.Error(t, err, name)
	}
}

func TestSignatures(t *testing.T) {
	w := newWorld(t)
	trust, err := marking.ParseTrust(strings.NewReader(w.trust))
	require.NoError(t, err)
	e, err := w.ledger.Get("XB-POL:ST-1")
	require.NoError(t, err)
	state := func(trust *marking.Trust, change func(r *trace.Record)) string {
		r := *e.Record
		r.Signature = bytes.Clone(r.Signature)
		change(&r)
		s, err := NewSignatures(trust).State(&r)
		require.Equal(t, s == "invalid", err != nil)
		return s
	}
	same := func(*trace.Record) {}
	require.Equal(t, "valid", state(trust, same))
	require.Equal(t, "unsigned", state(trust, func(r *trace.Record) { r.Signature = nil }))
	require.Equal(t, "invalid", state(trust, func(r *trace.Record) { r.Signature[0] ^= 1 }))
	require.Equal(t, "invalid", state(trust, func(r *trace.Record) { r.Canonical = append(bytes.Clone(r.Canonical), ' ') }))
	require.Equal(t, "unknown_key", state(trust, func(r *trace.Record) { r.KeyHint = "00000000" }))
	none, err := marking.NewTrust()
	require.NoError(t, err)
	require.Equal(t, "unknown_key", state(none, same))
	other, err := marking.NewTrust(marking.Key{Source: "XC", ID: "K", Party: "XC-POL", Public: key(3).Public().(ed25519.PublicKey)})
	require.NoError(t, err)
	require.Equal(t, "invalid", state(other, same), "a key of another party")
	revoked, err := marking.ParseTrust(strings.NewReader(w.trust + `{"kind":"status","source":"XB-POL","id":"R1","at":"2025-01-01","of":"XB-POL:K1","state":"revoked"}`))
	require.NoError(t, err)
	require.Equal(t, "revoked_key", state(revoked, same))
	maker, err := marking.NewTrust(marking.Key{Source: "XB", ID: "K", Maker: "XB-POL", Public: key(3).Public().(ed25519.PublicKey)})
	require.NoError(t, err)
	require.Equal(t, "valid", state(maker, same), "the key of a maker stands for its records too")
}

func TestParseSigners(t *testing.T) {
	w := newWorld(t)
	s, err := ParseSigners(w.signers)
	require.NoError(t, err)
	require.Len(t, s, 2)
	require.Len(t, s.Operator(origin), 1)
	require.Len(t, s.Witnesses(origin), 1)
	for name, text := range map[string]string{
		"empty":           "# nobody\n",
		"twice":           w.signers + w.signers,
		"character":       strings.Replace(w.signers, "ledger", "ledge1", 1),
		"no parts":        "ledger.example/xa",
		"short key":       "a+00000000+AQ==",
		"other algorithm": "a+00000000+" + strings.Repeat("B", 44),
		"space in a name": "a b+00000000+" + strings.Repeat("A", 44),
	} {
		_, err := ParseSigners(text)
		require.Error(t, err, name)
	}
}

// FuzzBundle: no bundle makes the check panic or hang, and none but the true one
// proves anything.
func FuzzBundle(f *testing.F) {
	w := newWorld(f)
	f.Add(w.bytes(f))
	small := *w.file
	small.Finding, small.Statement, small.Records = "", "", small.Records[:1]
	f.Add(world{file: &small}.bytes(f))
	proven := map[string]bool{}
	for _, r := range w.file.Records {
		proven[r.Record] = true
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := w.check(t, b)
		if err != nil || len(r.Wrong) > 0 {
			return
		}
		require.Equal(t, w.ledger.Head(), r.Head)
		for _, e := range r.Records {
			require.True(t, proven[string(e.Record.Canonical)])
		}
		if r.Finding != nil {
			require.Equal(t, "signed", r.Statement)
		}
	})
}

// FuzzProofTexts: what is read as a request or a proof has one spelling.
func FuzzProofTexts(f *testing.F) {
	w := newWorld(f)
	growth, err := w.ledger.ProveGrowth(3, 7)
	require.NoError(f, err)
	f.Add(Growth{3, growth, w.checkpoint}.Text())
	proof, err := w.ledger.ProveRecord(4, 7)
	require.NoError(f, err)
	f.Add(Inclusion{4, proof, w.checkpoint}.Text())
	f.Fuzz(func(t *testing.T, b []byte) {
		if g, err := ParseGrowth(b); err == nil {
			require.Equal(t, b, g.Text())
		}
		if p, err := ParseInclusion(b); err == nil {
			if !bytes.Contains(b, []byte("\nextra ")) {
				require.Equal(t, b, p.Text())
			}
			_ = p.Check([]byte("{}"))
		}
	})
}

// FuzzSigners: a verifier key has one spelling.
func FuzzSigners(f *testing.F) {
	w := newWorld(f)
	f.Add(w.signers)
	f.Fuzz(func(t *testing.T, text string) {
		signers, err := ParseSigners(text)
		if err != nil {
			return
		}
		for _, s := range signers {
			if v, ok := s.(fmt.Stringer); ok {
				require.Contains(t, text, v.String())
			}
		}
	})
}
