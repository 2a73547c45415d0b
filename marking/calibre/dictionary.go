package calibre

import (
	_ "embed"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
)

//go:embed cartridges.txt
var file string

// LastNumber is the largest number that a cartridge may have: a mark has eleven
// bits for it, and the last value says that a text follows.
const LastNumber = 2046

// A Cartridge is one entry of the dictionary. It is shared: do not change it.
type Cartridge struct {
	Number int    // in marks, 1 to LastNumber; never used again
	ID     string // canonical name, such as 9x19 or 308win; never used again

	CIP   string   // name by the C.I.P., empty where it has none
	SAAMI string   // name by SAAMI
	NATO  string   // military name
	Names []string // other names, exchangeable with those above

	Twins       []string // ids of what records mix with it; not safe to exchange
	Confusables []string // ids of what has a similar name

	Note     string // what a reader should know
	Source   string // of the names
	Verified bool   // compared with a published list
}

type dictionary struct {
	all      []*Cartridge
	byID     map[string]*Cartridge
	byName   map[string][]*Cartridge // by normal form
	byNumber map[string][]*Cartridge // by the number that a name begins with, see bareKey
}

// load reads the embedded file, which the tests hold to be without fault.
var load = sync.OnceValue(func() *dictionary {
	d, err := parse(file)
	if err != nil {
		panic(err)
	}
	return d
})

func parse(text string) (*dictionary, error) {
	d := &dictionary{byID: map[string]*Cartridge{}, byName: map[string][]*Cartridge{}, byNumber: map[string][]*Cartridge{}}
	n := 0
	for line := range strings.Lines(text) {
		n++
		if line = strings.TrimSuffix(line, "\n"); strings.HasPrefix(line, "#") || line == "" {
			continue
		}
		f := strings.Split(line, "|")
		if len(f) != 11 {
			return nil, fmt.Errorf("calibre: line %d has %d fields, wanted 11", n, len(f))
		}
		c := &Cartridge{
			ID: f[1], CIP: f[2], SAAMI: f[3], NATO: f[4], Names: list(f[5], ";"), Twins: list(f[6], ","), Confusables: list(f[7], ","),
			Note: f[8], Source: f[9], Verified: f[10] == "yes",
		}
		var err error
		if c.Number, err = strconv.Atoi(f[0]); err != nil || c.Number != len(d.all)+1 || c.Number > LastNumber {
			return nil, fmt.Errorf("calibre: line %d has the number %s, wanted %d", n, f[0], len(d.all)+1)
		}
		if c.ID == "" || d.byID[c.ID] != nil {
			return nil, fmt.Errorf("calibre: line %d: id %q is empty or stands twice", n, c.ID)
		}
		d.all = append(d.all, c)
		d.byID[c.ID] = c
		for _, name := range c.all() {
			add(d.byName, normal(name), c)
			if key := leading(name); key != "" {
				add(d.byNumber, key, c)
			}
		}
	}
	return d, nil
}

func list(s, sep string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, sep)
}

func add(m map[string][]*Cartridge, key string, c *Cartridge) {
	if !slices.Contains(m[key], c) {
		m[key] = append(m[key], c)
	}
}

// all returns every name of c, its id first.
func (c *Cartridge) all() []string {
	names := []string{c.ID}
	for _, s := range []string{c.CIP, c.SAAMI, c.NATO} {
		if s != "" {
			names = append(names, s)
		}
	}
	return append(names, c.Names...)
}

// All returns the dictionary in the order of numbers. The slice is the caller's.
func All() []*Cartridge { return slices.Clone(load().all) }

// ByID returns the entry of a canonical name.
func ByID(id string) (*Cartridge, bool) {
	c, ok := load().byID[id]
	return c, ok
}

// ByNumber returns the entry of a number in a mark.
func ByNumber(n int) (*Cartridge, bool) {
	d := load()
	if n < 1 || n > len(d.all) {
		return nil, false
	}
	return d.all[n-1], true
}
