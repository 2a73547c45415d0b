package trace

import "encoding/json"

// A finding that is read back has no day where its JSON form has none: the zero
// Day is a day of 1970.

// UnmarshalJSON reads what a finding holds.
func (a *Asked) UnmarshalJSON(b []byte) error {
	type plain Asked
	p := plain{Recovered: NoDay, KnownOn: NoDay}
	err := json.Unmarshal(b, &p)
	*a = Asked(p)
	return err
}

// UnmarshalJSON reads what a finding holds.
func (h *LastHolder) UnmarshalJSON(b []byte) error {
	type plain LastHolder
	p := plain{At: NoDay}
	err := json.Unmarshal(b, &p)
	*h = LastHolder(p)
	return err
}

// UnmarshalJSON reads what a finding holds.
func (w *Window) UnmarshalJSON(b []byte) error {
	type plain Window
	p := plain{From: NoDay, To: NoDay}
	err := json.Unmarshal(b, &p)
	*w = Window(p)
	return err
}

// UnmarshalJSON reads what a finding holds.
func (s *SourceCount) UnmarshalJSON(b []byte) error {
	type plain SourceCount
	p := plain{Through: NoDay}
	err := json.Unmarshal(b, &p)
	*s = SourceCount(p)
	return err
}
