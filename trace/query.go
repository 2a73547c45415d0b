package trace

import (
	"errors"
	"fmt"

	"github.com/sublot/sublot/marking"
	"github.com/sublot/sublot/marking/pointer"
	"github.com/sublot/sublot/trace/clue"
)

// A Query is a question about ammunition.
type Query struct {
	// Text is what was asked: an identity, a span or a clue. Required.
	Text string

	// Item is the identity that Text was read as, where the caller knows it
	// from a mark. Zero means that Text is read by [Resolve].
	Item marking.Span

	// Clues is the lots that a text that is no identity is compared with. Nil
	// means those of the ledger, read for this question; who asks often keeps one.
	Clues *clue.Index

	// Pointers is what the register pointer of an item mark may stand for, by the
	// keys of the registers: see pointer.Resolve. Nil means that Text is no pointer.
	Pointers []pointer.Number

	// Mark is what a scanned mark said and whether its signature holds. Nil
	// means that no mark was scanned.
	Mark *MarkRead

	// Beside holds further marks of the same seizure. Where they agree the
	// smallest package is asked about, else the finding is MARKS_INCONSISTENT.
	Beside []Seen

	// Recovered is the day on which the ammunition was recovered. NoDay means
	// that no record is too late to count, and that deliveries are judged on Today.
	Recovered Day

	// Quantity is how many rounds were recovered. Zero means not known.
	Quantity int64

	// Condition is live, fired or reloaded; empty means not known.
	Condition string

	// KnownOn replays the question as known on a day. NoDay means all that is known.
	KnownOn Day

	// AsOf replays the question on the first AsOf records of the log. A
	// negative number means all; zero is an empty ledger.
	AsOf int64

	// Today is the day of the question. Required: no rule looks at a clock.
	Today Day
}

// A QueryError says what is wrong with a question.
type QueryError struct {
	Field  string // recovered, quantity, condition, …
	Reason string
	hint   string
}

func (e *QueryError) Error() string { return fmt.Sprintf("trace: %s: %s", e.Field, e.Reason) }

// Hint says what would be accepted.
func (e *QueryError) Hint() string { return e.hint }

// check refuses a question that no rule could answer.
func (q Query) check() error {
	switch {
	case q.Text == "" && q.Item.IsZero():
		return &QueryError{"item", "nothing is asked", "give an identity such as XCW/XCW24C001-012/001/0042, or what is left of the mark"}
	case q.Quantity < 0:
		return &QueryError{"quantity", fmt.Sprintf("%d rounds recovered", q.Quantity), "give the rounds recovered as a number above zero, or leave the quantity out"}
	case q.Condition != "" && q.Condition != "live" && q.Condition != "fired" && q.Condition != "reloaded":
		return &QueryError{"condition", fmt.Sprintf("%q is not a condition", q.Condition), "the condition is live, fired or reloaded"}
	case q.Today == NoDay:
		return errors.New("trace: Query.Today is not set: pass the day of the question")
	}
	return nil
}

// day is the day on which the goods are judged: that of the recovery, else the
// last day of all.
func (q Query) day() Day {
	if q.Recovered == NoDay {
		return lastDay
	}
	return q.Recovered
}

// asked is the day of the question: that of the recovery where one is given, else today.
func (q Query) asked() Day {
	if q.Recovered == NoDay {
		return q.Today
	}
	return q.Recovered
}

const lastDay Day = 1<<31 - 1
