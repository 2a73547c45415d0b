package trace

// A cursor stands at a place in the canonical form of a record. Its methods pass
// over what they are named for and report whether it was there. They ask no more
// than they must to find their way, and end on any text.
type cursor struct {
	s string
	i int

	checks bool // nobody vouches for the text: what is not canonical or not allowed is not there
}

// pass passes over the given characters.
func (c *cursor) pass(what string) bool {
	to := c.i + len(what)
	if to > len(c.s) || c.s[c.i:to] != what {
		return false
	}
	c.i = to
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
// unless there is an escape in it; where it is checked it must have none.
func (c *cursor) text() (string, bool) {
	rest := c.s[c.i:]
	if rest == "" || rest[0] != '"' {
		return "", false
	}
	for i := 1; i < len(rest); i++ {
		switch b := rest[i]; {
		case b > '"' && b != '\\' || b == ' ' || b == '!': // nearly all are
		case b == '"':
			c.i += i + 1
			return rest[1:i], true
		case c.checks:
			return "", false
		default:
			p := jsonParser{cursor: *c}
			s, err := p.str()
			c.i = p.i
			return s, err == nil
		}
	}
	return "", false
}

// textOf returns a text that has a form, where that is checked.
func (c *cursor) textOf(f *form) (string, bool) {
	s, ok := c.text()
	return s, ok && (!c.checks || f.text(s) == "")
}

// name returns the name of the member that begins here, and passes over its colon.
func (c *cursor) name() (string, bool) {
	name, ok := c.text()
	return name, ok && c.take(':')
}

// initial returns the first letter of the member whose name begins here, zero
// where there is none.
func (c *cursor) initial() byte {
	if c.i+1 < len(c.s) {
		return c.s[c.i+1]
	}
	return 0
}

// whole returns a whole number. What a field may say has no more than 16 digits.
func (c *cursor) whole() (n int64, ok bool) {
	const most = 16
	from := c.i
	for c.i < len(c.s) && c.i < from+most && c.s[c.i] >= '0' && c.s[c.i] <= '9' {
		n = 10*n + int64(c.s[c.i]-'0')
		c.i++
	}
	return n, c.i > from && (c.s[from] != '0' || c.i == from+1)
}

// wholeOf returns a whole number that has a form, where that is checked.
func (c *cursor) wholeOf(f *form) (int64, bool) {
	n, ok := c.whole()
	return n, ok && (!c.checks || f.least <= n && n <= f.most)
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
	if !c.skip() {
		return 0, false
	}
	return 1 + c.more(), true
}

// more returns how many values follow in a list.
func (c cursor) more() (n int) {
	for c.take(',') && c.skip() {
		n++
	}
	return n
}
