// Package bench makes ledgers of any size and measures what they cost, so that
// an operator knows what machine to buy.
package bench
