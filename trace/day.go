package trace

import (
	"fmt"
	"time"
)

// A Day is a calendar day in UTC, counted from 1970-01-01. All rules of time
// compare days: a date means its whole day. The zero Day of a field that may be
// absent is [NoDay].
type Day int32

// NoDay stands for a day that is not given. It lies before every other day.
const NoDay Day = -1 << 31

// ParseDay reads a date such as 2024-05-10.
func ParseDay(s string) (Day, error) {
	if d, ok := plainDay(s); ok {
		return d, nil
	}
	t, err := time.ParseInLocation(time.DateOnly, s, time.UTC)
	if err != nil {
		return NoDay, fmt.Errorf("trace: %q is not a date: write year-month-day, e.g. 2024-05-10", s)
	}
	return DayOf(t), nil
}

// plainDay is the fast path for what nearly all dates are.
func plainDay(s string) (Day, bool) {
	if len(s) != 10 || s[4] != '-' || s[7] != '-' {
		return 0, false
	}
	var n [3]int
	for i, at := range [...]struct{ from, to int }{{0, 4}, {5, 7}, {8, 10}} {
		for _, c := range []byte(s[at.from:at.to]) {
			if c < '0' || c > '9' {
				return 0, false
			}
			n[i] = 10*n[i] + int(c-'0')
		}
	}
	y, m, d := n[0], n[1], n[2]
	if m < 1 || m > 12 || d < 1 || d > daysOf[m-1] || m == 2 && d == 29 && (y%4 != 0 || y%100 == 0 && y%400 != 0) {
		return 0, false
	}
	if m <= 2 { // years begin in March, so that a leap day ends one
		y, m = y-1, m+12
	}
	return Day(365*y + floorDiv(y, 4) - floorDiv(y, 100) + floorDiv(y, 400) + (153*(m-3)+2)/5 + d - 1 - 719468), true
}

// daysOf says how many days a month has at most.
var daysOf = [...]int{31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}

func floorDiv(a, b int) int {
	if a < 0 {
		return -((b - 1 - a) / b)
	}
	return a / b
}

// DayOf returns the day in UTC that t falls on.
func DayOf(t time.Time) Day {
	const seconds = 24 * 60 * 60
	s := t.Unix()
	d := s / seconds
	if s%seconds < 0 {
		d--
	}
	return Day(d)
}

// String writes the day as 2024-05-10, NoDay as empty text.
func (d Day) String() string {
	if d == NoDay {
		return ""
	}
	return time.Unix(int64(d)*24*60*60, 0).UTC().Format(time.DateOnly)
}

func (d Day) year() int { return time.Unix(int64(d)*24*60*60, 0).UTC().Year() }

// IsZero reports whether d is NoDay.
func (d Day) IsZero() bool { return d == NoDay }

// MarshalText writes the day as [Day.String] does.
func (d Day) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads a date as [ParseDay] does; empty text is NoDay.
func (d *Day) UnmarshalText(b []byte) (err error) {
	if len(b) == 0 {
		*d = NoDay
		return nil
	}
	*d, err = ParseDay(string(b))
	return err
}

// A When is a moment as a record states it: a date, which means that whole day
// in UTC, or an RFC 3339 time. The zero When is one that is not stated.
type When struct {
	text string
	day  Day
}

// ParseWhen reads a date or an RFC 3339 time.
func ParseWhen(s string) (When, error) {
	if len(s) == len(time.DateOnly) { // as every date is
		if d, err := ParseDay(s); err == nil {
			return When{s, d}, nil
		}
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return When{}, fmt.Errorf("trace: %q is not a date: write a date such as 2024-05-10 or an RFC 3339 time such as 2024-05-10T14:00:00Z", s)
	}
	return When{s, DayOf(t)}, nil
}

// IsZero reports whether no moment is stated.
func (w When) IsZero() bool { return w.text == "" }

// Day returns the day in UTC, NoDay where no moment is stated.
func (w When) Day() Day {
	if w.IsZero() {
		return NoDay
	}
	return w.day
}

// String returns the moment as it was written.
func (w When) String() string { return w.text }

// MarshalText writes the moment as it was written.
func (w When) MarshalText() ([]byte, error) { return []byte(w.text), nil }

// UnmarshalText reads a moment as [ParseWhen] does; empty text is the zero When.
func (w *When) UnmarshalText(b []byte) (err error) {
	if len(b) == 0 {
		*w = When{}
		return nil
	}
	*w, err = ParseWhen(string(b))
	return err
}
