package report

import (
	"github.com/sublot/sublot/internal/words"
	"github.com/sublot/sublot/trace"
)

// OfWhere makes the document of where an item is. Lot is the lot around it as it
// lies on that day, nil where it is not drawn.
func OfWhere(w *trace.Whereabouts, lot *trace.Piece, today trace.Day, version, lang string) (*Document, error) {
	d, err := ofParty(trace.NamedParty{Party: w.Item.String()}, w.At, today, version, lang)
	if err != nil {
		return nil, err
	}
	d.Title = d.say("Where each part is")
	c := &Case{Finding: &trace.Finding{Query: trace.Asked{Recovered: w.At}, Lot: &trace.LotFacts{Item: w.Item.First().Lot()}}, Lot: lot}
	d.lot(c, castOf(c))
	d.heading(d.say("In all, in rounds"))
	d.parts(w)
	d.heading(d.say("What this report does not say"))
	d.list(
		d.say("Rounds that no record places are shown as unaccounted: that they are lost, no record says."),
		d.say("The figures are sums of records; a record is the word of its source. Nothing here is a verdict on anybody."),
	)
	return d, nil
}

// parts is where rounds are, adding up to the whole.
func (d *Document) parts(w *trace.Whereabouts) {
	t := table{align: "<<<>", width: []float64{.32, .24, .24, .2}, sums: true,
		head: []string{d.say("party"), d.say("site"), d.say("state"), d.say("rounds")}}
	var sum int64
	for _, p := range w.Parts {
		sum += p.Quantity
		t.rows = append(t.rows, []string{p.Party, p.Site, d.say(word(p.State)), words.Group(p.Quantity)})
	}
	t.rows = append(t.rows, []string{d.say("in all"), "", "", words.Group(sum)})
	d.table(t)
}
