package trace

import "slices"

// A rule is one of R0 to R12, or a part of it that has its own place.
type rule struct {
	number string
	apply  func(*answer) error
	always bool // also where nothing is found
}

// rules returns the rules in the order in which they are applied: what is
// asked, what happened to it, who is named, and what stands beside that. What
// each did stands in the steps of the finding, under its number, with the
// records that justify it. Nothing is decided in any other place.
func rules() []rule {
	return []rule{
		{number: "R8", apply: (*answer).nothingIsRepaired},
		{number: "R9", apply: (*answer).onRecord},
		{number: "R11", apply: (*answer).twoClocks, always: true},
		{number: "R0", apply: (*answer).whoseWordCounts},
		{number: "R3", apply: (*answer).timeExcludes},
		{number: "R7", apply: (*answer).conserve},
		{number: "R5", apply: (*answer).retransfers},
		{number: "R1", apply: (*answer).oneNameNeedsExclusion},
		{number: "R4", apply: (*answer).quantityBinds},
		{number: "R2", apply: (*answer).rolesApart},
		{number: "R6", apply: (*answer).contradictions},
		{number: "R12", apply: (*answer).unconfirmedWords},
		{number: "R10", apply: (*answer).markIsAnotherQuestion, always: true},
		{number: "R9", apply: (*answer).gaps, always: true},
	}
}

// resolve applies the rules.
func (a *answer) resolve() error {
	a.ask()
	for _, r := range rules() {
		if a.done && !r.always {
			continue
		}
		a.rule = r.number
		if err := r.apply(a); err != nil {
			return err
		}
		if a.course != nil && a.course.err != nil {
			return a.course.err
		}
	}
	return a.close()
}

// nothingIsRepaired reads what was asked, in as many ways as it can be read, and
// compares the marks that were given together (R8).
func (a *answer) nothingIsRepaired() (err error) {
	if a.done, err = a.read(); a.done || err != nil {
		return err
	}
	a.done, err = a.together()
	return err
}

// twoClocks says that the question is a replay (R11). What is not known on its
// day, or not among the first records of the log, is not seen by any rule.
func (a *answer) twoClocks() error {
	if a.q.KnownOn != NoDay {
		a.step(say("Only what was on record by %s counts: the question is a replay.", a.q.KnownOn))
	}
	if a.q.AsOf >= 0 {
		a.step(say("Only the first %d records of the log count: the question is a replay.", a.q.AsOf))
	}
	return nil
}

// whoseWordCounts follows the lot from its maker to the day of recovery, by the
// word of those who have a say, and lists the words that move nothing (R0).
func (a *answer) whoseWordCounts() error {
	if err := a.courses(); err != nil {
		return err
	}
	if a.more {
		a.step(say("Records leave open which rounds were given more often than could be followed (%d courses were): every party that a transfer names is listed, with all that it can have got.", len(a.ways)))
	}
	return a.wordsThatDoNotCount()
}

// conserve states the quantities and what was given out beyond them (R7).
func (a *answer) conserve() error {
	a.lotFacts()
	a.raise("SPLIT_NOT_CONSERVED")
	if err := a.flagLot(); err != nil {
		return err
	}
	return a.flagSplit()
}

// retransfers lists how each transfer under a clause was judged (R5). The
// judging itself is [custody.judge].
func (a *answer) retransfers() error {
	a.raise("RETRANSFER_WITHOUT_CONSENT", "NOT_COVERED_BY_CLAUSE")
	for _, m := range a.course.allowed {
		if m.bearsOn(a.region) {
			a.step(m.says, m.records...)
		}
	}
	return nil
}

// rolesApart tells the last recorded holder from the end user, with the chain
// between them and the state of its papers, which unname nobody (R2).
func (a *answer) rolesApart() error {
	for _, part := range []func(*answer) error{(*answer).lastHolder, (*answer).window, (*answer).chain, (*answer).flagTransfers, (*answer).flagLate} {
		if err := part(a); err != nil {
			return err
		}
	}
	return nil
}

// contradictions finds what cannot all be so (R6).
func (a *answer) contradictions() error {
	a.raise("DOUBLE_TRANSFER", "INSUFFICIENT_STOCK", "SOURCES_DISAGREE")
	for _, part := range []func(*answer) error{(*answer).contradict, (*answer).flagTellings, (*answer).flagStates, (*answer).flagLater, (*answer).flagDuplicates} {
		if err := part(a); err != nil {
			return err
		}
	}
	return nil
}

// raise raises those flags of the course of events that bear on what was asked.
func (a *answer) raise(codes ...string) {
	for _, m := range a.course.remarks {
		if slices.Contains(codes, m.code) && m.bearsOn(a.region) {
			a.addFlag(m.code, m.says, m.records...)
		}
	}
}
