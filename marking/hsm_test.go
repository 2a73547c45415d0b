package marking

import (
	"crypto"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// A token signs through a PKCS #11 module, in another process: the key never
// leaves it. It is what a maker writes around the module of its own device.
type token struct {
	tool, module string
	env          []string
	dir          string
	public       ed25519.PublicKey
}

func (k token) run(args ...string) ([]byte, error) {
	cmd := exec.Command(k.tool, append([]string{"--module", k.module, "--token-label", "line", "--login", "--pin", "1234", "--id", "01"}, args...)...)
	cmd.Env = k.env
	out, err := cmd.CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("%v: %w: %s", args, err, out)
	}
	return out, nil
}

func (k token) Public() crypto.PublicKey { return k.public }

func (k token) Sign(_ io.Reader, message []byte, opts crypto.SignerOpts) ([]byte, error) {
	if opts.HashFunc() != 0 {
		return nil, fmt.Errorf("wanted the message, not a digest")
	}
	in, out := filepath.Join(k.dir, "message"), filepath.Join(k.dir, "signature")
	if err := os.WriteFile(in, message, 0o600); err != nil {
		return nil, err
	}
	if _, err := k.run("--sign", "--mechanism", "EDDSA", "-i", in, "-o", out); err != nil {
		return nil, err
	}
	return os.ReadFile(out)
}

func TestSignInHardware(t *testing.T) {
	util, tool := peer(t, "softhsm2-util"), peer(t, "pkcs11-tool")
	found, _ := filepath.Glob("/usr/lib*/softhsm/libsofthsm2.so")
	more, _ := filepath.Glob("/usr/lib*/*/softhsm/libsofthsm2.so")
	found = append(found, more...)
	if len(found) == 0 {
		require.Empty(t, os.Getenv("CI"), "softhsm2-util is here, but not where its module is known to lie, and CI is set")
		t.Skip("softhsm2-util is here, but not where its module is known to lie")
	}
	dir := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(dir, "tokens"), 0o700))
	conf := filepath.Join(dir, "softhsm2.conf")
	require.NoError(t, os.WriteFile(conf, []byte("directories.tokendir = "+filepath.Join(dir, "tokens")+"\nobjectstore.backend = file\n"), 0o600))
	k := token{tool: tool, module: found[0], env: append(os.Environ(), "SOFTHSM2_CONF="+conf), dir: dir}

	initialise := exec.Command(util, "--init-token", "--free", "--label", "line", "--pin", "1234", "--so-pin", "5678")
	initialise.Env = k.env
	out, err := initialise.CombinedOutput()
	require.NoError(t, err, "%s", out)
	_, err = k.run("--keypairgen", "--key-type", "EC:edwards25519", "--label", "line")
	require.NoError(t, err)
	_, err = k.run("--read-object", "--type", "pubkey", "-o", filepath.Join(dir, "public"))
	require.NoError(t, err)
	b, err := os.ReadFile(filepath.Join(dir, "public"))
	require.NoError(t, err)
	if block, _ := pem.Decode(b); block != nil {
		b = block.Bytes
	}
	parsed, err := x509.ParsePKIXPublicKey(b)
	require.NoError(t, err)
	k.public = parsed.(ed25519.PublicKey)

	frame, err := Sign(benchMark(), k)
	require.NoError(t, err)
	trust, err := NewTrust(Key{Source: "XA-EXP", ID: "HSM", Maker: "XCW", Public: k.public})
	require.NoError(t, err)
	v, err := Open(frame, trust)
	require.NoError(t, err)
	require.Equal(t, StateValid, v.Signature)
}
