package trace

// A Field is a field of a kind of record, as the import reads it: what a form on
// paper has to ask for.
type Field struct {
	Name   string
	Must   bool
	Is     string  // its form, in words
	Says   string  // what it means
	List   bool    // of objects with the fields in Fields
	Fields []Field // of an object
}

// Fields returns what a record of the kind is, and its fields, the common ones
// first. It returns nothing for what is no kind.
func (k Kind) Fields() (says string, fields []Field) {
	for _, t := range schema {
		if t.kind == k {
			return t.says, append(fieldsOf(commonFields[1:]), fieldsOf(t.fields)...)
		}
	}
	return "", nil
}

func fieldsOf(rows []field) (out []Field) {
	for _, r := range rows {
		out = append(out, Field{r.name, r.need == must, r.form.says, r.says, r.form.elem != nil, fieldsOf(r.form.fields)})
	}
	return out
}
