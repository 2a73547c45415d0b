package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sublot/sublot/internal/plot"
	"github.com/sublot/sublot/internal/words"
	"github.com/sublot/sublot/trace"
)

// Seizures is what a report of seizures shows. Whoever counts fills it; the report
// checks that counts which are parts of a whole add up to it.
type Seizures struct {
	Subject string // which seizures: a country, a period
	Today   trace.Day
	Version string
	Cases   int
	Items   int   // groups of things recovered together
	Rounds  int64 // as far as they were stated

	// Outcomes, Months and the others count items. Each item is counted once in
	// Outcomes, Months and Places, under an empty label where it is not known.
	Outcomes, Months, Places, Types, Lots []plot.Bar

	// Transit is the days from the last lawful dispatch to the recovery of each
	// item for which both are on record; NoTransit is how many have none.
	Transit   []int
	NoTransit int

	Clusters []Cluster
	Records  []trace.Ref // of the recoveries
}

// A Cluster is a lot that was recovered in several cases.
type Cluster struct {
	Lot    string
	Cases  []trace.Ref
	Places []string
	Rounds int64
	First  trace.Day
	Last   trace.Day
}

// A SumError says that counts do not add up.
type SumError struct {
	What      string
	Sum, Want int64
}

func (e *SumError) Error() string {
	return fmt.Sprintf("report: %s add up to %d, not to %d items", e.What, e.Sum, e.Want)
}

// OfSeizures makes the document of seizures in numbers. Counts that do not add up
// are a *[SumError].
func OfSeizures(s *Seizures, lang string) (*Document, error) {
	d, err := newDocument(lang, "", s.Subject)
	if err != nil {
		return nil, err
	}
	for _, x := range []struct {
		what string
		bars []plot.Bar
	}{{"outcomes", s.Outcomes}, {"months", s.Months}, {"places", s.Places}} {
		if sum := total(x.bars); sum != int64(s.Items) {
			return nil, &SumError{x.what, sum, int64(s.Items)}
		}
	}
	if n := len(s.Transit) + s.NoTransit; n != s.Items {
		return nil, &SumError{"times from dispatch to recovery", int64(n), int64(s.Items)}
	}
	d.Title = d.say("Seizures in numbers")
	d.Made = d.say("Made on %s with %s", s.Today, strings.TrimSpace("sublot "+strings.TrimPrefix(s.Version, "sublot ")))
	d.heading(d.say("In all"))
	d.facts([2]string{d.say("seizures"), words.Group(int64(s.Cases))}, [2]string{d.say("items"), words.Group(int64(s.Items))},
		[2]string{d.say("rounds stated"), words.Group(s.Rounds)})
	d.paragraph(d.say("An item is a group of things recovered together. Each is counted once in each figure that says so; what is not known is shown as not known, never guessed."), fine)
	d.bars(d.say("What tracing came to"), d.say("Items by outcome; together they are all items."), s.Outcomes, s.Items, false)
	d.months(s)
	d.bars(d.say("Where"), d.say("Items by place of recovery, which is neither the end user nor the last holder."), s.Places, s.Items, true)
	d.bars(d.say("What"), d.say("Items by calibre or type."), s.Types, s.Items, true)
	d.bars(d.say("Which lots"), d.say("Items by lot, as far as one was read."), s.Lots, s.Items, true)
	d.transit(s)
	d.clusters(s)
	d.heading(d.say("What this report does not say"))
	d.list(
		d.say("It accuses nobody. That goods were found somewhere does not say who took them there, nor that a party did anything wrong."),
		d.say("These are the seizures that were recorded here, not all that were made: more in one place may mean more searching there."),
		d.say("That a lot turns up in several cases is a lead and no proof: one lot is often sold to many."),
	)
	if len(s.Records) > 0 {
		var refs []string
		for _, r := range s.Records {
			refs = append(refs, string(r))
		}
		d.heading(d.say("Records"))
		d.paragraph(strings.Join(refs, ", "), fine)
	}
	return d, nil
}

func total(bars []plot.Bar) (sum int64) {
	for _, b := range bars {
		sum += b.Value
	}
	return sum
}

