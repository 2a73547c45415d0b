package trace

// markIsAnotherQuestion says what the mark that was scanned proves, and what it
// does not (R10).
func (a *answer) markIsAnotherQuestion() error {
	m := a.q.Mark
	if m == nil {
		return nil
	}
	switch m.Signature {
	case "valid":
		a.step(say("The signature says who made the mark, not that the rounds in the package are those that were packed."))
	case "invalid":
		a.addFlag("SIGNATURE_INVALID", say("The signature of the mark does not hold: what it says is not proven to be its maker's word."))
	case "unsigned":
		a.addFlag("MARK_UNSIGNED", say("The mark is not signed."))
	case "unknown_key":
		a.addFlag("MAKER_KEY_UNKNOWN", say("The mark is signed with a key that nobody here vouches for."))
	case "revoked_key":
		if err := a.flagRevoked(m); err != nil {
			return err
		}
	}
	if m.Signature != "registered" {
		a.flagMinimum(m)
	}
	return nil
}

// flagRevoked says whether a mark whose key is revoked may be believed: a thief
// of the key can write any month into it, but not into a pack that was on record
// before the revocation.
func (a *answer) flagRevoked(m *MarkRead) error {
	says := say("The mark is signed with a key that was revoked, and no pack on record before the revocation holds this unit: the mark is not believed.")
	if a.laid == nil || m.Revoked.IsZero() {
		a.addFlag("MAKER_KEY_REVOKED", says)
		return nil
	}
	for _, r := range a.laid.records {
		b, ok := r.Body.(*Pack)
		if !ok || r.Source != a.laid.maker || r.Known() >= m.Revoked.Day() {
			continue
		}
		if stands, err := a.v.stands(r); err != nil {
			return err
		} else if !stands {
			continue
		}
		for _, u := range b.Units {
			if u.Item.Contains(a.asked) {
				a.addFlag("MAKER_KEY_REVOKED", say("The mark is signed with a key that was revoked on %s; the unit is believed, since a pack recorded on %s, before that, holds it.", m.Revoked.Day(), r.Known()), r.Ref())
				return nil
			}
		}
	}
	a.addFlag("MAKER_KEY_REVOKED", says)
	return nil
}

// flagMinimum looks for what a mark should say of itself: measure 11.a.
func (a *answer) flagMinimum(m *MarkRead) {
	var lacks []any
	if m.Fields["calibre"] == "" {
		lacks = append(lacks, say("calibre"))
	}
	if m.Fields["made"] == "" {
		lacks = append(lacks, say("year of manufacture"))
	}
	if len(lacks) > 0 {
		a.addFlag("MINIMUM_MARKS_NOT_MET", say("The mark does not say: %s.", list{names: lacks}))
	}
}
