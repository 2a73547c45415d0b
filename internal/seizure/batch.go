package seizure

import (
	"cmp"
	"context"
	"errors"
	"io"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/sublot/sublot/marking"
	"github.com/sublot/sublot/marking/pointer"
	"github.com/sublot/sublot/trace"
	"github.com/sublot/sublot/trace/clue"
)

// An Answer is what a question of a batch came to: a finding, or why there is none.
type Answer struct {
	Line    int            `json:"line"`
	Case    string         `json:"case,omitempty"`
	Finding *trace.Finding `json:"finding,omitempty"`
	Refused *RowError      `json:"refused,omitempty"`
}

// A Tally is what a batch came to. Its outcomes and the refused rows add up to
// the questions; so do the rounds.
type Tally struct {
	Questions int            `json:"questions"`
	Rounds    int64          `json:"rounds"` // as far as they were stated
	Outcomes  []OutcomeCount `json:"outcomes"`
	Refused   int            `json:"refused"`  // rows that are no question
	Named     int            `json:"named"`    // questions with one lawful end user
	Repeated  []RepeatedLot  `json:"repeated"` // lots of several questions
}

// An OutcomeCount is how often an outcome came.
type OutcomeCount struct {
	Outcome   trace.Outcome `json:"outcome"`
	Questions int           `json:"questions"`
	Rounds    int64         `json:"rounds"`
}

// A RepeatedLot is a lot that several questions lead to.
type RepeatedLot struct {
	Lot       marking.ID `json:"lot"`
	Questions int        `json:"questions"`
	Cases     []string   `json:"cases,omitempty"` // as far as they are named, each once
}

// Trace answers the questions of a batch, on all cores, and calls each with
// every answer in the order of the questions. A text that is a register pointer is
// resolved by the keys of registers.
func Trace(ctx context.Context, l trace.Ledger, in io.Reader, today trace.Day, each func(Answer) error, registers ...pointer.Key) (*Tally, error) {
	t := &tally{out: Tally{Outcomes: []OutcomeCount{}, Repeated: []RepeatedLot{}}, outcomes: map[trace.Outcome]*OutcomeCount{}, lots: map[marking.ID]*RepeatedLot{}}
	a := &answers{ctx: ctx, ledger: l, today: today, registers: registers}
	const most = 256
	var waiting []row
	flush := func() error {
		out, err := a.all(waiting)
		if err != nil {
			return err
		}
		for i, x := range out {
			t.add(waiting[i], x)
			if err := each(x); err != nil {
				return err
			}
		}
		waiting = waiting[:0]
		return ctx.Err()
	}
	err := Questions(in, func(q Question, wrong *RowError) error {
		if waiting = append(waiting, row{q, wrong}); len(waiting) == most {
			return flush()
		}
		return nil
	})
	if err == nil {
		err = flush()
	}
	return t.close(), err
}

type row struct {
	Question
	wrong *RowError
}

// answers resolves questions with one index of lots for all of them.
type answers struct {
	ctx    context.Context
	ledger trace.Ledger
	today  trace.Day

	registers []pointer.Key

	once  sync.Once
	clues *clue.Index
	err   error
}

// index is made when the first question is no identity.
func (a *answers) index() (*clue.Index, error) {
	a.once.Do(func() { a.clues, a.err = clue.New(a.ledger.Lots(a.ctx, "")) })
	return a.clues, a.err
}

func (a *answers) all(rows []row) ([]Answer, error) {
	out := make([]Answer, len(rows))
	next := make(chan int)
	var wait sync.WaitGroup
	var mu sync.Mutex
	var failed error
	for range min(runtime.GOMAXPROCS(0), len(rows)) {
		wait.Go(func() {
			for i := range next {
				x, err := a.one(rows[i])
				out[i] = x
				if err != nil {
					mu.Lock()
					failed = cmp.Or(failed, err)
					mu.Unlock()
				}
			}
		})
	}
	for i := range rows {
		if a.ctx.Err() != nil {
			break
		}
		next <- i
	}
	close(next)
	wait.Wait()
	return out, cmp.Or(a.ctx.Err(), failed)
}

func (a *answers) one(r row) (Answer, error) {
	out := Answer{Line: r.Line, Case: r.Case, Refused: r.wrong}
	if r.wrong != nil {
		out.Line = r.wrong.Line
		return out, nil
	}
	if r.Text == "" {
		out.Refused = &RowError{r.Line, "an item without a mark, an identity or a calibre", "give clue, item or calibre of each item"}
		return out, nil
	}
	q := r.query(a.today)
	if p, err := pointer.Parse(q.Text); err == nil && q.Item.IsZero() {
		q.Pointers = pointer.Resolve(p, a.registers)
		q.Mark = &trace.MarkRead{Signature: string(marking.StateRegistered)}
	} else if _, err := marking.ParseSpan(q.Text); err != nil && q.Item.IsZero() {
		if q.Clues, err = a.index(); err != nil {
			return out, err
		}
	}
	var err error
	out.Finding, err = trace.Resolve(a.ctx, a.ledger, q)
	if wrong, ok := errors.AsType[*trace.QueryError](err); ok {
		out.Refused, err = &RowError{r.Line, strings.TrimPrefix(wrong.Error(), "trace: "), wrong.Hint()}, nil
	}
	return out, err
}

type tally struct {
	out      Tally
	outcomes map[trace.Outcome]*OutcomeCount
	lots     map[marking.ID]*RepeatedLot
}

func (t *tally) add(r row, a Answer) {
	t.out.Questions++
	t.out.Rounds += r.Quantity
	f := a.Finding
	if f == nil {
		t.out.Refused++
		return
	}
	o := t.outcomes[f.Outcome]
	if o == nil {
		o = &OutcomeCount{Outcome: f.Outcome}
		t.outcomes[f.Outcome] = o
	}
	o.Questions++
	o.Rounds += r.Quantity
	if f.EndUser != nil {
		t.out.Named++
	}
	lot := lotOf(f)
	if lot.IsZero() {
		return
	}
	if t.lots[lot] == nil {
		t.lots[lot] = &RepeatedLot{Lot: lot}
	}
	x := t.lots[lot]
	x.Questions++
	if a.Case != "" && !slices.Contains(x.Cases, a.Case) {
		x.Cases = append(x.Cases, a.Case)
	}
}

func (t *tally) close() *Tally {
	for _, o := range t.outcomes {
		t.out.Outcomes = append(t.out.Outcomes, *o)
	}
	slices.SortFunc(t.out.Outcomes, func(a, b OutcomeCount) int {
		return cmp.Or(cmp.Compare(b.Questions, a.Questions), cmp.Compare(a.Outcome, b.Outcome))
	})
	for _, x := range t.lots {
		if x.Questions > 1 {
			t.out.Repeated = append(t.out.Repeated, *x)
		}
	}
	slices.SortFunc(t.out.Repeated, func(a, b RepeatedLot) int {
		return cmp.Or(cmp.Compare(b.Questions, a.Questions), a.Lot.Compare(b.Lot))
	})
	return &t.out
}

// lotOf returns the lot that a finding is about, the zero ID where it was not
// read as one.
func lotOf(f *trace.Finding) marking.ID {
	switch {
	case !f.Item.IsZero():
		return f.Item.First().Lot()
	case f.Lot != nil:
		return f.Lot.Item
	case !f.Query.Item.IsZero():
		return f.Query.Item.First().Lot()
	}
	return marking.ID{}
}
