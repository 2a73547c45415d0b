package trace

import (
	"context"
	"errors"

	"github.com/sublot/sublot/marking"
)

// A Whereabouts says where each part of an item is on a day. Its parts add up
// to its quantity.
type Whereabouts struct {
	Item     marking.Span `json:"item"`
	At       Day          `json:"at"`
	Quantity int64        `json:"quantity"` // rounds
	Parts    []Part       `json:"parts"`
}

// A Part is rounds of an item that are in one place and one state.
type Part struct {
	Party    string `json:"party,omitempty"`
	Site     string `json:"site,omitempty"`
	State    string `json:"state"` // held, in_transit, unconfirmed, lost, destroyed, expended, unaccounted
	Quantity int64  `json:"quantity"`
}

// Where says where each part of an item is on a day.
func Where(ctx context.Context, l Ledger, item marking.Span, at Day) (*Whereabouts, error) {
	return nil, errors.New("trace: not there yet")
}
