// Package oracle is a second resolver, for tests alone: deliberately plain,
// written from the rules and not from package trace, of which it imports
// nothing. It has no index. It keeps every way in which the records can have
// come true and looks into each; where no rule decides it says so, and nothing
// is compared. World makes the random small worlds that both are asked about.
package oracle
