// Desk is the investigator's end of sublot as a program of its own: a photograph
// of a label goes in, a finding comes out.
//
//	go run ./examples/desk LEDGER TRUST PICTURE
//
// LEDGER is the folder of a ledger, TRUST the key records of the makers that its
// owner believes, PICTURE a photograph.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/sublot/sublot/codes"
	"github.com/sublot/sublot/marking"
	"github.com/sublot/sublot/storage"
	"github.com/sublot/sublot/trace"
)

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: desk LEDGER TRUST PICTURE")
		os.Exit(2)
	}
	if err := run(context.Background(), os.Stdout, os.Args[1], os.Args[2], os.Args[3]); err != nil {
		fmt.Fprintln(os.Stderr, "desk:", err)
		os.Exit(2)
	}
}

func run(ctx context.Context, out io.Writer, ledgerDir, trustFile, pictureFile string) error {
	// Whom to believe is the owner's decision: there is no default.
	f, err := os.Open(trustFile)
	if err != nil {
		return err
	}
	defer f.Close()
	trust, err := marking.ParseTrust(f)
	if err != nil {
		return err
	}

	// From the picture to the bytes of the mark.
	p, err := os.Open(pictureFile)
	if err != nil {
		return err
	}
	defer p.Close()
	picture, err := codes.ReadPicture(p, codes.PictureLimit{})
	if err != nil {
		return err
	}
	seen, err := codes.Scan(picture, codes.ScanConfig{})
	if err != nil {
		return err
	}
	if len(seen.Hits) == 0 {
		for _, s := range seen.Seen {
			fmt.Fprintln(out, "seen:", s.Says)
		}
		return errors.New("no mark could be read")
	}

	ledger, err := storage.Open(ledgerDir, storage.Config{})
	if err != nil {
		return err
	}
	defer ledger.Close()

	for _, hit := range seen.Hits {
		// From the bytes to what the mark states, and who signed it.
		verdict, err := marking.Open(hit.Payload.Data, trust)
		if err != nil {
			fmt.Fprintf(out, "a %s that is no mark of ours: %q\n", hit.Symbology, hit.Text)
			continue
		}

		// From the identity to the lawful end user.
		finding, err := trace.Resolve(ctx, ledger, trace.Query{
			Text: verdict.Mark.Item.String(),
			Mark: &trace.MarkRead{
				Signature: string(verdict.Signature),
				Key:       verdict.Key.Name(),
				Symbology: string(hit.Symbology),
				Fields:    map[string]string{"calibre": verdict.Mark.Calibre, "made": verdict.Mark.Made.String()},
			},
			Recovered: trace.NoDay, KnownOn: trace.NoDay, AsOf: -1,
			Today: trace.DayOf(time.Now()),
		})
		if err != nil {
			return err
		}
		if err := finding.WriteText(out, "en"); err != nil {
			return err
		}
	}
	return nil
}
