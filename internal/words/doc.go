// Package words is the catalogue of what is said to people: each sentence by its
// English text, which is its key, and its translations.
//
// The sentences of a language are a gettext file, which the usual translators'
// tools read: catalogue.pot lists what there is to translate, LANGUAGE.po
// translates it. A new language is a copy of catalogue.pot, filled in, and its
// name in the list of languages.
package words
