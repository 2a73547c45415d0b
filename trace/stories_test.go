package trace_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sublot/sublot/trace"
	"github.com/sublot/sublot/trace/ledgertest"
)

func TestStories(t *testing.T) {
	ledgertest.RunStories(t, func(*testing.T) trace.Ledger { return trace.NewMemory() })
}

// told answers all questions of all stories.
func told(t *testing.T, each func(story string, f *trace.Finding)) {
	for _, s := range ledgertest.Stories(t) {
		l, err := worldLedger(s.Records)
		require.NoError(t, err)
		for _, a := range s.Asked {
			if f, _ := a.Answer(t, l); f != nil {
				each(s.Name, f)
			}
		}
	}
}

// TestEveryOutcomeAndFlagArises holds that nothing that a finding can say is
// without a story in which it does.
func TestEveryOutcomeAndFlagArises(t *testing.T) {
	missing := map[string]bool{}
	for _, code := range strings.Fields(`
		END_USER_IDENTIFIED END_USER_CANDIDATES LAST_RECORDED_HOLDER MAKER_ONLY TYPE_ONLY INSUFFICIENT_MARKS MARKS_INCONSISTENT
		RECORD_CONTRADICTED NO_RECORD NOT_SEARCHED RECORDS_DESTROYED RESTRICTED

		LOT_SPLIT_ACROSS_END_USERS SUBLOT_SPLIT LOT_LIMIT_EXCEEDED SPLIT_NOT_CONSERVED SOURCES_DISAGREE RETRANSFER_WITHOUT_CONSENT
		NOT_COVERED_BY_CLAUSE EUC_REUSED EUC_UNAUTHENTICATED EUC_EXPIRED LICENCE_MISSING LICENCE_EXPIRED LICENCE_REVOKED
		LICENCE_EXCEEDED END_USER_NOT_DISCLOSED DELIVERY_OVERDUE DELIVERY_UNCONFIRMED SHORT_DELIVERY DOCUMENT_MISMATCH LOSS_REPORTED
		RECORDED_DESTROYED RECORDED_EXPENDED RECORDED_IN_STOCK INSUFFICIENT_STOCK DOUBLE_TRANSFER MARK_DUPLICATED SIGNATURE_INVALID
		MARK_UNSIGNED MAKER_KEY_UNKNOWN MAKER_KEY_REVOKED PARTY_REPORTED RECORDED_LATE RECORDED_AFTER_RECOVERY MINIMUM_MARKS_NOT_MET
		ASSERTED_NOT_CONFIRMED DISPATCHED_AFTER_RECOVERY RECORDED_AFTER_KNOWN_ON

		R0 R1 R2 R3 R4 R5 R6 R7 R8 R9 R10 R11 R12`) {
		missing[code] = true
	}
	known := len(missing)
	told(t, func(story string, f *trace.Finding) {
		delete(missing, string(f.Outcome))
		for _, x := range f.Flags {
			delete(missing, x.Code)
		}
		for _, x := range f.Excluded {
			delete(missing, x.Reason)
		}
		for _, s := range f.Steps {
			delete(missing, s.Rule)
		}
	})
	require.Equal(t, 12+35+2+13, known)
	require.Empty(t, missing, "no story leads to these")
}

// TestNoTextAccuses reads what findings say to people: nobody is accused, and a
// share is called a probability only where that is denied.
func TestNoTextAccuses(t *testing.T) {
	const denial = "A share of the lot is not a probability."
	told(t, func(story string, f *trace.Finding) {
		var b strings.Builder
		require.NoError(t, f.WriteText(&b, ""))
		require.NoError(t, f.WriteSteps(&b, ""))
		text := strings.ToLower(strings.ReplaceAll(b.String(), denial, ""))
		for _, word := range []string{"guilt", "culprit", "smuggl", "traffick", "illegal", "illicit", "crime", "criminal", "suspect", "blame",
			"perpetrat", "unlawful", "offence", "offender", "stole ", "thief", "fraud", "corrupt", "complicit", "responsible", "violat",
			"probab", "likel", "chance", "odds", "percent", "%"} {
			require.NotContains(t, text, word, story)
		}
		if f.Outcome == trace.EndUserCandidates {
			require.Contains(t, b.String(), denial)
		}
	})
}
