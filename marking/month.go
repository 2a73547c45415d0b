package marking

import (
	"fmt"
	"time"
)

// A Month is a month of manufacture, counted from January 1850, which is 1, so
// that ammunition of any age can be marked; the last one is March 2191. The
// zero Month is not stated. Months compare with < and ==.
type Month uint16

const (
	firstYear = 1850
	lastMonth = Month(1<<12 - 1) // twelve bits in a frame: March 2191
)

// MonthOf returns the month of manufacture of the given year. It is the zero
// Month outside January 1850 to March 2191.
func MonthOf(year int, month time.Month) Month {
	if month < time.January || month > time.December || year < firstYear || year > firstYear+400 {
		return 0
	}
	n := Month((year-firstYear)*12 + int(month))
	if n > lastMonth {
		return 0
	}
	return n
}

// ParseMonth reads the form 2024-03.
func ParseMonth(s string) (Month, error) {
	t, err := time.Parse("2006-01", s)
	if err != nil || t.Format("2006-01") != s {
		return 0, fmt.Errorf("marking: month %s, wanted the form 2024-03", quote(s))
	}
	m := MonthOf(t.Year(), t.Month())
	if m == 0 {
		return 0, fmt.Errorf("marking: month %s is outside 1850-01 to 2191-03, which a mark can state", s)
	}
	return m, nil
}

// First returns the first day of the month, UTC; the zero time where none is stated.
func (m Month) First() time.Time {
	if m == 0 {
		return time.Time{}
	}
	return time.Date(firstYear, time.Month(m), 1, 0, 0, 0, 0, time.UTC)
}

// String writes the form 2024-03, or nothing where no month is stated.
func (m Month) String() string {
	if m == 0 {
		return ""
	}
	return m.First().Format("2006-01")
}
