// Package report makes documents that are attached to a case: a finding, the
// history or dossier of a party, seizures in numbers. A document is written once
// and comes out as a page of HTML that needs nothing beside it, or as PDF, with the
// same words and drawings.
package report
