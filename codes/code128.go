package codes

import "errors"

func encodeCode128(p Payload, cfg EncodeConfig) (*Symbol, error) {
	return nil, errors.New("codes: code128 not here")
}
