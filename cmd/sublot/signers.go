package main

import (
	"fmt"
	"strings"

	"github.com/sublot/sublot/internal/evidence"
)

// readSigners reads the verifier keys of those whose signatures under heads are
// believed.
func readSigners(name string) (evidence.Signers, error) {
	b, err := readSmall(name, maxHeadBytes)
	if err != nil {
		return nil, err
	}
	signers, err := evidence.ParseSigners(string(b))
	if err != nil {
		return nil, hinted(fmt.Errorf("%s: %w", name, err), "sublot head --public prints the key of a log, sublot witness --public that of a witness; one a line")
	}
	return signers, nil
}

// whoSigned says in words who signed a head.
func whoSigned(origin string, who evidence.Signed) string {
	switch {
	case !who.Operator && len(who.Witnesses) == 0:
		return "signed by nobody who is believed here"
	case !who.Operator:
		return "not signed by " + origin + ", cosigned by " + strings.Join(who.Witnesses, ", ")
	case len(who.Witnesses) == 0:
		return "signed by " + origin + " alone, who could have written another history: no witness is believed here"
	}
	return "signed by " + origin + ", witnessed by " + strings.Join(who.Witnesses, ", ")
}
