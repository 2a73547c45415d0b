package trace

import "slices"

// gaps lists what could not be searched of the records of the parties that the
// finding speaks of (R9).
func (a *answer) gaps() error {
	if a.asked.IsZero() {
		return nil
	}
	parties := []string{a.asked.First().Maker()}
	for _, l := range a.f.Chain {
		parties = append(parties, l.From, l.To)
	}
	for _, c := range a.f.Candidates {
		parties = append(parties, c.Party)
	}
	if eu := a.f.EndUser; eu != nil {
		parties = append(parties, eu.Party)
	}
	slices.Sort(parties)
	for _, p := range slices.Compact(parties) {
		if p == "" {
			continue
		}
		gaps, err := a.v.gapsOf(p)
		if err != nil {
			return err
		}
		a.f.Searched.Gaps = append(a.f.Searched.Gaps, gaps...)
	}
	return nil
}

// gapsOf lists what could not be searched of the records of a party.
func (v *view) gapsOf(party string) ([]Gap, error) {
	rs, err := v.about(party, KindCoverage)
	if err != nil {
		return nil, err
	}
	var out []Gap
	for _, r := range rs {
		if b := r.Body.(*Coverage); b.State != "complete" {
			out = append(out, Gap{party, b.State, b.From, b.To, []Ref{r.Ref()}, b.says(r.Source)})
		}
	}
	return out, nil
}

// says puts a coverage record into words.
func (b *Coverage) says(source string) Sentence {
	of := clauses{b.Party}
	switch {
	case b.From.IsZero() && b.To.IsZero():
	case b.From.IsZero():
		of.add(say("up to %s", b.To))
	case b.To.IsZero():
		of.add(say("from %s on", b.From))
	default:
		of.add(say("from %s to %s", b.From, b.To))
	}
	state := clauses{code(b.State)}
	if b.Authority != "" {
		state.add(say("by %s", b.Authority))
	}
	if b.Reason != "" {
		state = append(state, b.Reason)
	}
	return say("%s says that the records of %s are %s.", source, list{names: of}, list{names: state})
}
