package main

import (
	"fmt"
	"strings"
	"time"
)

// A progress shows on a terminal how far long work is, a few times a second and
// not before it has taken a while. Elsewhere it shows nothing.
type progress struct {
	s     *session
	start time.Time
	last  time.Time
	width int
}

func (s *session) progress() *progress {
	now := time.Now()
	return &progress{s: s, start: now, last: now}
}

// show replaces what was shown before.
func (p *progress) show(format string, args ...any) {
	now := time.Now()
	if !isTerminal(p.s.err) || now.Sub(p.start) < 300*time.Millisecond || now.Sub(p.last) < 100*time.Millisecond {
		return
	}
	p.last = now
	text := fmt.Sprintf(format, args...)
	fmt.Fprintf(p.s.err, "\r%-*s", p.width, text)
	p.width = len(text)
}

// done takes the line away.
func (p *progress) done() {
	if p.width > 0 {
		fmt.Fprintf(p.s.err, "\r%s\r", strings.Repeat(" ", p.width))
		p.width = 0
	}
}

// grouped writes a number with commas.
func grouped[T int | int64 | uint64](n T) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
