package seizure

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/sublot/sublot/marking"
	"github.com/sublot/sublot/marking/calibre"
	"github.com/sublot/sublot/trace"
)

// A Remark is something to see to before a recovery record is sent. An error
// keeps it out of a ledger; a warning makes its trace weaker. None discards
// anything.
type Remark struct {
	Level string `json:"level"` // error, warning
	Field string `json:"field,omitempty"`
	Says  string `json:"says"`
	Hint  string `json:"hint,omitempty"`
}

// A LintReport is what is to be seen to in a record.
type LintReport struct {
	Record  string   `json:"record,omitempty"` // SOURCE:ID, as far as it is there
	Remarks []Remark `json:"remarks"`
	Fine    int      `json:"fine"` // fields that nothing is to be said about
}

// Errors counts the remarks that keep the record out of a ledger.
func (r LintReport) Errors() (n int) {
	for _, m := range r.Remarks {
		if m.Level == "error" {
			n++
		}
	}
	return n
}

// Lint looks at a recovery record in whatever state, one JSON object, before it
// is sent. With a ledger it also asks what its marks lead to; nil means without.
func Lint(ctx context.Context, row []byte, l trace.Ledger, today trace.Day) (LintReport, error) {
	t := &lint{ctx: ctx, ledger: l, today: today}
	t.out.Remarks = []Remark{}
	var object map[string]any
	d := json.NewDecoder(bytes.NewReader(row))
	d.UseNumber()
	if err := d.Decode(&object); err != nil {
		return t.out, &RowError{1, "not complete JSON: " + err.Error(), "one JSON object: the form that sublot seizure new --template prints"}
	}
	if kind, _ := object["kind"].(string); kind != "" && kind != "recovery" {
		return t.out, &RowError{1, fmt.Sprintf("a %s record, wanted a recovery", kind), ""}
	}
	object["kind"] = "recovery"
	source, _ := object["source"].(string)
	id, _ := object["id"].(string)
	if t.out.Record = source + ":" + id; t.out.Record == ":" {
		t.out.Record = ""
	}
	all := fields(object)
	t.form(object)
	if r := t.repaired(object); r != nil {
		if err := t.sense(r); err != nil {
			return t.out, err
		}
	}
	if _, err := trace.ParseRecord(bytes.TrimSpace(row)); err != nil && t.out.Errors() == 0 {
		wrong, _ := errors.AsType[*trace.RecordError](err) // what a reader of JSON passes over: a field given twice, no kind
		t.remark("error", wrong.Field, wrong.Hint(), "%s", strings.TrimPrefix(strings.TrimPrefix(wrong.Error(), "trace: "), wrong.Field+": "))
	}
	slices.SortFunc(t.out.Remarks, func(a, b Remark) int {
		return cmp.Or(cmp.Compare(a.Level, b.Level), cmp.Compare(a.Field, b.Field), cmp.Compare(a.Says, b.Says))
	})
	touched := map[string]bool{}
	for _, m := range t.out.Remarks {
		touched[m.Field] = true
	}
	for _, f := range all {
		if !touched[f] {
			t.out.Fine++
		}
	}
	return t.out, nil
}

type lint struct {
	ctx    context.Context
	ledger trace.Ledger
	today  trace.Day
	out    LintReport
	empty  []string // fields that a stand-in was put in for
}

func (t *lint) remark(level, field, hint, format string, args ...any) {
	t.out.Remarks = append(t.out.Remarks, Remark{level, field, fmt.Sprintf(format, args...), hint})
}

// standIns are what is put in the place of a field that is missing, so that the
// rest can be looked at.
var standIns = map[string]any{"source": "NOBODY", "id": "DRAFT", "at": "2000-01-01", "agency": "NOBODY", "country": "XX",
	"items": []any{map[string]any{"clue": "-"}}}

// form finds every fault of form: each that is found is mended in a copy, and
// the next one looked for.
func (t *lint) form(object map[string]any) {
	for range 100 {
		line, err := json.Marshal(object)
		if err != nil {
			return
		}
		_, err = trace.ParseRecord(line)
		wrong, ok := errors.AsType[*trace.RecordError](err)
		if !ok {
			return
		}
		t.remark("error", wrong.Field, wrong.Hint(), "%s", strings.TrimPrefix(strings.TrimPrefix(wrong.Error(), "trace: "), wrong.Field+": "))
		if in, ok := standIns[wrong.Field]; ok {
			object[wrong.Field] = in
			t.empty = append(t.empty, wrong.Field)
		} else if !remove(object, wrong.Field) {
			return
		}
	}
}

