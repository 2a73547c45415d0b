package main

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"math"
	"os"
	"strconv"
	"time"

	"github.com/sublot/sublot/codes"
	"github.com/sublot/sublot/marking"
	"github.com/sublot/sublot/marking/carrier"
	"github.com/sublot/sublot/marking/pointer"
	"github.com/sublot/sublot/trace"
)

// scanned is what was found in a picture; its JSON form is that of scan --json.
type scanned struct {
	Image string        `json:"image"`
	MS    float64       `json:"ms"` // search and decoding, without reading the file
	Marks []scannedMark `json:"marks"`

	FileMS   float64    `json:"file_ms"` // reading and decoding the picture file
	Seen     []sighting `json:"seen,omitempty"`
	TimedOut bool       `json:"timed_out,omitempty"`
	Error    string     `json:"error,omitempty"` // why the picture could not be read
	Hint     string     `json:"hint,omitempty"`
}

// sighting is what looked like a symbol and could not be read.
type sighting struct {
	Symbology string        `json:"symbology,omitempty"`
	Corners   [4][2]float64 `json:"corners"`
	Says      string        `json:"says"`
}

// A scannedMark is a symbol in a picture and what it says. Signature is empty
// where it says nothing that we understand.
type scannedMark struct {
	Symbology string            `json:"symbology"`
	Payload   string            `json:"payload"` // base64 of the exact bytes
	Text      string            `json:"text"`
	Corners   [4][2]float64     `json:"corners"`
	Signature string            `json:"signature,omitempty"`
	Item      string            `json:"item,omitempty"`
	Fields    map[string]string `json:"fields,omitempty"`

	Syntax   string   `json:"syntax,omitempty"`   // how it says it
	Key      string   `json:"key,omitempty"`      // hint of the key that it names
	KeyName  string   `json:"key_name,omitempty"` // SOURCE:ID of the key that signed it
	Reason   string   `json:"reason,omitempty"`   // why it is not valid, or not ours
	Problems []string `json:"problems,omitempty"` // what is wrong in it

	Grade       string  `json:"grade"`
	Corrected   int     `json:"corrected"`
	Correctable int     `json:"correctable"`
	Rows        int     `json:"rows,omitempty"`
	Cols        int     `json:"cols,omitempty"`
	ModulePx    float64 `json:"module_px,omitempty"`
	Contrast    float64 `json:"contrast,omitempty"`
	Mirrored    bool    `json:"mirrored,omitempty"`
	Inverted    bool    `json:"inverted,omitempty"`
	GS1         bool    `json:"gs1,omitempty"` // the symbol begins with FNC1
	ECI         int     `json:"eci,omitempty"`
	Append      *struct {
		Index int `json:"index"`
		Total int `json:"total"`
		Group int `json:"group,omitempty"`
	} `json:"structured_append,omitempty"`

	id      marking.ID
	pointer *pointer.Pointer // of an item mark
	mark    marking.Mark
	revoked time.Time
	fields  []markField
}

// scanLimits bound the work on one picture.
type scanLimits struct {
	picture codes.PictureLimit
	scan    codes.ScanConfig
}

// scanFile reads a picture and every mark in it.
func (s *session) scanFile(name string, trust *marking.Trust, limits scanLimits) (scanned, error) {
	in := s.in
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return scanned{}, err
		}
		defer f.Close()
		if info, err := f.Stat(); err == nil && info.IsDir() {
			return scanned{}, hinted(fmt.Errorf("%s is a folder", name), "name the pictures in it: "+name+"/*.jpg")
		}
		in = f
	}
	start := time.Now()
	picture, err := codes.ReadPicture(in, limits.picture)
	if err != nil {
		return scanned{}, hinted(fmt.Errorf("%s: %s", name, message(err)), hint(err))
	}
	read := time.Now()
	result, err := codes.Scan(picture, limits.scan)
	if err != nil {
		return scanned{}, fmt.Errorf("%s: %w", name, err)
	}
	out := scanned{
		Image: name, MS: milliseconds(time.Since(read)), Marks: []scannedMark{},
		FileMS: milliseconds(read.Sub(start)), TimedOut: result.TimedOut && len(result.Hits) == 0,
	}
	for _, h := range result.Hits {
		m, err := understand(h, trust)
		if err != nil {
			return scanned{}, err
		}
		out.Marks = append(out.Marks, m)
	}
	for _, seen := range result.Seen {
		out.Seen = append(out.Seen, sighting{string(seen.Symbology), rounded(seen.Corners), seen.Says})
	}
	return out, nil
}

