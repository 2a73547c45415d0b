package trace

import (
	"encoding/json"

	"github.com/sublot/sublot/marking"
)

// A Kind is what a record asserts.
type Kind string

// The kinds of records. Field by field they are listed in docs/records.md.
const (
	KindParty       Kind = "party"
	KindLot         Kind = "lot"
	KindPack        Kind = "pack"
	KindPointers    Kind = "pointers"
	KindRepack      Kind = "repack"
	KindEUC         Kind = "euc"
	KindLicence     Kind = "licence"
	KindConsent     Kind = "consent"
	KindTransfer    Kind = "transfer"
	KindDelivery    Kind = "delivery"
	KindStock       Kind = "stock"
	KindLoss        Kind = "loss"
	KindDestruction Kind = "destruction"
	KindRecovery    Kind = "recovery"
	KindSighting    Kind = "sighting"
	KindStatus      Kind = "status"
	KindReport      Kind = "report"
	KindCoverage    Kind = "coverage"
	KindKey         Kind = "key"
	KindCorrection  Kind = "correction"
)

// A Record is an assertion by a source. It is never changed or deleted.
type Record struct {
	Kind     Kind            `json:"kind"`
	Source   string          `json:"source"`            // party id of whoever asserts this
	ID       string          `json:"id"`                // unique within the source
	At       When            `json:"at,omitzero"`       // when it happened
	Recorded When            `json:"recorded,omitzero"` // when the source wrote it down
	Note     string          `json:"note,omitempty"`    // free text, never interpreted
	Ext      json.RawMessage `json:"ext,omitempty"`     // an object of national or partner fields, never interpreted

	// Body holds the fields of the kind: a *Party for KindParty and so on.
	Body Body `json:"-"`

	// Canonical is the RFC 8785 form of the record, the bytes that are hashed
	// and signed. The JSON object of a record is exactly this.
	Canonical []byte `json:"-"`

	// KeyHint and Signature are those of a signed record, else empty: Ed25519
	// over Canonical.
	KeyHint   string `json:"-"`
	Signature []byte `json:"-"`

	ref Ref // of a record that was read, so that it need not be put together each time
}

// A Ref names a record everywhere: SOURCE:ID.
type Ref string

// Ref returns the name of the record.
func (r *Record) Ref() Ref {
	if n := len(r.Source); len(r.ref) == n+1+len(r.ID) && string(r.ref[:n]) == r.Source && string(r.ref[n+1:]) == r.ID {
		return r.ref
	}
	return Ref(r.Source + ":" + r.ID)
}

// Known returns the day from which the record counts as known: recorded, else
// at, else the day its kind stands for; NoDay where it was always known.
func (r *Record) Known() Day {
	switch {
	case !r.Recorded.IsZero():
		return r.Recorded.Day()
	case !r.At.IsZero():
		return r.At.Day()
	}
	switch b := r.Body.(type) {
	case *Lot:
		return b.Made.To.Day()
	case *EUC:
		return b.Issued.Day()
	case *Licence:
		return b.ValidFrom.Day()
	case *Key:
		return b.ValidFrom.Day()
	}
	return NoDay
}

// A Body is the part of a record that its kind has alone: one of the pointer
// types *Party, *Lot, *Pack, *Pointers, *Repack, *EUC, *Licence, *Consent,
// *Transfer, *Delivery, *Stock, *Loss, *Destruction, *Recovery, *Sighting,
// *Status, *Report, *Coverage, *Key and *Correction.
type Body interface{ kind() Kind }

// A Line is a quantity of rounds out of a package or a span of packages. A line
// whose item holds more than the quantity is an unplaced part of it.
type Line struct {
	Item     marking.Span `json:"item"`
	Quantity int64        `json:"quantity"` // rounds, above zero
}

// A Period is a span of days; either end may be open.
type Period struct {
	From When `json:"from,omitzero"`
	To   When `json:"to,omitzero"`
}