// repaired is the record with stand-ins, nil where it could not be mended.
func (t *lint) repaired(object map[string]any) *trace.Record {
	line, err := json.Marshal(object)
	if err != nil {
		return nil
	}
	r, err := trace.ParseRecord(line)
	if err != nil {
		return nil
	}
	return r
}

// remove takes a field out of an object by its path, such as items[0].quantity.
func remove(v any, path string) bool {
	for _, part := range strings.FieldsFunc(path, func(r rune) bool { return r == '.' }) {
		name, index, _ := strings.Cut(part, "[")
		object, ok := v.(map[string]any)
		if !ok {
			return false
		}
		next, there := object[name]
		if !there {
			return false
		}
		if i, err := strconv.Atoi(strings.TrimSuffix(index, "]")); err == nil {
			list, ok := next.([]any)
			if !ok || i >= len(list) {
				return false
			}
			if strings.HasSuffix(path, part) {
				object[name] = slices.Delete(slices.Clone(list), i, i+1)
				return true
			}
			v = list[i]
			continue
		}
		if strings.HasSuffix(path, part) && strings.TrimSuffix(path, part) == "" || strings.HasSuffix(path, "."+part) {
			delete(object, name)
			return true
		}
		v = next
	}
	return false
}

// fields lists the paths of the values of an object.
func fields(v any) (out []string) {
	var walk func(path string, v any)
	walk = func(path string, v any) {
		switch v := v.(type) {
		case map[string]any:
			for k, x := range v {
				walk(strings.TrimPrefix(path+"."+k, "."), x)
			}
		case []any:
			for i, x := range v {
				walk(fmt.Sprintf("%s[%d]", path, i), x)
			}
		default:
			out = append(out, path)
		}
	}
	walk("", v)
	return out
}

// person finds what looks like personal data in free text: a trace needs none.
var person = regexp.MustCompile(`(?i)\b(?:mr|mrs|ms|name[sd]?|born|date of birth|passport|suspect|arrested|victims?|nom|né[e]?|prénom|acusad[oa])\b[ :]|[\pL\d._-]+@[\pL\d.-]+\.\pL{2,}|\+\d[\d ]{8,}`)

// sense looks at what the record says.
func (t *lint) sense(r *trace.Record) error {
	b := r.Body.(*trace.Recovery)
	missing := func(field, value, why string) {
		if value == "" && !slices.Contains(t.empty, field) {
			t.remark("warning", field, "state it, or say in note why it is not known", "%s is not stated: %s", field, why)
		}
	}
	missing("place", b.Place, "clusters and counts go by it")
	missing("circumstances", b.Circumstances, "seizures, finds and surrenders are counted apart")
	if r.At.Day() > t.today {
		t.remark("error", "at", "check the year", "the recovery is dated %s, which is yet to come", r.At)
	}
	for field, text := range map[string]string{"note": r.Note, "methods": b.Methods, "place": b.Place, "concealment": b.Concealment} {
		if person.MatchString(text) {
			t.remark("warning", field, "leave persons out: a trace needs none, and victims have records of their own", "%s seems to name or describe a person", field)
		}
	}
	if slices.Contains(t.empty, "items") {
		return nil
	}
	for i, it := range b.Items {
		if err := t.item(r, i, it); err != nil {
			return err
		}
	}
	return nil
}

