package evidence

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/sublot/sublot/storage"
)

// maxText is the longest proof that is read, in bytes.
const maxText = 128 << 10

// A Growth asks a witness to cosign a checkpoint: the head that the witness
// cosigned before had Old records, and Proof shows that the checkpoint's log
// grew from it. Its text form is the body of an add-checkpoint request of
// c2sp.org/tlog-witness.
type Growth struct {
	Old        int64
	Proof      tlog.TreeProof
	Checkpoint []byte
}

// Text writes the request.
func (g Growth) Text() []byte {
	return appendProof(fmt.Appendf(nil, "old %d\n", g.Old), g.Proof, g.Checkpoint)
}

// ParseGrowth reads a request.
func ParseGrowth(text []byte) (g Growth, err error) {
	head, proof, checkpoint, err := splitProof(text)
	if err != nil {
		return g, err
	}
	if len(head) != 1 {
		return g, errors.New("this is no request for a cosignature: wanted a first line such as old 1234")
	}
	if g.Old, err = number(head[0], "old "); err != nil {
		return g, err
	}
	g.Proof, g.Checkpoint = tlog.TreeProof(proof), checkpoint
	if _, _, err := storage.ReadHead(checkpoint); err != nil {
		return g, err
	}
	return g, nil
}

const proofHeader = "c2sp.org/tlog-proof@v1"

// An Inclusion shows that the record at a place in the log is under the head of
// a checkpoint. Its text form is that of c2sp.org/tlog-proof.
type Inclusion struct {
	Index      int64
	Proof      tlog.RecordProof
	Checkpoint []byte
}

// Text writes the proof.
func (p Inclusion) Text() []byte {
	return appendProof(fmt.Appendf(nil, "%s\nindex %d\n", proofHeader, p.Index), p.Proof, p.Checkpoint)
}

// ParseInclusion reads a proof.
func ParseInclusion(text []byte) (p Inclusion, err error) {
	head, proof, checkpoint, err := splitProof(text)
	if err != nil {
		return p, err
	}
	if len(head) == 3 && strings.HasPrefix(head[1], "extra ") {
		head = []string{head[0], head[2]} // nothing vouches for it
	}
	if len(head) != 2 || head[0] != proofHeader {
		return p, fmt.Errorf("this is no proof: wanted a first line %s", proofHeader)
	}
	if p.Index, err = number(head[1], "index "); err != nil {
		return p, err
	}
	p.Proof, p.Checkpoint = tlog.RecordProof(proof), checkpoint
	_, h, err := storage.ReadHead(checkpoint)
	if err == nil && p.Index >= h.Size {
		err = fmt.Errorf("record %d is beyond the %d of the checkpoint", p.Index, h.Size)
	}
	return p, err
}

// Check checks the proof for a record in canonical form.
func (p Inclusion) Check(canonical []byte) error {
	_, h, err := storage.ReadHead(p.Checkpoint)
	if err != nil {
		return err
	}
	return tlog.CheckRecord(p.Proof, h.Size, h.Root, p.Index, tlog.RecordHash(canonical))
}

func appendProof(b []byte, proof []tlog.Hash, checkpoint []byte) []byte {
	for _, h := range proof {
		b = append(b, h.String()...)
		b = append(b, '\n')
	}
	return append(append(b, '\n'), checkpoint...)
}

// splitProof takes apart lines of words, lines of hashes, an empty line and a
// checkpoint.
func splitProof(text []byte) (words []string, proof []tlog.Hash, checkpoint []byte, err error) {
	if len(text) > maxText {
		return nil, nil, nil, fmt.Errorf("a proof of %d bytes, wanted %d at most", len(text), maxText)
	}
	before, checkpoint, ok := bytes.Cut(text, []byte("\n\n"))
	if !ok {
		return nil, nil, nil, errors.New("no checkpoint after an empty line")
	}
	for _, line := range strings.Split(string(before), "\n") {
		b, err := base64.StdEncoding.Strict().DecodeString(line)
		switch {
		case err == nil && len(b) == tlog.HashSize:
			proof = append(proof, tlog.Hash(b))
		case len(proof) > 0:
			return nil, nil, nil, fmt.Errorf("%.60q among the hashes of the proof, wanted 32 bytes in base64", line)
		default:
			words = append(words, line)
		}
	}
	if len(proof) > 63 {
		return nil, nil, nil, fmt.Errorf("a proof of %d hashes, wanted 63 at most", len(proof))
	}
	return words, proof, checkpoint, nil
}

// number reads a line of a word and a count that has one spelling.
func number(line, word string) (int64, error) {
	text, ok := strings.CutPrefix(line, word)
	n, err := strconv.ParseInt(text, 10, 64)
	if !ok || err != nil || n < 0 || strconv.FormatInt(n, 10) != text {
		return 0, fmt.Errorf("found %.60q, wanted %sand a count", line, word)
	}
	return n, nil
}