// understand says what a symbol means and whether to believe it.
func understand(h codes.Hit, trust *marking.Trust) (scannedMark, error) {
	m := scannedMark{
		Symbology: string(h.Symbology), Payload: base64.StdEncoding.EncodeToString(h.Payload.Data), Text: h.Text, Corners: rounded(h.Corners),
		Grade: h.Grade(), Corrected: h.Corrected, Correctable: h.Correctable, Rows: h.Rows, Cols: h.Cols,
		ModulePx: tenth(h.ModulePixels), Contrast: tenth(h.Contrast), Mirrored: h.Mirrored, Inverted: h.Inverted,
		GS1: h.Payload.GS1, ECI: h.Payload.ECI,
	}
	if p := h.Payload; p.Total > 0 {
		m.Append = &struct {
			Index int `json:"index"`
			Total int `json:"total"`
			Group int `json:"group,omitempty"`
		}{p.Index, p.Total, p.Group}
	}
	content, err := carrier.Parse(h.Payload.Data)
	m.Syntax, m.Problems = string(content.Syntax), content.Problems
	if err != nil {
		m.Reason = message(err)
		if content.Frame == nil {
			return m, nil
		}
		// Two statements on one label that disagree: neither is believed.
		m.Signature = string(marking.StateInvalid)
		m.name(content)
		return m, nil
	}
	if content.Syntax == carrier.Pointer {
		m.Signature, m.Reason = string(marking.StateRegistered), "a number of a register, without a signature: sublot trace asks the records what it stands for"
		m.pointer = &content.Pointer
		m.state(fieldsOf(content))
		return m, nil
	}
	m.Signature, m.Reason = string(marking.StateUnsigned), "the mark carries no signature"
	if content.Frame != nil {
		v, err := marking.Open(content.Frame, trust)
		if err != nil {
			return m, err
		}
		content.Mark = v.Mark
		m.Signature, m.Reason, m.revoked = string(v.Signature), v.Reason, v.Key.Revoked
		if v.Signature != marking.StateUnsigned {
			m.Key = v.Hint.String()
		}
		if v.Key.Public != nil {
			m.KeyName = v.Key.Name()
		}
	}
	if content.Syntax == carrier.Frame {
		m.Text = marking.Text(content.Frame) // the bytes are no text
	}
	m.name(content)
	return m, nil
}

// name takes over what the mark states.
func (m *scannedMark) name(content carrier.Content) {
	m.mark, m.id, m.Item = content.Mark, content.Mark.Item, content.Mark.Item.String()
	m.state(fieldsOf(content))
}

func (m *scannedMark) state(fields []markField) {
	m.fields = fields
	m.Fields = make(map[string]string, len(m.fields))
	for _, f := range m.fields {
		m.Fields[f.name] = f.value
	}
}

// read is the mark as a finding shows it.
func (m scannedMark) read() *trace.MarkRead {
	r := &trace.MarkRead{Signature: m.Signature, Key: m.Key, Symbology: m.Symbology, Fields: m.Fields}
	if !m.revoked.IsZero() {
		r.Revoked, _ = trace.ParseWhen(m.revoked.Format(time.DateOnly))
	}
	return r
}

// A markField is something that a mark states, beside its identity.
type markField struct{ name, value, words string }

// fieldsOf lists what a mark states in the order in which people ask for it.
func fieldsOf(c carrier.Content) []markField {
	var out []markField
	add := func(name, value, words string) {
		if value != "" {
			out = append(out, markField{name, value, words})
		}
	}
	if c.Syntax == carrier.Pointer {
		add("register", fmt.Sprintf("%04d", c.Pointer.Register), "")
		add("number", strconv.FormatUint(c.Pointer.Number, 10), "")
	}
	m := c.Mark
	add("level", string(m.Level), "")
	add("calibre", m.Calibre, "")
	add("type", m.Type, "")
	add("made", m.Made.String(), "made "+m.Made.String())
	if m.Rounds > 0 {
		add("rounds", strconv.FormatInt(m.Rounds, 10), plural(m.Rounds, "round"))
	}
	add("nsn", m.NSN, "")
	add("gtin", c.GTIN, "")
	add("uii", c.UII, "")
	for _, n := range m.National {
		add(n.State+":"+n.Name, n.Value, "")
	}
	for _, f := range m.Unknown {
		add(fmt.Sprintf("field-%d", f.Tag), hex.EncodeToString(f.Value), "")
	}
	return out
}

func milliseconds(d time.Duration) float64 { return tenth(float64(d.Microseconds()) / 1000) }

// tenth rounds to what a reader of the JSON can use.
func tenth(x float64) float64 { return math.Round(x*10) / 10 }

func rounded(corners [4][2]float64) [4][2]float64 {
	for i := range corners {
		corners[i] = [2]float64{tenth(corners[i][0]), tenth(corners[i][1])}
	}
	return corners
}
