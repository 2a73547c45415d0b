package evidence

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"github.com/sublot/sublot/storage"
	"github.com/sublot/sublot/trace"
)

// Format is what the first field of a bundle says.
const Format = "sublot-evidence-1"

// MaxFile is the largest bundle that is read, in bytes.
const MaxFile = 256 << 20

// A File is a bundle as it is written: a finding and the records that it rests
// on, with the proofs that they stand in a log whose head was signed.
type File struct {
	Format string `json:"format"`
	storage.Bundle

	// Finding is the JSON text of a finding as it was printed, empty where the
	// bundle is of records alone.
	Finding string `json:"finding,omitempty"`

	// Statement is the operator's signed word that its ledger gave this finding
	// at the head of the bundle: a note, see [statement].
	Statement string `json:"statement,omitempty"`
}

// Cited returns the records that the JSON form of a finding names, each once, in
// the order of their names: every text under the name record, and every text in
// a list under the name records.
func Cited(finding []byte) ([]trace.Ref, error) {
	var v any
	if err := json.Unmarshal(finding, &v); err != nil {
		return nil, err
	}
	var refs []trace.Ref
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, item := range v {
				walk(item)
			}
		case map[string]any:
			for name, item := range v {
				if text, ok := item.(string); ok && name == "record" {
					refs = append(refs, trace.Ref(text))
				}
				list, ok := item.([]any)
				for _, ref := range list {
					if text, is := ref.(string); is && ok && name == "records" {
						refs = append(refs, trace.Ref(text))
					}
				}
				walk(item)
			}
		}
	}
	walk(v)
	slices.Sort(refs)
	return slices.Compact(refs), nil
}

// Make makes the bundle of a finding: the records that it and its steps name,
// with their proofs against a checkpoint of the ledger. The finding must not know more than the
// checkpoint: resolve it with trace.Query.AsOf at most the checkpoint's size.
// Signer, where there is one, states that the finding is the ledger's.
func Make(l *storage.Ledger, f *trace.Finding, checkpoint []byte, signer note.Signer) (*File, error) {
	origin, h, err := storage.ReadHead(checkpoint)
	if err != nil {
		return nil, err
	}
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(f); err != nil {
		return nil, err
	}
	file := &File{Format: Format, Finding: strings.TrimSuffix(text.String(), "\n")}
	refs, err := Cited([]byte(file.Finding))
	if err != nil {
		return nil, err
	}
	for _, step := range f.Steps {
		refs = append(refs, step.Records...)
	}
	slices.Sort(refs)
	b, err := l.Bundle(checkpoint, slices.Compact(refs))
	if err != nil {
		return nil, err
	}
	file.Bundle = *b
	if signer != nil {
		signed, err := note.Sign(&note.Note{Text: statement(origin, h, file.Finding)}, signer)
		if err != nil {
			return nil, err
		}
		file.Statement = string(signed)
	}
	return file, nil
}

// AsOf bounds a question by the head of a checkpoint of the ledger, so that the
// finding rests on nothing that came later. A ledger that is no longer than the
// checkpoint needs no bound.
func AsOf(l *storage.Ledger, asOf int64, checkpoint []byte) (int64, error) {
	_, h, err := storage.ReadHead(checkpoint)
	if err != nil {
		return asOf, err
	}
	if (asOf < 0 && l.Len() > h.Size) || asOf > h.Size {
		return h.Size, nil
	}
	return asOf, nil
}

// statement is the text that an operator signs to say that a finding is the
// ledger's:
//
//	sublot finding v1
//	name of the log
//	records under the head
//	root in base64
//	SHA-256 of the finding's JSON text, in base64
func statement(origin string, h storage.Head, finding string) string {
	sum := sha256.Sum256([]byte(finding))
	return fmt.Sprintf("sublot finding v1\n%s\n%d\n%s\n%s\n", origin, h.Size,
		base64.StdEncoding.EncodeToString(h.Root[:]), base64.StdEncoding.EncodeToString(sum[:]))
}

// Write writes a bundle.
func (f *File) Write(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	return enc.Encode(f)
}

// Read reads a bundle. Nothing of it is checked yet.
func Read(b []byte) (*File, error) {
	if len(b) > MaxFile {
		return nil, fmt.Errorf("a bundle of %d bytes, wanted %d at most", len(b), MaxFile)
	}
	if err := onlyOnce(b); err != nil {
		return nil, fmt.Errorf("this is no bundle of evidence: %w", err)
	}
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	var f File
	if err := dec.Decode(&f); err != nil {
		return nil, fmt.Errorf("this is no bundle of evidence: %w", err)
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, errors.New("there is more after the bundle")
	}
	if f.Format != Format {
		return nil, fmt.Errorf("the bundle has format %.60q, wanted %q", f.Format, Format)
	}
	return &f, nil
}

// fields are the names in a bundle.
var fields = []string{"format", "checkpoint", "records", "finding", "statement", "seq", "record", "key", "signature", "proof"}