// mostBars is how many bars a figure has; the rest is one bar.
const mostBars = 20

// bars draws counts with their share of all items.
func (d *Document) bars(title, caption string, bars []plot.Bar, items int, cut bool) {
	if len(bars) == 0 {
		return
	}
	shown := slices.Clone(bars)
	if cut && len(shown) > mostBars {
		rest := shown[mostBars-1:]
		shown = append(shown[:mostBars-1:mostBars-1], plot.Bar{Label: d.say("%d others", len(rest)), Value: total(rest)})
	}
	var says []string
	for i := range shown {
		b := &shown[i]
		if b.Label == "" {
			b.Label = d.say("not known")
		}
		if items > 0 && b.Note == "" {
			b.Note = fmt.Sprintf("(%.0f %%)", 100*float64(b.Value)/float64(items))
		}
		says = append(says, fmt.Sprintf("%s: %d", b.Label, b.Value))
	}
	d.heading(title)
	d.figure(plot.Bars(pageWidth, title, strings.Join(says, "; "), shown), caption)
}

func (d *Document) months(s *Seizures) {
	if len(s.Months) == 0 {
		return
	}
	d.heading(d.say("When"))
	shown := slices.Clone(s.Months)
	var says []string
	for i := range shown {
		if shown[i].Label == "" {
			shown[i].Label = d.say("not known")
		}
		says = append(says, fmt.Sprintf("%s: %d", shown[i].Label, shown[i].Value))
	}
	d.figure(plot.Histogram(pageWidth, d.say("When"), strings.Join(says, "; "), shown), d.say("Items by month of recovery."))
}

// transit draws how long goods took from the last lawful dispatch to their recovery.
func (d *Document) transit(s *Seizures) {
	d.heading(d.say("From dispatch to recovery"))
	if len(s.Transit) == 0 {
		d.paragraph(d.say("For no item both days are on record."), plain)
		return
	}
	days := slices.Clone(s.Transit)
	slices.Sort(days)
	classes := []struct {
		to   int
		name string
	}{{30, "≤ 30"}, {90, "31–90"}, {180, "91–180"}, {365, "181–365"}, {730, "1–2"}, {1825, "2–5"}, {3650, "5–10"}, {1 << 30, "> 10"}}
	bars := make([]plot.Bar, len(classes))
	var says []string
	for i, c := range classes {
		label := d.say("%s days", c.name)
		if c.to > 365 {
			label = d.say("%s years", c.name)
		}
		bars[i].Label = label
	}
	for _, n := range days {
		for i, c := range classes {
			if n <= c.to {
				bars[i].Value++
				break
			}
		}
	}
	for _, b := range bars {
		says = append(says, fmt.Sprintf("%s: %d", b.Label, b.Value))
	}
	d.figure(plot.Histogram(pageWidth, d.say("From dispatch to recovery"), strings.Join(says, "; "), bars),
		d.say("Items by the time from the last lawful dispatch on record to the recovery. Classes differ in width."))
	d.facts(
		[2]string{d.say("items with both days"), words.Group(int64(len(days)))},
		[2]string{d.say("items without"), words.Group(int64(s.NoTransit))},
		[2]string{d.say("shortest"), d.say("%s days", words.Group(int64(days[0])))},
		[2]string{d.say("median"), d.say("%s days", words.Group(int64(days[(len(days)-1)/2])))},
		[2]string{d.say("longest"), d.say("%s days", words.Group(int64(days[len(days)-1])))},
	)
}

func (d *Document) clusters(s *Seizures) {
	if len(s.Clusters) == 0 {
		return
	}
	d.heading(d.say("Lots in several cases"))
	t := table{align: "<>>><", width: []float64{.26, .1, .12, .2, .32},
		head: []string{d.say("lot"), d.say("cases"), d.say("rounds"), d.say("from – to"), d.say("places and records")}}
	for _, c := range s.Clusters {
		days := c.First.String() + " – " + c.Last.String()
		t.rows = append(t.rows, []string{c.Lot, fmt.Sprint(len(c.Cases)), words.Group(c.Rounds), days, d.cite(strings.Join(c.Places, ", "), c.Cases)})
	}
	d.table(t)
}
