package trace

import "strings"

// A cursor stands at a place in the canonical form of a record. Its methods pass
// over what they are named for and report whether it was there. They ask no more
// than they must to find their way, and end on any text.
type cursor struct {
	s string
	i int
}

// pass passes over the given characters.
func (c *cursor) pass(what string) bool {
	if !strings.HasPrefix(c.s[c.i:], what) {
		return false
	}
	c.i += len(what)
	return true
}

// take passes over one character.
func (c *cursor) take(what byte) bool {
	if c.i == len(c.s) || c.s[c.i] != what {
		return false
	}
	c.i++
	return true
}

// text returns what a text in quotes says. It is a part of the canonical form
// unless there is an escape in it.
func (c *cursor) text() (string, bool) {
	rest := c.s[c.i:]
	if rest == "" || rest[0] != '"' {
		return "", false
	}
	for i := 1; i < len(rest); i++ {
		if rest[i] == '"' {
			c.i += i + 1
			return rest[1:i], true
		}
		if rest[i] == '\\' {
			p := jsonParser{cursor: *c}
			s, err := p.str()
			c.i = p.i
			return s, err == nil
		}
	}
	return "", false
}

// name returns the name of the member that begins here, and passes over its colon.
func (c *cursor) name() (string, bool) {
	name, ok := c.text()
	return name, ok && c.take(':')
}

// number returns the characters of a number.
func (c *cursor) number() string {
	rest := c.s[c.i:]
	n := 0
	for n < len(rest) && rest[n] != ',' && rest[n] != '}' && rest[n] != ']' {
		n++
	}
	c.i += n
	return rest[:n]
}

// skip passes over a value of any type.
func (c *cursor) skip() bool {
	for depth := 0; c.i < len(c.s); {
		switch c.s[c.i] {
		case '{', '[':
			c.i++
			depth++
		case '}', ']':
			c.i++
			depth--
		case ',', ':':
			if depth == 0 {
				return false
			}
			c.i++
			continue
		case '"':
			if !c.skipText() {
				return false
			}
		default:
			c.number() // or true, false, null
		}
		if depth <= 0 {
			return depth == 0
		}
	}
	return false
}

// skipText passes over a text in quotes.
func (c *cursor) skipText() bool {
	for i := c.i + 1; i < len(c.s); i++ {
		switch c.s[i] {
		case '"':
			c.i = i + 1
			return true
		case '\\':
			i++
		}
	}
	return false
}

// count returns how many values the list has that begins here.
func (c cursor) count() (n int, ok bool) {
	if !c.take('[') {
		return 0, false
	}
	if c.take(']') {
		return 0, true
	}
	for n = 1; c.skip(); n++ {
		if !c.take(',') {
			return n, c.take(']')
		}
	}
	return 0, false
}
