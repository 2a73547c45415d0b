// Package trace keeps what is known of ammunition and says who its lawful end
// user is, with the reasons.
package trace
