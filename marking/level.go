package marking

import (
	"fmt"
	"slices"
	"strings"
)

// A Level says what kind of package a mark stands on. The names are those of
// the level of a pack record.
type Level string

// The levels, from the largest to the smallest as they are usually packed. A
// sub-lot is a part of a lot that has a number of its own, however it is packed.
const (
	Lot    Level = "lot"
	Sublot Level = "sublot"
	Pallet Level = "pallet"
	Case   Level = "case"
	Crate  Level = "crate"
	Tin    Level = "tin"
	Box    Level = "box"
	Carton Level = "carton"
	Item   Level = "item"
)

// levels in the order of their numbers in a frame, from 1; only ever appended to.
var levels = [...]Level{Lot, Sublot, Pallet, Case, Crate, Tin, Box, Carton, Item}

// ParseLevel reads the name of a level.
func ParseLevel(s string) (Level, error) {
	if slices.Contains(levels[:], Level(s)) {
		return Level(s), nil
	}
	names := make([]string, len(levels))
	for i, l := range levels {
		names[i] = string(l)
	}
	return "", fmt.Errorf("marking: level %s, wanted one of %s", quote(s), strings.Join(names, ", "))
}

// number returns the number of l in a frame, 0 for what is not a level.
func (l Level) number() int { return slices.Index(levels[:], l) + 1 }
