package marking

import (
	"bytes"
	"crypto/rand"
	"encoding/pem"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestKeyFiles(t *testing.T) {
	key, err := NewKey(rand.Reader)
	require.NoError(t, err)
	for _, pass := range []string{"", "correct horse", "пароль"} {
		file, err := SaveKey(key, "line 4", []byte(pass))
		require.NoError(t, err)
		back, err := LoadKey(file, []byte(pass))
		require.NoError(t, err)
		require.True(t, key.Equal(back))
		if pass == "" {
			continue
		}
		_, err = LoadKey(file, nil)
		require.ErrorIs(t, err, ErrNoPassphrase)
		_, err = LoadKey(file, []byte("wrong"))
		require.ErrorIs(t, err, ErrWrongPassphrase)
	}
	_, err = NewKey(strings.NewReader("too short"))
	require.Error(t, err)
	_, err = SaveKey(key[:10], "", nil)
	require.Error(t, err)
}

// The same random bytes give the same key: tests and demos can repeat.
func TestNewKeyRepeats(t *testing.T) {
	a, err := NewKey(bytes.NewReader(make([]byte, 32)))
	require.NoError(t, err)
	b, err := NewKey(bytes.NewReader(make([]byte, 32)))
	require.NoError(t, err)
	require.Equal(t, a, b)
}

func TestKeyFilesRefused(t *testing.T) {
	file, err := SaveKey(testKey(1), "", []byte("p"))
	require.NoError(t, err)
	block, _ := pem.Decode(file)
	slow := bytes.Replace(block.Bytes, []byte{0, 0, 0, 16, 0, 0, 0, 1}, []byte{0xff, 0xff, 0xff, 0xff, 0, 0, 0, 1}, 1)
	require.NotEqual(t, block.Bytes, slow)
	for name, c := range map[string]struct {
		file []byte
		says string
	}{
		"empty":       {nil, "no PEM block"},
		"text":        {[]byte("hello"), "no PEM block"},
		"certificate": {pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: []byte{1}}), "wanted OPENSSH"},
		"cut":         {pem.EncodeToMemory(&pem.Block{Type: block.Type, Bytes: block.Bytes[:60]}), "reading a key"},
		"hours":       {pem.EncodeToMemory(&pem.Block{Type: block.Type, Bytes: slow}), "rounds of bcrypt"},
		"huge":        {bytes.Repeat([]byte("a"), 1<<20), "at most"},
		"PKCS 8":      {pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: []byte{1}}), "reading a key"},
	} {
		_, err := LoadKey(c.file, []byte("p"))
		require.ErrorContains(t, err, c.says, name)
	}
}

// peer finds a program that the test compares with. Where CI is set it must be there.
func peer(t *testing.T, name string) string {
	path, err := exec.LookPath(name)
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("%s is not installed, and CI is set", name)
		}
		t.Skipf("%s is not installed", name)
	}
	return path
}

func TestOpenSSHReadsOurKeys(t *testing.T) {
	keygen := peer(t, "ssh-keygen")
	dir := t.TempDir()
	path := filepath.Join(dir, "line.key")
	file, err := SaveKey(testKey(1), "line 4", []byte("secret"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, file, 0o600))
	out, err := exec.Command(keygen, "-y", "-P", "secret", "-f", path).CombinedOutput()
	require.NoError(t, err, "%s", out)
	require.Contains(t, string(out), "ssh-ed25519 ")

	theirs := filepath.Join(dir, "theirs")
	out, err = exec.Command(keygen, "-q", "-t", "ed25519", "-N", "geheim", "-C", "a key of ssh-keygen", "-f", theirs).CombinedOutput()
	require.NoError(t, err, "%s", out)
	b, err := os.ReadFile(theirs)
	require.NoError(t, err)
	key, err := LoadKey(b, []byte("geheim"))
	require.NoError(t, err)
	f, err := Sign(Mark{Item: MustParseID("XCW/1"), Level: Box}, key)
	require.NoError(t, err)
	require.Len(t, f, 76)

	rsa := filepath.Join(dir, "rsa")
	out, err = exec.Command(keygen, "-q", "-t", "ecdsa", "-N", "", "-f", rsa).CombinedOutput()
	require.NoError(t, err, "%s", out)
	b, err = os.ReadFile(rsa)
	require.NoError(t, err)
	_, err = LoadKey(b, nil)
	require.ErrorContains(t, err, "wanted Ed25519")
}

func FuzzLoadKey(f *testing.F) {
	for _, pass := range []string{"", "p"} {
		file, err := SaveKey(testKey(1), "c", []byte(pass))
		require.NoError(f, err)
		f.Add(file)
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		if bytes.Contains(file, []byte("OPENSSH")) {
			if block, _ := pem.Decode(file); block != nil {
				if n, _ := kdfRounds(block.Bytes); n > 2 {
					t.Skip("slow on purpose")
				}
			}
		}
		if key, err := LoadKey(file, []byte("p")); err == nil {
			_, err = SaveKey(key, "", nil)
			require.NoError(t, err)
		}
	})
}