func (t *lint) item(r *trace.Record, i int, it trace.RecoveredItem) error {
	at := func(field string) string { return fmt.Sprintf("items[%d].%s", i, field) }
	if it.Clue == "" && it.Item.IsZero() {
		if it.Read["lot"] == "" {
			t.remark("warning", at("clue"), `give what is left of the mark with ? for unread characters, or say "read":{"lot":"illegible"}`, "no mark is stated, nor that none could be read")
		}
		if it.Calibre == "" {
			t.remark("warning", at("calibre"), "give the calibre, as far as it can be told", "neither a mark nor a calibre is stated: nothing can be traced")
		}
	}
	for field, empty := range map[string]bool{"quantity": it.Quantity == 0, "position": it.Position == "", "condition": it.Condition == ""} {
		if empty {
			t.remark("warning", at(field), whyItem[field], "%s is not stated", field)
		}
	}
	if (it.Clue != "" || !it.Item.IsZero()) && len(it.Read) == 0 {
		t.remark("warning", at("read"), `say for each field of the mark how it was read, such as "read":{"lot":"clear","year":"absent"}`, "how well the mark was read is not stated")
	}
	if it.Calibre != "" && calibre.Lookup(it.Calibre).Kind == calibre.Unknown {
		t.remark("warning", at("calibre"), "sublot names it another way, or does not know it: check the spelling", "%q is not in the dictionary of calibres", it.Calibre)
	}
	if t.ledger == nil || it.Clue == "" && it.Item.IsZero() {
		return nil
	}
	q := QuestionsOf(r)[i].query(t.today)
	f, err := trace.Resolve(t.ctx, t.ledger, q)
	if wrong, ok := errors.AsType[*trace.QueryError](err); ok {
		t.remark("warning", at("clue"), wrong.Hint(), "%s", wrong.Reason)
		return nil
	} else if err != nil {
		return err
	}
	field := at("clue")
	if it.Clue == "" {
		field = at("item")
	}
	switch {
	case f.Outcome == trace.InsufficientMarks && len(f.Readings) > 0:
		t.remark("warning", field, "look at the mark again: which is it?", "%q fits %d lots on record equally well, such as %s", q.Text, f.Readings[0].Near+1, f.Readings[0].Item)
	case f.Outcome == trace.InsufficientMarks, f.Outcome == trace.MakerOnly, f.Outcome == trace.NoRecord:
		t.remark("warning", field, "compare it with the mark; it may be right and not on record", "%q is on no record here (%s)", q.Text, f.Outcome)
	case len(f.Readings) > 0 && f.Readings[0].Distance > 0:
		t.remark("warning", field, "look at the mark again, and send it as it was read", "%q is on no record as it stands; the nearest is %s (%s)", q.Text, f.Readings[0].Item, strings.Join(f.Readings[0].Edits, ", "))
	}
	if it.Clue != "" && !it.Item.IsZero() {
		if own, err := trace.Resolve(t.ctx, t.ledger, trace.Query{Text: it.Clue, Recovered: trace.NoDay, KnownOn: trace.NoDay, AsOf: -1, Today: t.today}); err == nil &&
			len(own.Readings) > 0 && !overlap(own.Readings[0].Item, it.Item) {
			t.remark("warning", at("item"), "compare both with the mark", "the mark %q is nearest to %s, and %s is stated", it.Clue, own.Readings[0].Item, it.Item)
		}
	}
	if l := f.Lot; l != nil {
		if l.Made != nil && !l.Made.From.IsZero() && r.At.Day() < l.Made.From.Day() && !slices.Contains(t.empty, "at") {
			t.remark("warning", "at", "check the day, and the lot", "recovered on %s, and %s was made from %s on", r.At, l.Item, l.Made.From)
		}
		if it.Calibre != "" && l.Calibre != "" && !sameCalibre(it.Calibre, l.Calibre) {
			t.remark("warning", at("calibre"), "check both: a repacked box is a finding of its own", "%s is stated, and %s is on record as %s", it.Calibre, l.Item, l.Calibre)
		}
	}
	for _, x := range f.Flags {
		if x.Code == "MARK_DUPLICATED" {
			t.remark("warning", at("quantity"), "check the quantity: rounds, not packages", "%s", x.Says)
		}
	}
	return nil
}

func overlap(a, b marking.Span) bool { return !a.Intersect(b).IsZero() }

var whyItem = map[string]string{
	"quantity":  "give the rounds: they exclude parties that never had so many",
	"position":  "say where the mark was: on the item, the inner or outer package, or a paper",
	"condition": "say whether the rounds are live, fired or reloaded",
}

func sameCalibre(a, b string) bool {
	x, y := calibre.Lookup(a), calibre.Lookup(b)
	if x.Kind == calibre.Unknown || y.Kind == calibre.Unknown {
		return fold(a) == fold(b)
	}
	for _, c := range x.Cartridges {
		for _, d := range y.Cartridges {
			if r := calibre.Relate(c.ID, d.ID); r == calibre.Same || r == calibre.Twin {
				return true
			}
		}
	}
	return false
}
