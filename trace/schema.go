package trace

import (
	"reflect"
	"slices"
)

// A field is one row of a schema table.
type field struct {
	name string
	need need
	form form
	says string // what it means, for docs/records.md
}

// need says whether a field must be there.
type need bool

const (
	may  need = false
	must need = true
)

// commonFields are the fields of every record.
var commonFields = []field{
	{"kind", must, aName, "one of the kinds below"},
	{"source", must, anID, "party id of whoever asserts this"},
	{"id", must, anID, "unique within the source; `source:id` names the record everywhere"},
	{"at", may, aWhen, "when it happened; a date means that whole day, UTC"},
	{"recorded", may, aWhen, "when the source wrote it down; default: `at`, else `made.to` of a lot, `issued` of an EUC, `valid_from` of a licence or key, else always known"},
	{"note", may, aText, "free text, kept and never interpreted"},
	{"ext", may, anyObject, "national or partner fields, kept and never interpreted"},
}

// Parts that several kinds share.
var (
	lineList = listOf(objectOf(
		field{"item", must, aSpan, "the package or packages"},
		field{"quantity", must, aQuantity, "rounds; fewer than the item holds is an unplaced part of it"}))
	goodsList = listOf(objectOf(
		field{"calibre", may, aName, "as the paper says it"},
		field{"type", may, aName, "ball, tracer, …"},
		field{"quantity", may, aQuantity, "rounds"}))
	roleList = listOf(objectOf(
		field{"party", must, anID, "party id"},
		field{"role", must, aName, "as the paper says it"}))
)

const (
	saysLines = "what it is about; lines may not overlap"
	saysGoods = "what the paper allows"
	saysRoles = "everybody the paper names"
)

// A table lists what a record of one kind may hold beside the common fields.
type table struct {
	kind   Kind
	body   func() Body // makes an empty one
	dated  need        // whether `at` must be given
	says   string
	at     string // what `at` means, where it is more than the day of the event
	fields []field
}

