package seizure

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/sublot/sublot/marking"
	"github.com/sublot/sublot/trace"
)

// Template is a recovery record to be filled in.
const Template = `{
  "kind": "recovery",
  "source": "",
  "id": "",
  "at": "",
  "agency": "",
  "country": "",
  "place": "",
  "circumstances": "",
  "methods": "",
  "concealment": "",
  "route": "",
  "transport": "",
  "note": "",
  "items": [
    {"clue": "", "item": "", "quantity": 0, "calibre": "", "position": "", "condition": "",
     "read": {"maker": "", "year": "", "calibre": "", "lot": ""}}
  ]
}
`

// A Scanned is a mark that a picture of a seizure shows.
type Scanned struct {
	Item      marking.ID
	Calibre   string
	Rounds    int64  // as the mark claims
	Level     string // of the package
	Signature string
}

// Draft makes a recovery record of a form as it was filled in, of items told one
// by one, and of marks scanned. Fields left empty are left out; those given
// override the form's. The draft may lack what an import wants: [Lint] says so.
func Draft(form []byte, given map[string]string, items []trace.RecoveredItem, marks []Scanned) ([]byte, error) {
	object := map[string]any{}
	if len(form) > 0 {
		if err := json.Unmarshal(form, &object); err != nil {
			return nil, fmt.Errorf("the form is not complete JSON: %w", err)
		}
	}
	clean(object)
	object["kind"] = "recovery"
	for k, v := range given {
		if v != "" {
			object[k] = v
		}
	}
	if object["source"] == nil && object["agency"] != nil {
		object["source"] = object["agency"]
	}
	list, _ := object["items"].([]any)
	for _, it := range append(slices.Clone(items), ItemsOf(marks)...) {
		list = append(list, it)
	}
	if len(list) > 0 {
		object["items"] = list
	}
	b, err := json.Marshal(object)
	if err != nil {
		return nil, err
	}
	if r, err := trace.ParseRecord(b); err == nil {
		return r.Canonical, nil
	}
	return b, nil
}

// clean takes out what was left empty in a form.
func clean(v any) (empty bool) {
	switch v := v.(type) {
	case map[string]any:
		for k, x := range v {
			if list, ok := x.([]any); ok {
				x = slices.DeleteFunc(list, clean)
				v[k] = x
			}
			if clean(x) {
				delete(v, k)
			}
		}
		return len(v) == 0
	case []any:
		return len(v) == 0
	case string:
		return strings.TrimSpace(v) == ""
	case float64:
		return v == 0
	}
	return v == nil
}

// ItemsOf makes an item of each run of packages scanned, each package once. An
// invalid mark is taken down as read and names no identity.
func ItemsOf(marks []Scanned) []trace.RecoveredItem {
	var out []trace.RecoveredItem
	marks = slices.Clone(marks)
	slices.SortStableFunc(marks, func(a, b Scanned) int { return a.Item.Compare(b.Item) })
	marks = slices.CompactFunc(marks, func(a, b Scanned) bool { return a.Item == b.Item })
	for _, m := range marks {
		it := trace.RecoveredItem{Clue: m.Item.String(), Item: marking.SpanOf(m.Item), Quantity: m.Rounds, Calibre: m.Calibre,
			Position: "outer", Read: map[string]string{"lot": "clear"}}
		switch {
		case m.Signature == string(marking.StateInvalid):
			it.Item = marking.Span{}
		case m.Level == "item":
			it.Position = "item"
		case m.Level == "box" || m.Level == "carton":
			it.Position = "inner"
		}
		if n := len(out); n > 0 && !it.Item.IsZero() && m.Rounds > 0 {
			last := &out[n-1]
			if run := next(last.Item, it.Item); !run.IsZero() && last.Calibre == it.Calibre && last.Position == it.Position && last.Quantity == m.Rounds*last.Item.Count() {
				last.Item, last.Clue, last.Quantity = run, run.String(), last.Quantity+m.Rounds
				continue
			}
		}
		out = append(out, it)
	}
	return out
}

// next returns the span of a and the package after it, the zero Span where b is another.
func next(a, b marking.Span) marking.Span {
	ap, apre, aw := a.Series()
	bp, bpre, bw := b.Series()
	if a.IsZero() || ap != bp || apre != bpre || aw != bw || aw == 0 {
		return marking.Span{}
	}
	lo, hi := a.Ordinals()
	if n, _ := b.Ordinals(); n != hi+1 {
		return marking.Span{}
	}
	return a.SpanIn(lo, hi+1)
}

// ParseItem reads an item told in one text: the mark as read, then fields after
// commas: "XCW24C?01-012, quantity=500, position=outer, read.lot=partial".
func ParseItem(text string) (trace.RecoveredItem, error) {
	clue, rest, more := strings.Cut(text, ",")
	it := trace.RecoveredItem{Clue: strings.TrimSpace(clue)}
	for more {
		var part string
		part, rest, more = strings.Cut(rest, ",")
		name, value, ok := strings.Cut(strings.TrimSpace(part), "=")
		if !ok || value == "" {
			return it, fmt.Errorf("%q: wanted field=value after the mark", strings.TrimSpace(part))
		}
		switch {
		case name == "item":
			s, err := marking.ParseSpan(value)
			if err != nil {
				return it, err
			}
			it.Item = s
		case name == "quantity":
			n, err := strconv.ParseInt(strings.NewReplacer("_", "", " ", "").Replace(value), 10, 64)
			if err != nil || n <= 0 {
				return it, fmt.Errorf("quantity=%s: wanted a whole number of rounds", value)
			}
			it.Quantity = n
		case name == "calibre":
			it.Calibre = value
		case name == "position":
			it.Position = value
		case name == "condition":
			it.Condition = value
		case strings.HasPrefix(name, "read."):
			if it.Read == nil {
				it.Read = map[string]string{}
			}
			it.Read[strings.TrimPrefix(name, "read.")] = value
		default:
			return it, fmt.Errorf("%s is no field of an item: wanted item, quantity, calibre, position, condition or read.FIELD", name)
		}
	}
	return it, nil
}