// Party says who a party is, from the record's At on.
type Party struct {
	Party     string   `json:"party,omitempty"` // default: the record's id
	Name      string   `json:"name"`
	Country   string   `json:"country"` // ISO 3166 alpha-2
	Roles     []string `json:"roles"`   // maker, authority, end_user, consignee, broker, carrier, dealer
	Aliases   []string `json:"aliases,omitempty"`
	Parent    string   `json:"parent,omitempty"`    // the party this one is a unit of
	Successor string   `json:"successor,omitempty"` // the party that took over from this one
	ValidFrom When     `json:"valid_from,omitzero"`
	ValidTo   When     `json:"valid_to,omitzero"`
}

// Lot describes a lot: its ammunition data card.
type Lot struct {
	Item       marking.ID  `json:"item"`
	Calibre    string      `json:"calibre"`
	Quantity   int64       `json:"quantity"` // rounds
	Type       string      `json:"type,omitempty"`
	Made       Period      `json:"made,omitzero"`
	LotKind    string      `json:"lot_kind,omitempty"` // production, delivery, import
	AsPrinted  string      `json:"as_printed,omitempty"`
	Parent     *ParentLot  `json:"parent,omitempty"`
	Components []Component `json:"components,omitempty"`
	Limit      int64       `json:"limit,omitempty"`  // rounds of the largest lawful lot
	Hazard     string      `json:"hazard,omitempty"` // division and compatibility group, e.g. 1.4S
	NSN        string      `json:"nsn,omitempty"`
}

// ParentLot links a lot to the one it was made from. They are never merged.
type ParentLot struct {
	Item     marking.ID `json:"item"`
	Relation string     `json:"relation"` // rework, functional, merged
}

// Component is a component's own lot: of powder, primer, case or projectile.
type Component struct {
	Part  string `json:"part"`
	Maker string `json:"maker,omitempty"`
	Lot   string `json:"lot,omitempty"`
}

// Pack says how a lot or a package is divided.
type Pack struct {
	Item     marking.ID `json:"item"`
	Quantity int64      `json:"quantity"` // rounds in it
	Units    []Unit     `json:"units"`
}

// Unit is a package, or a span of equal packages, that a pack record names.
type Unit struct {
	Item  marking.Span `json:"item"`
	Level string       `json:"level,omitempty"` // sublot, pallet, case, crate, tin, box, carton, item
	Each  int64        `json:"each,omitempty"`  // rounds in each
}

// Pointers says which numbers on item marks stand for which units.
type Pointers struct {
	From  uint64       `json:"from"`
	To    uint64       `json:"to"`
	Items marking.Span `json:"items"`
}

// Repack puts packages into a logistic unit or takes them out. It renames nothing.
type Repack struct {
	Holder string `json:"holder"`
	Unit   string `json:"unit"`   // an SSCC or other logistic number
	Action string `json:"action"` // into, out_of
	Lines  []Line `json:"lines"`
}

// EUC is an end-user certificate.
type EUC struct {
	Number        string         `json:"number"`
	Issued        When           `json:"issued"`
	Authority     string         `json:"authority"`
	EndUser       string         `json:"end_user"`
	Expires       When           `json:"expires,omitzero"` // last day on which a licence may cite it
	Consignee     string         `json:"consignee,omitempty"`
	Exporter      string         `json:"exporter,omitempty"`
	Goods         []Goods        `json:"goods,omitempty"`
	EndUse        string         `json:"end_use,omitempty"`
	Clause        *Clause        `json:"clause,omitempty"`
	Authenticated *Authenticated `json:"authenticated,omitempty"`
}

// Goods is what a paper allows: rounds of a calibre and type.
type Goods struct {
	Calibre  string `json:"calibre,omitempty"`
	Type     string `json:"type,omitempty"`
	Quantity int64  `json:"quantity,omitempty"` // rounds
}

// Clause is the non-retransfer clause of an end-user certificate.
type Clause struct {
	Acts        []string `json:"acts"`       // sale, gift, loan, lease, other
	ConsentBy   string   `json:"consent_by"` // the authority whose consent counts
	InForceFrom When     `json:"in_force_from,omitzero"`
	Exceptions  []string `json:"exceptions,omitempty"` // parties to whom no consent is needed
}