// schema is what the import accepts, kind by kind. docs/records.md is written
// from it.
var schema = []table{
	{KindParty, newBody[Party], may, "Who a party is. A later record updates it from its `at` on.", "", []field{
		{"party", may, anID, "the party's id; default: `id`"},
		{"name", must, aName, "full name"},
		{"country", must, aCountry, "its country"},
		{"roles", must, listOf(oneOf("maker", "authority", "end_user", "consignee", "broker", "carrier", "dealer")), "what it may be in a transfer"},
		{"aliases", may, listOf(aName), "other names"},
		{"parent", may, anID, "the party this one is a unit of"},
		{"successor", may, anID, "the party that took over from this one"},
		{"valid_from", may, aWhen, "first day"},
		{"valid_to", may, aWhen, "last day"},
	}},
	{KindLot, newBody[Lot], may, "A lot: its ammunition data card.", "", []field{
		{"item", must, anItem, "the lot"},
		{"calibre", must, aName, "as the maker names it"},
		{"quantity", must, aQuantity, "rounds made"},
		{"type", may, aName, "ball, tracer, …"},
		{"made", may, objectOf(
			field{"from", may, aWhen, "first day"},
			field{"to", may, aWhen, "last day"}), "days of manufacture"},
		{"lot_kind", may, oneOf("production", "delivery", "import"), "what makes it a lot"},
		{"as_printed", may, aName, "the lot number as printed, where the identity spells it otherwise"},
		{"parent", may, objectOf(
			field{"item", must, anItem, "that lot"},
			field{"relation", must, oneOf("rework", "functional", "merged"), "how"}), "the lot it was made from; they are never merged"},
		{"components", may, listOf(objectOf(
			field{"part", must, aName, "which component"},
			field{"maker", may, aName, "its maker"},
			field{"lot", may, aName, "its lot, as printed"})), "lots of powder, primer, case, projectile"},
		{"limit", may, aQuantity, "rounds of the largest lawful lot"},
		{"hazard", may, aHazard, "classification"},
		{"nsn", may, aName, "stock number"},
	}},
	{KindPack, newBody[Pack], must, "How a lot or a package is divided. At no level may the parts exceed the whole.", "", []field{
		{"item", must, anItem, "the lot or package divided"},
		{"quantity", must, aQuantity, "rounds in it"},
		{"units", must, listOf(objectOf(
			field{"item", must, aSpan, "a package, or a span of equal ones"},
			field{"level", may, oneOf("sublot", "pallet", "case", "crate", "tin", "box", "carton", "item"), "what kind of package"},
			field{"each", may, aQuantity, "rounds in each"})), "its packages, at one level or several"},
	}},
	{KindPointers, newBody[Pointers], must, "Which numbers of a register, which item marks point to, stand for which units. The numbers are those that the register counts by, not the permuted ones that are printed.", "", []field{
		{"from", must, aNumber, "first number"},
		{"to", must, aNumber, "last number"},
		{"items", must, aSpan, "the units, as many as there are numbers"},
	}},
	{KindRepack, newBody[Repack], must, "Packages put into a logistic unit or taken out. It renames nothing.", "", []field{
		{"holder", must, anID, "who did it"},
		{"unit", must, aName, "an SSCC or other logistic number"},
		{"action", must, oneOf("into", "out_of"), "which way"},
		{"lines", must, lineList, saysLines},
	}},
	{KindEUC, newBody[EUC], may, "An end-user certificate.", "", []field{
		{"number", must, aName, "as printed"},
		{"issued", must, aWhen, "day of issue"},
		{"authority", must, anID, "who issued it"},
		{"end_user", must, anID, "whom it certifies"},
		{"expires", may, aWhen, "last day on which a licence may cite it"},
		{"consignee", may, anID, "who receives the goods for the end user"},
		{"exporter", may, anID, "who exports them"},
		{"goods", may, goodsList, saysGoods},
		{"end_use", may, aText, "what they are for"},
		{"clause", may, objectOf(
			field{"acts", must, listOf(oneOf("sale", "gift", "loan", "lease", "other")), "acts that need consent"},
			field{"consent_by", must, anID, "the authority whose consent counts"},
			field{"in_force_from", may, aWhen, "from when on; it binds without end"},
			field{"exceptions", may, listOf(anID), "parties to whom no consent is needed"}), "the non-retransfer clause"},
		{"authenticated", may, objectOf(
			field{"by", must, anID, "who confirmed"},
			field{"at", must, aWhen, "when"}), "that its authority confirmed it"},
	}},
	{KindLicence, newBody[Licence], may, "An export, import, transit, brokering or domestic licence.", "", []field{
		{"number", must, aName, "as printed"},
		{"authority", must, anID, "who issued it"},
		{"type", may, oneOf("export", "import", "transit", "brokering", "domestic"), "what it allows"},
		{"euc", may, aRef, "the certificate it cites"},
		{"parties", may, roleList, saysRoles},
		{"goods", may, goodsList, saysGoods},
		{"valid_from", may, aWhen, "first day"},
		{"valid_to", may, aWhen, "last day"},
	}},
	{KindConsent, newBody[Consent], must, "A written approval of a retransfer.", "from when on it counts", []field{
		{"euc", must, aRef, "the certificate whose clause asks for it"},
		{"by", must, anID, "who consents"},
		{"from", must, anID, "who may give"},
		{"to", must, anID, "who may receive"},
		{"act", must, oneOf("sale", "gift", "loan", "lease", "issue", "return", "other"), "how"},
		{"lines", must, lineList, saysLines},
		{"valid_to", may, aWhen, "last day"},
	}},
	{KindTransfer, newBody[Transfer], must, "Goods going from one party to another.", "dispatched", []field{
		{"from", must, anID, "who gives"},
		{"to", must, anID, "who receives"},
		{"lines", must, lineList, saysLines},
		{"end_user", may, anID, "whom the goods are for; default: `to` where it has the role end_user, else none"},
		{"act", may, oneOf("sale", "gift", "loan", "lease", "issue", "return"), "how; default sale"},
		{"licence", may, aRef, "the licence used"},
		{"euc", may, aRef, "the certificate cited"},
		{"parties", may, roleList, saysRoles},
		{"container", may, aName, "its number"},
		{"vessel", may, objectOf(
			field{"imo", must, aName, "IMO number, which survives a new name"},
			field{"name", may, aName, "name at the time"}), "the ship"},
		{"seals", may, listOf(aName), "their numbers"},
		{"gross_kg", may, aWeight, "gross weight"},
		{"route", may, listOf(aCountry), "countries passed, in order"},
		{"delivery_due", may, aWhen, "last day for the delivery verification"},
	}},
	{KindDelivery, newBody[Delivery], must, "A delivery verification.", "received", []field{
		{"transfer", must, aRef, "what was delivered"},
		{"to", must, anID, "who received"},
		{"lines", must, lineList, saysLines},
		{"gross_kg", may, aWeight, "gross weight"},
		{"discrepancies", may, listOf(objectOf(
			field{"type", must, oneOf("short", "over", "damaged", "wrong_lot"), "how"},
			field{"item", may, aSpan, "of what"},
			field{"quantity", may, aQuantity, "how much"})), "what was wrong"},
	}},
	{KindStock, newBody[Stock], must, "A posting in a holder's inventory.", "", []field{
		{"holder", must, anID, "whose inventory"},
		{"site", must, aName, "where the goods are after it"},
		{"movement", must, oneOf("receipt", "issue", "move", "return", "expend", "found", "count"), "what happened"},
		{"lines", must, lineList, saysLines},
		{"from_site", may, aName, "where they were before"},
		{"condition", may, aName, "condition code"},
		{"document", may, aName, "the paper behind it"},
	}},
	{KindLoss, newBody[Loss], must, "A loss or theft.", "discovered", []field{
		{"holder", must, anID, "who lost it"},
		{"lines", must, lineList, saysLines},
		{"site", may, aName, "where"},
		{"type", may, oneOf("theft", "loss", "unaccounted"), "how"},
		{"last_correct", may, aWhen, "the last day on which all was there"},
	}},
	{KindDestruction, newBody[Destruction], must, "A destruction certificate.", "destroyed", []field{
		{"holder", must, anID, "who destroyed it"},
		{"lines", must, lineList, saysLines},
		{"site", may, aName, "where"},
		{"certificate", may, aName, "its number"},
		{"method", may, aName, "how"},
	}},
	{KindRecovery, newBody[Recovery], must, "A seizure, a surrender or a find.", "", []field{
		{"agency", must, anID, "who recovered it"},
		{"country", must, aCountry, "where"},
		{"items", must, listOf(objectOf(
			field{"clue", may, aText, "the mark as read"},
			field{"item", may, aSpan, "what it was read as"},
			field{"quantity", may, aQuantity, "rounds"},
			field{"calibre", may, aName, "as read"},
			field{"read", may, eachOneOf("clear", "partial", "illegible", "obliterated", "absent", "not_examined"), "for each field of the mark, how well it was read"},
			field{"position", may, oneOf("item", "inner", "outer", "paper"), "where the mark was"},
			field{"condition", may, oneOf("live", "fired", "reloaded"), "state of the rounds"})), "what, group by group"},
		{"place", may, aText, "where exactly"},
		{"circumstances", may, oneOf("crime_scene", "search", "border", "cache", "battlefield", "surrender", "found"), "how"},
		{"methods", may, aText, "how they were diverted"},
		{"concealment", may, aText, "how they were hidden"},
		{"route", may, aText, "the way they came"},
		{"transport", may, aText, "what carried them"},
	}},
	{KindSighting, newBody[Sighting], must, "A mark scanned somewhere.", "", []field{
		{"by", must, anID, "who scanned it"},
		{"item", must, aSpan, "what the mark names"},
		{"place", may, aText, "where"},
		{"mark", may, someBytes, "the frame"},
		{"picture", may, aSHA256, "SHA-256 of the picture"},
	}},
	{KindStatus, newBody[Status], must, "A licence, key, lot or certificate changes state.", "from when on", []field{
		{"of", must, aRef, "what changes"},
		{"state", must, oneOf("revoked", "suspended", "recalled", "rejected", "accepted", "authenticated", "withdrawn"), "to what"},
		{"reason", may, aText, "why"},
	}},
	{KindReport, newBody[Report], must, "A party that diverted before: a source's word, with a date, and no verdict.", "", []field{
		{"about", must, anID, "the party"},
		{"case", must, aName, "the source's case number"},
		{"review", may, aWhen, "when the report is to be looked at again"},
		{"says", may, aText, "what it says"},
	}},
	{KindCoverage, newBody[Coverage], must, "What can be searched of a party's records.", "", []field{
		{"party", must, anID, "whose records"},
		{"from", may, aWhen, "first day covered"},
		{"to", may, aWhen, "last day covered"},
		{"state", must, oneOf("complete", "partial", "destroyed", "refused", "not_searched"), "what became of them"},
		{"authority", may, anID, "who says so, or refused"},
		{"reason", may, aText, "why"},
	}},
	{KindKey, newBody[Key], may, "A public key. Inside a ledger it gives nobody authority; trust files do.", "", []field{
		{"maker", may, anID, "the maker it belongs to; one of `maker` and `party` must be given"},
		{"party", may, anID, "the party it belongs to"},
		{"algorithm", may, oneOf("ed25519"), "default ed25519"},
		{"public_key", must, aKey, "the key"},
		{"valid_from", may, aWhen, "first day"},
		{"valid_to", may, aWhen, "last day"},
	}},
	{KindCorrection, newBody[Correction], must, "Voids a record, which stays in the log.", "", []field{
		{"voids", must, aRef, "the record that no longer counts"},
		{"reason", must, aText, "why"},
		{"replaced_by", may, aRef, "the record that counts instead"},
	}},
}

// A fullTable has the common fields before those of its kind, and says how they are read.
type fullTable struct {
	table
	layout layout
}

// tables are those of schema by kind.
var tables = func() map[Kind]*fullTable {
	m := make(map[Kind]*fullTable, len(schema))
	for _, t := range schema {
		all := append(slices.Clone(commonFields), t.fields...)
		for i := range all {
			if all[i].name == "at" {
				all[i].need = t.dated
			}
		}
		t.fields = all
		m[t.kind] = &fullTable{t, layoutOf(all, reflect.TypeFor[Record](), reflect.TypeOf(t.body()).Elem())}
	}
	return m
}()

// newBody returns an empty body: newBody[Lot] a *Lot.
func newBody[T any, P interface {
	*T
	Body
}]() Body {
	return P(new(T))
}