// onlyOnce refuses what two readers could understand as two things: a name that
// stands twice in an object, or in another spelling than ours, which the decoder
// takes for it.
func onlyOnce(b []byte) error {
	dec := json.NewDecoder(bytes.NewReader(b))
	var value func(depth int) error
	value = func(depth int) error {
		t, err := dec.Token()
		if err != nil {
			return err
		}
		open, ok := t.(json.Delim)
		if !ok {
			return nil
		}
		if depth > 4 {
			return errors.New("it nests too deep")
		}
		seen := map[string]bool{}
		for dec.More() {
			if open == '{' {
				name, err := dec.Token()
				if err != nil {
					return err
				}
				text, _ := name.(string)
				switch {
				case !slices.Contains(fields, text):
					return fmt.Errorf("field %.60q is not one of a bundle", text)
				case seen[text]:
					return fmt.Errorf("field %q stands twice", text)
				}
				seen[text] = true
			}
			if err := value(depth + 1); err != nil {
				return err
			}
		}
		_, err = dec.Token()
		return err
	}
	return value(0)
}

// A Report says what of a bundle is proven. It stands where Wrong is empty.
type Report struct {
	Origin    string         `json:"log"`
	Head      storage.Head   `json:"-"`
	Size      int64          `json:"size"`
	Root      string         `json:"root"`
	Signed    Signed         `json:"signed"`
	Records   []trace.Entry  `json:"-"`
	Proven    int            `json:"records"`    // that stand in the log
	Own       Tally          `json:"signatures"` // the records' own
	Finding   *trace.Finding `json:"-"`
	Statement string         `json:"finding,omitempty"` // signed, unsigned, or empty where there is none
	Wrong     []string       `json:"wrong"`
}

// Check checks a bundle by the keys of those whom its reader believes. Records,
// where it is not nil, judges the records' own signatures.
func (f *File) Check(ctx context.Context, signers Signers, records *Signatures) Report {
	r := Report{Wrong: []string{}, Signed: Signed{Witnesses: []string{}, Others: []string{}}}
	wrong := func(format string, args ...any) { r.Wrong = append(r.Wrong, fmt.Sprintf(format, args...)) }
	var err error
	r.Origin, r.Head, r.Signed, err = signers.Judge([]byte(f.Checkpoint))
	if err != nil {
		wrong("%s", plain(err))
		return r
	}
	r.Size, r.Root = r.Head.Size, base64.StdEncoding.EncodeToString(r.Head.Root[:])
	if !r.Signed.Operator {
		if len(signers.Operator(r.Origin)) == 0 {
			wrong("nobody was named who signs for the log %s: its head is a claim", r.Origin)
		} else {
			wrong("the head of the log is not signed by %s", r.Origin)
		}
	}
	r.Records, err = f.Bundle.Proven(r.Head)
	r.Proven = len(r.Records)
	if err != nil {
		wrong("%s", plain(err))
	}
	if records != nil {
		for _, e := range r.Records {
			if ctx.Err() != nil {
				wrong("interrupted")
				return r
			}
			if e.Record.Signature == nil {
				continue
			}
			if err := records.Check(e.Record); err != nil {
				wrong("record %s: %s", e.Record.Ref(), plain(err))
			}
		}
		r.Own = records.Tally()
	}
	f.checkFinding(&r, signers, wrong)
	return r
}

// checkFinding checks that the finding is the operator's word and that the
// records it names are there.
func (f *File) checkFinding(r *Report, signers Signers, wrong func(string, ...any)) {
	if f.Finding == "" {
		if f.Statement != "" {
			wrong("a statement about a finding that is not there")
		}
		return
	}
	var finding trace.Finding
	if err := json.Unmarshal([]byte(f.Finding), &finding); err != nil {
		wrong("the finding cannot be read: %s", plain(err))
		return
	}
	r.Finding = &finding
	there := map[trace.Ref]bool{}
	for _, e := range r.Records {
		there[e.Record.Ref()] = true
	}
	refs, err := Cited([]byte(f.Finding))
	if err != nil {
		wrong("the finding cannot be read: %s", plain(err))
		return
	}
	for _, ref := range refs {
		if !there[ref] {
			wrong("the finding rests on record %s, which is not proven here", ref)
		}
	}
	if f.Statement == "" {
		r.Statement = "unsigned"
		wrong("the finding is not signed: its records may be proven, its words are those of whoever made the file")
		return
	}
	r.Statement = "signed"
	n, err := note.Open([]byte(f.Statement), note.VerifierList(signers.Operator(r.Origin)...))
	switch {
	case err != nil:
		r.Statement = "unsigned"
		wrong("the finding is not signed by %s", r.Origin)
	case n.Text != statement(r.Origin, r.Head, f.Finding):
		r.Statement = "unsigned"
		wrong("%s signed another finding, or for another head", r.Origin)
	}
}

// plain is an error without the name of the package that noticed it.
func plain(err error) string {
	text := err.Error()
	for _, p := range []string{"storage: ", "trace: ", "tlog: ", "evidence: "} {
		text = strings.TrimPrefix(text, p)
	}
	return text
}