// Authenticated says who confirmed a certificate with its authority, and when.
type Authenticated struct {
	By string `json:"by"`
	At When   `json:"at"`
}

// Licence is an export, import, transit, brokering or domestic licence.
type Licence struct {
	Number    string      `json:"number"`
	Authority string      `json:"authority"`
	Type      string      `json:"type,omitempty"` // export, import, transit, brokering, domestic
	EUC       Ref         `json:"euc,omitempty"`
	Parties   []PartyRole `json:"parties,omitempty"`
	Goods     []Goods     `json:"goods,omitempty"`
	ValidFrom When        `json:"valid_from,omitzero"`
	ValidTo   When        `json:"valid_to,omitzero"`
}

// PartyRole is a party and the role it has in a paper.
type PartyRole struct {
	Party string `json:"party"`
	Role  string `json:"role"`
}

// Consent is a written approval of a retransfer.
type Consent struct {
	EUC     Ref    `json:"euc"`
	By      string `json:"by"`
	From    string `json:"from"`
	To      string `json:"to"`
	Act     string `json:"act"`
	Lines   []Line `json:"lines"`
	ValidTo When   `json:"valid_to,omitzero"`
}

// Transfer is goods going from one party to another; the record's At is the dispatch.
type Transfer struct {
	From        string      `json:"from"`
	To          string      `json:"to"`
	Lines       []Line      `json:"lines"`
	EndUser     string      `json:"end_user,omitempty"` // default: To where To has the role end_user, else none
	Act         string      `json:"act,omitempty"`      // sale, gift, loan, lease, issue, return; default sale
	Licence     Ref         `json:"licence,omitempty"`
	EUC         Ref         `json:"euc,omitempty"`
	Parties     []PartyRole `json:"parties,omitempty"`
	Container   string      `json:"container,omitempty"`
	Vessel      *Vessel     `json:"vessel,omitempty"`
	Seals       []string    `json:"seals,omitempty"`
	GrossKg     float64     `json:"gross_kg,omitempty"`
	Route       []string    `json:"route,omitempty"` // countries
	DeliveryDue When        `json:"delivery_due,omitzero"`
}

// Vessel is a ship by its IMO number, which survives a new name.
type Vessel struct {
	IMO  string `json:"imo"`
	Name string `json:"name,omitempty"`
}

// Delivery is a delivery verification.
type Delivery struct {
	Transfer      Ref           `json:"transfer"`
	To            string        `json:"to"`
	Lines         []Line        `json:"lines"`
	GrossKg       float64       `json:"gross_kg,omitempty"`
	Discrepancies []Discrepancy `json:"discrepancies,omitempty"`
}

// Discrepancy is what a delivery had too little, too much or wrong of.
type Discrepancy struct {
	Type     string       `json:"type"` // short, over, damaged, wrong_lot
	Item     marking.Span `json:"item,omitzero"`
	Quantity int64        `json:"quantity,omitempty"` // rounds
}

// Stock is a posting in a holder's inventory.
type Stock struct {
	Holder    string `json:"holder"`
	Site      string `json:"site"`
	Movement  string `json:"movement"` // receipt, issue, move, return, expend, found, count
	Lines     []Line `json:"lines"`
	FromSite  string `json:"from_site,omitempty"`
	Condition string `json:"condition,omitempty"`
	Document  string `json:"document,omitempty"`
}

// Loss is a loss or theft, discovered on the record's At.
type Loss struct {
	Holder      string `json:"holder"`
	Lines       []Line `json:"lines"`
	Site        string `json:"site,omitempty"`
	Type        string `json:"type,omitempty"` // theft, loss, unaccounted
	LastCorrect When   `json:"last_correct,omitzero"`
}

// Destruction is a destruction certificate.
type Destruction struct {
	Holder      string `json:"holder"`
	Lines       []Line `json:"lines"`
	Site        string `json:"site,omitempty"`
	Certificate string `json:"certificate,omitempty"`
	Method      string `json:"method,omitempty"`
}

