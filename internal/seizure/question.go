package seizure

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/sublot/sublot/marking"
	"github.com/sublot/sublot/trace"
)

// A Question is one row of a batch: a mark that was found and what is known of
// the recovery.
type Question struct {
	Line      int          // of the file it came from
	Case      string       // the name that the file gives it: of a recovery record, SOURCE:ID
	Text      string       // an identity or a clue
	Item      marking.Span // what the agency read it as; zero: Text is read
	Recovered trace.Day    // NoDay: not known
	Quantity  int64        // rounds; 0: not known
	Condition string
	KnownOn   trace.Day
}

// A RowError says what is wrong with a row of a batch.
type RowError struct {
	Line   int    `json:"line"`
	Reason string `json:"reason"`
	hint   string
}

func (e *RowError) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Reason) }

// Hint says what a row holds.
func (e *RowError) Hint() string {
	if e.hint != "" {
		return e.hint
	}
	return `a row is a recovery record, or {"text":"XCW24C001-012","recovered":"2025-02-10","quantity":500}, or the mark alone`
}

const maxRow = 1 << 20 // bytes

// Questions reads a batch and calls f with every question, or with what is wrong
// with a row. A row is a recovery record, whose items are a question each; a JSON
// object with text, case, recovered, quantity, condition and known_on; or a mark
// as it was read. Empty rows and those that begin with # are passed over. It
// ends with the error of f or of in.
func Questions(in io.Reader, f func(Question, *RowError) error) error {
	r := bufio.NewReaderSize(in, 64<<10)
	for n := 1; ; n++ {
		row, long, err := readRow(r)
		if err != nil && err != io.EOF {
			return err
		}
		end := err == io.EOF
		row = bytes.TrimSpace(bytes.TrimPrefix(row, []byte("\ufeff")))
		switch {
		case long:
			err = f(Question{}, &RowError{n, fmt.Sprintf("longer than %d bytes", maxRow), ""})
		case len(row) == 0 || row[0] == '#':
			err = nil
		default:
			err = oneRow(row, n, f)
		}
		if err != nil || end {
			if err == io.EOF {
				err = nil
			}
			return err
		}
	}
}

func readRow(r *bufio.Reader) (row []byte, long bool, err error) {
	for {
		part, err := r.ReadSlice('\n')
		if !long {
			row = append(row, part...)
		}
		if long = long || len(row) > maxRow; long {
			row = nil
		}
		if err != bufio.ErrBufferFull {
			return row, long, err
		}
	}
}

func oneRow(row []byte, n int, f func(Question, *RowError) error) error {
	if row[0] != '{' {
		if !utf8.Valid(row) {
			return f(Question{}, &RowError{n, "not UTF-8", "save the file as UTF-8"})
		}
		return f(Question{Line: n, Text: string(row), Recovered: trace.NoDay, KnownOn: trace.NoDay}, nil)
	}
	var kind struct {
		Kind   *string         `json:"kind"`
		Record json.RawMessage `json:"record"`
	}
	if err := json.Unmarshal(row, &kind); err != nil {
		return f(Question{}, &RowError{n, "not complete JSON: " + err.Error(), ""})
	}
	if kind.Kind == nil && kind.Record == nil {
		q, err := question(row)
		if err != nil {
			return f(Question{}, &RowError{n, err.Error(), ""})
		}
		q.Line = n
		return f(q, nil)
	}
	record, err := trace.ParseRecord(row)
	if err != nil {
		e := &RowError{n, strings.TrimPrefix(err.Error(), "trace: "), ""}
		if h, ok := errors.AsType[*trace.RecordError](err); ok {
			e.hint = h.Hint()
		}
		return f(Question{}, e)
	}
	if record.Kind != trace.KindRecovery {
		return f(Question{}, &RowError{n, fmt.Sprintf("a %s record, wanted a recovery", record.Kind), ""})
	}
	for _, q := range QuestionsOf(record) {
		q.Line = n
		if err := f(q, nil); err != nil {
			return err
		}
	}
	return nil
}

// question reads a row that is a question of its own.
func question(row []byte) (Question, error) {
	q := Question{Recovered: trace.NoDay, KnownOn: trace.NoDay}
	v := struct {
		Text      string    `json:"text"`
		Case      string    `json:"case"`
		Recovered trace.Day `json:"recovered"`
		KnownOn   trace.Day `json:"known_on"`
		Quantity  int64     `json:"quantity"`
		Condition string    `json:"condition"`
	}{Recovered: trace.NoDay, KnownOn: trace.NoDay}
	d := json.NewDecoder(bytes.NewReader(row))
	d.DisallowUnknownFields()
	if err := d.Decode(&v); err != nil {
		return q, errors.New(strings.TrimPrefix(strings.TrimPrefix(err.Error(), "json: "), "trace: "))
	}
	if v.Text == "" {
		return q, errors.New("no text: which mark is asked about?")
	}
	q.Text, q.Case, q.Recovered, q.KnownOn, q.Quantity, q.Condition = v.Text, v.Case, v.Recovered, v.KnownOn, v.Quantity, v.Condition
	return q, nil
}

// QuestionsOf returns what is to be asked about each item of a recovery record.
func QuestionsOf(r *trace.Record) []Question {
	var out []Question
	for _, it := range r.Body.(*trace.Recovery).Items {
		q := Question{Case: string(r.Ref()), Text: it.Clue, Item: it.Item, Recovered: r.At.Day(), Quantity: it.Quantity, Condition: it.Condition, KnownOn: trace.NoDay}
		switch {
		case q.Text != "" && q.Item.IsZero():
		case !q.Item.IsZero():
			q.Text = it.Item.String()
		default:
			q.Text = it.Calibre // what the marks do not tell, if anything
		}
		out = append(out, q)
	}
	return out
}

// query is the question as the rules take it.
func (q Question) query(today trace.Day) trace.Query {
	return trace.Query{Text: q.Text, Item: q.Item, Recovered: q.Recovered, Quantity: q.Quantity, Condition: q.Condition, KnownOn: q.KnownOn, AsOf: -1, Today: today}
}
