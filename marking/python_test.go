package marking

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A reader written in another language from docs/format.md alone reads every
// vector as this one does.
func TestSecondReader(t *testing.T) {
	python := peer(t, "python3")
	if out, err := exec.Command(python, "-c", "import cryptography").CombinedOutput(); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("python3 has no package cryptography, and CI is set: %s", out)
		}
		t.Skip("python3 has no package cryptography")
	}
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
