// Package peerbench compares a ledger's index of items with what one would
// otherwise reach for: PostgreSQL with a GiST index over ranges and SQLite with
// an R*Tree, the same spans, the same questions, the same run. What it needs of
// others is listed in a module file of its own, so that nobody else depends on
// it.
//
// SQLite is modernc.org/sqlite and needs nothing. For PostgreSQL set
// SUBLOT_POSTGRES to a data source name of an empty database whose role may make
// extensions, on a cluster such as this one makes:
//
//	initdb -D /tmp/pg --auth=trust
//	pg_ctl -D /tmp/pg -o "-k /tmp/pg -c listen_addresses='' -c shared_buffers=256MB" start
//	createdb -h /tmp/pg peerbench
//	export SUBLOT_POSTGRES="host=/tmp/pg dbname=peerbench"
//
// Then, in the root of the project,
//
//	SUBLOT_SPANS=1000000 go test -modfile=storage/peerbench/peers.mod -mod=mod -tags peers -run Peers -v -timeout 1h ./storage/peerbench
//
// Caches: 256 MB for each, of which the ledger keeps a third for small lots. All
// questions are asked once before anything is measured.
package peerbench
