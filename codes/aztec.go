package codes

import "errors"

func encodeAztec(p Payload, cfg EncodeConfig) (*Symbol, error) {
	return nil, errors.New("codes: aztec not here")
}