// Recovery is a seizure, a surrender or a find.
type Recovery struct {
	Agency        string          `json:"agency"`
	Country       string          `json:"country"`
	Items         []RecoveredItem `json:"items"`
	Place         string          `json:"place,omitempty"`
	Circumstances string          `json:"circumstances,omitempty"` // crime_scene, search, border, cache, battlefield, surrender, found
	Methods       string          `json:"methods,omitempty"`
	Concealment   string          `json:"concealment,omitempty"`
	Route         string          `json:"route,omitempty"`
	Transport     string          `json:"transport,omitempty"`
}

// RecoveredItem is one group of things recovered together.
type RecoveredItem struct {
	Clue      string            `json:"clue,omitempty"` // the mark as read
	Item      marking.Span      `json:"item,omitzero"`
	Quantity  int64             `json:"quantity,omitempty"` // rounds
	Calibre   string            `json:"calibre,omitempty"`
	Read      map[string]string `json:"read,omitempty"`      // field: clear, partial, illegible, obliterated, absent, not_examined
	Position  string            `json:"position,omitempty"`  // item, inner, outer, paper
	Condition string            `json:"condition,omitempty"` // live, fired, reloaded
}

// Sighting is a mark scanned somewhere.
type Sighting struct {
	By      string       `json:"by"`
	Item    marking.Span `json:"item"`
	Place   string       `json:"place,omitempty"`
	Mark    []byte       `json:"mark,omitempty"`    // the frame
	Picture string       `json:"picture,omitempty"` // SHA-256, hexadecimal
}

// Status changes the state of a licence, key, lot or certificate from the record's At on.
type Status struct {
	Of     Ref    `json:"of"`
	State  string `json:"state"` // revoked, suspended, recalled, rejected, accepted, authenticated, withdrawn
	Reason string `json:"reason,omitempty"`
}

// Report says that a party diverted before: a source's word with a date, never a verdict.
type Report struct {
	About  string `json:"about"`
	Case   string `json:"case"`
	Review When   `json:"review,omitzero"`
	Says   string `json:"says,omitempty"`
}

// Coverage says what can be searched of a party's records.
type Coverage struct {
	Party     string `json:"party"`
	State     string `json:"state"` // complete, partial, destroyed, refused, not_searched
	From      When   `json:"from,omitzero"`
	To        When   `json:"to,omitzero"`
	Authority string `json:"authority,omitempty"`
	Reason    string `json:"reason,omitempty"`
}

// Key is a public key. Inside a ledger it gives nobody authority; trust files do.
type Key struct {
	Maker     string `json:"maker,omitempty"` // one of Maker and Party
	Party     string `json:"party,omitempty"`
	Algorithm string `json:"algorithm"` // ed25519
	PublicKey []byte `json:"public_key"`
	ValidFrom When   `json:"valid_from,omitzero"`
	ValidTo   When   `json:"valid_to,omitzero"`
}

// Correction voids a record. The voided record stays in the log.
type Correction struct {
	Voids      Ref    `json:"voids"`
	Reason     string `json:"reason"`
	ReplacedBy Ref    `json:"replaced_by,omitempty"`
}

func (*Party) kind() Kind       { return KindParty }
func (*Lot) kind() Kind         { return KindLot }
func (*Pack) kind() Kind        { return KindPack }
func (*Pointers) kind() Kind    { return KindPointers }
func (*Repack) kind() Kind      { return KindRepack }
func (*EUC) kind() Kind         { return KindEUC }
func (*Licence) kind() Kind     { return KindLicence }
func (*Consent) kind() Kind     { return KindConsent }
func (*Transfer) kind() Kind    { return KindTransfer }
func (*Delivery) kind() Kind    { return KindDelivery }
func (*Stock) kind() Kind       { return KindStock }
func (*Loss) kind() Kind        { return KindLoss }
func (*Destruction) kind() Kind { return KindDestruction }
func (*Recovery) kind() Kind    { return KindRecovery }
func (*Sighting) kind() Kind    { return KindSighting }
func (*Status) kind() Kind      { return KindStatus }
func (*Report) kind() Kind      { return KindReport }
func (*Coverage) kind() Kind    { return KindCoverage }
func (*Key) kind() Kind         { return KindKey }
func (*Correction) kind() Kind  { return KindCorrection }
