// Package seizure works with seizures, surrenders and finds: it drafts and lints
// their records, traces many at once with a report whose outcomes add up to what
// was asked, and shows what several of them have in common.
//
// What it finds in common is a lead, never a proof, and no text accuses anybody.
// A seizure says nothing of victims: package victims keeps those apart.
package seizure
