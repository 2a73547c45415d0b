package lotno

import (
	"regexp"
	"slices"
)

// A Grammar describes how somebody writes lot numbers.
type Grammar struct {
	Name     string // as in Reading.Grammar
	About    string // who writes so
	Example  string // that it reads
	Since    int    // first year it may mean where it has a year of two digits
	Source   string
	Verified bool // read in a published source; else general knowledge

	// NeedsMaker says that the text alone does not tell whose lot it is: many
	// makers write so.
	NeedsMaker bool

	pattern *regexp.Regexp
}

// Names of groups in the patterns: maker, yy (year of two digits), yyyy, month
// (the letter of MIL-STD-1168), interfix, code, seq, suffix, tail (suffix and
// theater together), powder.
var grammars = []Grammar{
	{
		Name: "us-1168", About: "US, MIL-STD-1168A and later: maker, year, month letter, interfix, hyphen or identifier code, sequence, suffix, theater",
		Example: "XYZ07D006-004", Since: 1970, Source: "MIL-STD-1168C", Verified: true,
		pattern: regexp.MustCompile(`^(?P<maker>[A-Z0-9]{3}|[A-Z]{2}-|[A-Z]--)(?P<yy>\d{2})(?P<month>[A-Z])(?P<interfix>\d{3})(?P<code>-|PILOT|[A-Z]{1,2})(?P<seq>\d{3})(?P<tail>[A-Z]{0,3})$`),
	},
	{
		Name: "us-old", About: "US before MIL-STD-1168: maker, interfix, sequence, suffix",
		Example: "LW-06-01A", Source: "US Army lot number lessons", Verified: true,
		pattern: regexp.MustCompile(`^(?P<maker>[A-Z]{2,3})-(?P<interfix>\d{1,3})-(?P<seq>\d{1,4})(?P<suffix>[A-Z]{0,2})$`),
	},
	{
		Name: "us-ww2", About: "US, 1940s to 1960s: maker and running number",
		Example: "LC-12345", Source: "MIL-STD-1168 history", Verified: true,
		pattern: regexp.MustCompile(`^(?P<maker>[A-Z]{2,3})-(?P<seq>\d{3,6})$`),
	},
	{
		Name: "br", About: "Brazil, mark on the case heads of public forces: three letters and two digits, which are no year",
		Example: "UZZ18", Source: "court and press reports, 2015 to 2021", Verified: true,
		pattern: regexp.MustCompile(`^(?P<seq>[A-Z]{3}\d{2})$`),
	},
	{
		Name: "su", About: "Soviet and Russian crates: lot, year, factory; the lot of the powder may stand beside",
		Example: "Б12-85-17", Since: 1930, Source: "general knowledge",
		pattern: regexp.MustCompile(`^(?P<seq>[А-Я]{1,2}\d{1,4})-(?P<yy>\d{2})-(?P<maker>\d{1,3}|[А-Я]{1,3})(?:\s+(?P<powder>(?:В[А-Яа-я]{1,5}|П[А-Яа-я]{1,5}|\d/\d).*))?$`),
	},
	{
		Name: "winchester", About: "Winchester, and brands it loads: day code on the box",
		Example: "SC03LD44", Source: "recall notices, 2021", Verified: true,
		pattern: regexp.MustCompile(`^(?P<seq>S[A-Z]\d{2}L[A-Z]\d{1,2})$`),
	},
	{
		Name: "suffix", About: "last characters of a longer day code, as recall notices quote them",
		Example: "NB51", Source: "recall notices", Verified: true, NeedsMaker: true,
		pattern: regexp.MustCompile(`^(?P<seq>[A-Z]{2} ?\d{2})$`),
	},
	{
		Name: "remington", About: "Remington: letter, two digits, three letters of which one may be O, three digits",
		Example: "N16OCA373", Source: "recall notices, 2023", Verified: true,
		pattern: regexp.MustCompile(`^(?P<seq>[A-Z]\d{2}[A-Z]{3}\d{3})$`),
	},
	{
		Name: "seven-digits", About: "Hornady and others: seven digits",
		Example: "3141635", Source: "recall notices", Verified: true, NeedsMaker: true,
		pattern: regexp.MustCompile(`^(?P<seq>\d{7})$`),
	},
	{
		Name: "indumil", About: "INDUMIL boxes: eight digits, the first two the year",
		Example: "01234567", Since: 1954, Source: "report of Colombia to the UN, 2006", Verified: true, NeedsMaker: true,
		pattern: regexp.MustCompile(`^(?P<yy>\d{2})(?P<seq>\d{6})$`),
	},
	{
		Name: "head", About: "Soviet and Chinese heads: factory and year, no lot",
		Example: "501/77", Since: 1930, Source: "published cutaways", Verified: true, NeedsMaker: true,
		pattern: regexp.MustCompile(`^(?P<maker>\d{1,3})\s*/\s*(?P<yy>\d{2})$`),
	},
	{
		Name: "us-head", About: "US military heads: maker and year, no lot",
		Example: "LC 23", Since: 1900, Source: "headstamp guides", Verified: true, NeedsMaker: true,
		pattern: regexp.MustCompile(`^(?P<maker>[A-Z]{2,3}) (?P<yy>\d{2})$`),
	},
	{
		Name: "de", About: "German forces: maker, year, letter, number",
		Example: "MEN-12-L-034", Since: 1956, Source: "general knowledge",
		pattern: regexp.MustCompile(`^(?P<maker>[A-Z]{2,4})-(?P<yy>\d{2})-(?P<code>[A-Z])-(?P<seq>\d{1,4})$`),
	},
	{
		Name: "fr", About: "French forces: number, maker, year",
		Example: "3-LM-85", Since: 1950, Source: "general knowledge",
		pattern: regexp.MustCompile(`^(?P<seq>\d{1,4})-(?P<maker>[A-Z]{2,3})-(?P<yy>\d{2})$`),
	},
	{
		Name: "poongsan", About: "Poongsan: number, maker, year and month",
		Example: "012-PS-83.02", Since: 1968, Source: "one report", Verified: false,
		pattern: regexp.MustCompile(`^(?P<seq>\d{1,4})-(?P<maker>PS)-(?P<yy>\d{2})\.(?P<mm>\d{2})$`),
	},
}

// Grammars returns all grammars, in the order in which their readings come.
func Grammars() []Grammar { return slices.Clone(grammars) }
