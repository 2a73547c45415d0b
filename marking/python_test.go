package marking

import (
	"bytes"
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// python finds an interpreter with the package that the second reader needs: the
// first on the path may be another than Debian's, for which the package is installed.
func python(t *testing.T) string {
	path := peer(t, "python3")
	for _, p := range []string{path, "/usr/bin/python3"} {
		if exec.Command(p, "-c", "import cryptography").Run() == nil {
			return p
		}
	}
	if os.Getenv("CI") != "" {
		t.Fatal("python3 has no package cryptography, and CI is set: install python3-cryptography")
	}
	t.Skip("python3 has no package cryptography")
	return ""
}

// A reader written in another language from docs/format.md alone reads every
// vector as this one does.
func TestSecondReader(t *testing.T) {
	python := python(t)
	script := filepath.Join("..", "examples", "verify-python", "verify.py")
	source, err := os.ReadFile(script)
	require.NoError(t, err)
	require.Less(t, strings.Count(string(source), "\n"), 200, "a reader stays small")

	out, err := exec.Command(python, script, "vectors", vectorDir).CombinedOutput()
	require.NoError(t, err, "%s", out)
	require.Contains(t, string(out), fmt.Sprintf("%d vectors, 0 wrong", len(readVectors(t, "accept.jsonl"))+len(readVectors(t, "reject.jsonl"))))

	// And it says no where it should.
	frame := readVectors(t, "accept.jsonl")[0]
	out, err = exec.Command(python, script, "frame", filepath.Join(vectorDir, "trust.jsonl"), frame.Frame).CombinedOutput()
	require.NoError(t, err, "%s", out)
	require.Contains(t, string(out), "valid XA-EXP:K1")
	bad := frame.Frame[:len(frame.Frame)-2] + "00"
	out, err = exec.Command(python, script, "frame", filepath.Join(vectorDir, "trust.jsonl"), bad).CombinedOutput()
	require.Error(t, err, "%s", out)
}

// readers is the number of payloads that TestReadersAgree tries.
const readers = "SUBLOT_READERS"

// The two readers agree on payloads that nobody chose: frames changed in one to
// three places, signed anew so that all but the change is right, or unsigned.
func TestReadersAgree(t *testing.T) {
	python := python(t)
	n := 2000
	if s := os.Getenv(readers); s != "" {
		var err error
		n, err = strconv.Atoi(s)
		require.NoError(t, err)
	}
	trust := vectorTrust(t)
	r := rand.New(rand.NewPCG(uint64(n), 10))
	dir := t.TempDir()
	var file bytes.Buffer
	enc := json.NewEncoder(&file)
	refusals := 0
	for i := range n {
		m := randomMark(r)
		m.Item = MustParseID("XCW" + strings.TrimPrefix(m.Item.String(), m.Item.Maker()))
		frame, err := Sign(m, testKey(1))
		require.NoError(t, err)
		claims := frame[:len(frame)-signatureLen]
		if i%5 == 0 {
			claims = append([]byte{claims[0] | unsignedFlag}, claims[1+hintLen:]...)
		}
		for range 1 + r.IntN(3) {
			if len(claims) < hintLen+2 {
				break
			}
			at := hintLen + 1 + r.IntN(len(claims)-hintLen-1)
			if i%5 == 0 {
				at = r.IntN(len(claims))
			}
			switch r.IntN(4) {
			case 0:
				claims[at] ^= 1 << r.IntN(8)
			case 1:
				claims[at] = []byte{0, 1, 2, 3, 4, 16, ' ', '=', 0x7f, 0x80, 0xc3, 0xff}[r.IntN(12)]
			case 2:
				claims = slices.Delete(claims, at, at+1)
			case 3:
				claims = slices.Insert(slices.Clip(claims), at, claims[r.IntN(len(claims))])
			}
		}
		frame = claims
		if i%5 > 0 {
			frame = append(slices.Clip(claims), ed25519.Sign(testKey(1), append([]byte(signContext), claims...))...)
		}
		v := vector{Name: fmt.Sprintf("payload %d %x", i, frame), Must: []string{"F11"}, Frame: hex.EncodeToString(frame), Verdict: refused}
		if verdict, err := Open(frame, trust); err == nil {
			w, err := parseWire(frame)
			require.NoError(t, err)
			v.Verdict, v.Mark = string(verdict.Signature), claimOf(w, verdict.Mark)
		} else {
			refusals++
		}
		require.NoError(t, enc.Encode(v))
	}
	require.NoError(t, os.WriteFile(filepath.Join(dir, "accept.jsonl"), file.Bytes(), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "reject.jsonl"), nil, 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "trust.jsonl"), []byte(testTrust()), 0o600))
	out, err := exec.Command(python, filepath.Join("..", "examples", "verify-python", "verify.py"), "vectors", dir).CombinedOutput()
	require.NoError(t, err, "%.4000s", out)
	require.Contains(t, string(out), fmt.Sprintf("%d vectors, 0 wrong", n))
	t.Logf("%d payloads, %d of them refused by both", n, refusals)
}
