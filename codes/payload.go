package codes

import "bytes"

// A Payload is what a symbol carries: exact bytes, never text in a guessed
// character set. Whatever a symbology says beside its data has a field of its
// own, so that no character of the data can be taken for it.
type Payload struct {
	// Data is the exact bytes. Where GS1 is set, the byte GS (0x1D) separates
	// element strings and stands in the symbol as FNC1; elsewhere it is a byte
	// like any other.
	Data []byte

	// GS1 says that the symbol begins with FNC1 in first position: its data are
	// GS1 element strings (symbology identifiers ]d2, ]Q3, ]C1, ]z1).
	GS1 bool

	// ECI is the Extended Channel Interpretation of the data, 1 to 999999. Zero
	// means that the symbol states none. The withdrawn ECI 000000 is read as
	// none too.
	ECI int

	// Index, Total and Group are those of structured append, where one message
	// is spread over several symbols: this is symbol Index (from 0) of Total (2
	// to 16). Total 0 means a symbol on its own. Group tells sets apart: the
	// parity byte of a QR code, or the two bytes of file identification of a
	// Data Matrix, each 1 to 254, the first one times 256.
	Index, Total, Group int
}

// Equal says whether two payloads are the same in every field.
func (p Payload) Equal(q Payload) bool {
	return bytes.Equal(p.Data, q.Data) && p.GS1 == q.GS1 && p.ECI == q.ECI &&
		p.Index == q.Index && p.Total == q.Total && p.Group == q.Group
}
