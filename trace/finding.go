package trace

import (
	"github.com/sublot/sublot/marking"
	"github.com/sublot/sublot/trace/clue"
)

// An Outcome is what a question comes to: exactly one for each finding.
type Outcome string

// The outcomes, from the one that names a lawful end user to those that cannot.
const (
	EndUserIdentified  Outcome = "END_USER_IDENTIFIED"
	EndUserCandidates  Outcome = "END_USER_CANDIDATES"
	LastRecordedHolder Outcome = "LAST_RECORDED_HOLDER"
	MakerOnly          Outcome = "MAKER_ONLY"
	TypeOnly           Outcome = "TYPE_ONLY"
	InsufficientMarks  Outcome = "INSUFFICIENT_MARKS"
	MarksInconsistent  Outcome = "MARKS_INCONSISTENT"
	RecordContradicted Outcome = "RECORD_CONTRADICTED"
	NoRecord           Outcome = "NO_RECORD"
	NotSearched        Outcome = "NOT_SEARCHED"
	RecordsDestroyed   Outcome = "RECORDS_DESTROYED"
	Restricted         Outcome = "RESTRICTED"
)

// A Finding is the answer to a [Query] with its reasons. Its JSON form is
// stable: the same records and question give the same bytes.
type Finding struct {
	Query      Asked        `json:"query"`
	Outcome    Outcome      `json:"outcome"`
	Item       marking.Span `json:"item,omitzero"`
	Lot        *LotFacts    `json:"lot,omitempty"`
	Mark       *MarkRead    `json:"mark,omitempty"`
	Marks      []MarkGiven  `json:"marks,omitempty"` // where several were given together
	Readings   []Reading    `json:"readings,omitempty"`
	Heads      []clue.Head  `json:"heads,omitempty"` // readings that name no lot
	EndUser    *NamedParty  `json:"end_user,omitempty"`
	LastHolder *LastHolder  `json:"last_holder,omitempty"`
	Candidates []Candidate  `json:"candidates,omitempty"`
	Excluded   []Exclusion  `json:"excluded,omitempty"`
	Window     *Window      `json:"window,omitempty"`
	Chain      []Link       `json:"chain,omitempty"`
	Flags      []Flag       `json:"flags,omitempty"`
	Searched   Searched     `json:"searched"`
	Next       Sentence     `json:"next,omitzero"` // whom to ask for what

	// Hints are identities on record near one that is not: neighbouring lots,
	// or siblings. They are never an answer.
	Hints []marking.Span `json:"hints,omitempty"`

	// Steps is what each rule did, in the order of the rules. It is not part of
	// the JSON form.
	Steps []Step `json:"-"`
}

// Asked is the question as a finding repeats it.
type Asked struct {
	Text      string       `json:"text"`
	Item      marking.Span `json:"item,omitzero"` // what the text itself names, where it is an identity
	Recovered Day          `json:"recovered,omitzero"`
	Quantity  int64        `json:"quantity,omitempty"`
	Condition string       `json:"condition,omitempty"`
	KnownOn   Day          `json:"known_on,omitzero"`
	AsOf      *int64       `json:"as_of,omitempty"`
}

// LotFacts is what the records say of the lot.
type LotFacts struct {
	Item     marking.ID `json:"item"`
	Calibre  string     `json:"calibre,omitempty"`
	Type     string     `json:"type,omitempty"`
	Quantity int64      `json:"quantity,omitempty"` // rounds
	Made     *Period    `json:"made,omitempty"`
	Records  []Ref      `json:"records,omitempty"` // whose word this is
}

// MarkRead is what a scanned mark said.
type MarkRead struct {
	Signature string            `json:"signature"` // valid, invalid, unsigned, unknown_key, revoked_key, registered
	Key       string            `json:"key,omitempty"`
	Revoked   When              `json:"revoked,omitzero"` // from when the key is
	Symbology string            `json:"symbology,omitempty"`
	Fields    map[string]string `json:"fields,omitempty"`

	// Stands and Records are set by Resolve for a register pointer: what its
	// number stands for, or why that cannot be told, and the pointers record.
	Stands  Sentence `json:"stands,omitzero"`
	Records []Ref    `json:"records,omitempty"`
}

// A Reading is an identity that a clue may mean, with the edits that made it.
type Reading struct {
	Item     marking.Span `json:"item"`
	Edits    []string     `json:"edits"`
	Distance int          `json:"distance"`
	Near     int          `json:"near,omitempty"` // how many other lots lie as near
}

// NamedParty is a party as the records name it.
type NamedParty struct {
	Party   string `json:"party"`
	Name    string `json:"name,omitempty"`
	Country string `json:"country,omitempty"`
	Records []Ref  `json:"records,omitempty"` // what it is named here by
}

// LastHolder is who had the goods last, lawfully or not.
type LastHolder struct {
	NamedParty
	Site string `json:"site,omitempty"`
	At   Day    `json:"at,omitzero"` // day of the last record that places it there
}

// A Candidate is a party that may be the lawful end user. A share is a share of
// the package asked about, never a probability.
type Candidate struct {
	NamedParty
	Quantity  int64  `json:"quantity"`        // rounds: the most of the package asked about that it can hold
	Share     string `json:"share,omitempty"` // quantity out of the rounds of the package
	Confirmed bool   `json:"confirmed"`       // it has records of its own that bear this out
	AtLeast   int64  `json:"at_least,omitempty"`
}

// An Exclusion is a party that a transfer names and that cannot be the source.
type Exclusion struct {
	Party   string `json:"party"`
	Reason  string `json:"reason"` // DISPATCHED_AFTER_RECOVERY, RECORDED_AFTER_KNOWN_ON
	Records []Ref  `json:"records"`
}

// Window is the days between which the unit left lawful custody.
type Window struct {
	From    Day   `json:"from,omitzero"`
	To      Day   `json:"to,omitzero"`
	Records []Ref `json:"records,omitempty"` // that set its ends; none where no record does
}

// A Link is one record of the chain of custody.
type Link struct {
	Record   Ref      `json:"record"`
	Kind     Kind     `json:"kind"`
	At       string   `json:"at,omitempty"`
	From     string   `json:"from,omitempty"`
	To       string   `json:"to,omitempty"`
	Site     string   `json:"site,omitempty"`
	Quantity int64    `json:"quantity,omitempty"`
	Says     Sentence `json:"says"`
}

// A Flag is something about the records that a reader must know.
type Flag struct {
	Code    string       `json:"code"`
	Item    marking.Span `json:"item,omitzero"` // only where a ledger is checked
	Records []Ref        `json:"records,omitempty"`
	Says    Sentence     `json:"says"`
}

// Searched says how much was searched.
type Searched struct {
	Records int64         `json:"records"`
	Sources []SourceCount `json:"sources,omitempty"`
	Gaps    []Gap         `json:"gaps,omitempty"`
}

// A Gap is records of a party of the finding that could not be searched, by the
// word of a coverage record.
type Gap struct {
	Party   string   `json:"party"`
	State   string   `json:"state"` // partial, destroyed, refused, not_searched
	From    When     `json:"from,omitzero"`
	To      When     `json:"to,omitzero"`
	Records []Ref    `json:"records"`
	Says    Sentence `json:"says"`
}

// A Step is what one rule did and the records that justify it.
type Step struct {
	Rule    string // R0 to R12
	Says    Sentence
	Records []Ref
}
