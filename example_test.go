package sublot_test

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/sublot/sublot/trace"
)

// records is a lot of 2,000 rounds in two crates, each sold to somebody else.
const records = `
{"kind":"party","source":"XA-EXP","id":"XCW","name":"Example Cartridge Works","country":"XA","roles":["maker"]}
{"kind":"party","source":"XA-EXP","id":"XB-POL","name":"State XB Police","country":"XB","roles":["end_user"]}
{"kind":"party","source":"XA-EXP","id":"XC-ARMY","name":"State XC Army","country":"XC","roles":["end_user"]}
{"kind":"lot","source":"XCW","id":"L1","item":"XCW/XCW24C001-012","calibre":"9x19","quantity":2000}
{"kind":"pack","source":"XCW","id":"P1","at":"2024-03-15","item":"XCW/XCW24C001-012","quantity":2000,"units":[{"item":"XCW/XCW24C001-012/001..002","level":"crate","each":1000}]}
{"kind":"transfer","source":"XCW","id":"T1","at":"2024-05-10","from":"XCW","to":"XB-POL","lines":[{"item":"XCW/XCW24C001-012/001","quantity":1000}]}
{"kind":"transfer","source":"XCW","id":"T2","at":"2024-07-15","from":"XCW","to":"XC-ARMY","lines":[{"item":"XCW/XCW24C001-012/002","quantity":1000}]}
`

func Example() {
	ctx := context.Background()
	ledger := trace.NewMemory() // storage.Open gives one on disk that answers the same
	files := []trace.ImportFile{{Name: "records", Reader: strings.NewReader(strings.TrimSpace(records))}}
	if _, err := trace.Import(ctx, ledger, files, trace.ImportConfig{}); err != nil {
		fmt.Println(err)
		return
	}
	today := trace.DayOf(time.Date(2025, 2, 10, 0, 0, 0, 0, time.UTC)) // no rule looks at a clock
	for _, text := range []string{"XCW/XCW24C001-012/002", "xcw24cO01-012"} {
		finding, err := trace.Resolve(ctx, ledger, trace.Query{
			Text: text, Recovered: today, KnownOn: trace.NoDay, AsOf: -1, Today: today,
		})
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(text, finding.Outcome)
		if finding.EndUser != nil {
			fmt.Println("  lawful end user:", finding.EndUser.Name)
		}
		for _, c := range finding.Candidates {
			fmt.Println("  possible:", c.Name, c.Share)
		}
	}
	// Output:
	// XCW/XCW24C001-012/002 END_USER_IDENTIFIED
	//   lawful end user: State XC Army
	// xcw24cO01-012 END_USER_CANDIDATES
	//   possible: State XB Police 1000/2000
	//   possible: State XC Army 1000/2000
}
