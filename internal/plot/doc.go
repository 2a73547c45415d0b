// Package plot draws figures of reports: once, in millimetres, for a page of HTML
// and for one of PDF alike. Its colours can be told apart by people who do not see
// all colours, and nothing is said by colour alone.
package plot
