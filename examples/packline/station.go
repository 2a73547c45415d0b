package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/sublot/sublot/codes"
	"github.com/sublot/sublot/codes/label"
	"github.com/sublot/sublot/codes/printed"
	"github.com/sublot/sublot/marking"
	"github.com/sublot/sublot/marking/line"
)

const calibreName = "9x19"

// boxLabel is a label of 60 by 30 mm for a printer of 203 dots to the inch.
var boxLabel = func() *label.Template {
	t, err := label.Parse(strings.NewReader(`{
		"width_mm": 60, "height_mm": 30, "dpi": 203, "module_mm": 0.5, "diamond": "{{.hazard}}", "diamond_mm": 12,
		"lines": [{"text": "{{.title}}", "size_mm": 2.5, "font": "bold"}, {"text": "{{.quantity}}", "size_mm": 2}],
		"foot": [{"text": "{{.identity}}", "size_mm": 1.6, "font": "mono"}]
	}`))
	if err != nil {
		panic(err) // a constant of the program
	}
	return t
}()

// A station marks boxes, one after the other.
type station struct {
	numbers *line.Allocator
	key     ed25519.PrivateKey
	trust   *marking.Trust
	book    *journal
	labels  string // folder
}

// box marks one box: a number, a signed mark, a label, a look at it, an entry in
// the journal. A label that fails the look is thrown away, its number void, and
// the box gets another.
func (s *station) box() error {
	for {
		id, err := s.numbers.Next(boxes)
		if err != nil {
			return err
		}
		frame, err := marking.Sign(marking.Mark{Item: id, Level: marking.Box, Calibre: calibreName, Made: marking.MonthOf(2024, time.March), Rounds: boxRounds}, s.key)
		if err != nil {
			return err
		}
		if v, err := marking.Open(frame, s.trust); err != nil {
			return err
		} else if v.Signature != marking.StateValid {
			return fmt.Errorf("readers will not believe the marks of this line: %s", v.Reason)
		}
		symbol, err := codes.Encode(codes.Payload{Data: frame}, codes.EncodeConfig{})
		if err != nil {
			return err
		}
		lay, err := boxLabel.Lay(symbol, map[string]string{"title": "9 mm Luger ball", "quantity": fmt.Sprintf("%d rounds", boxRounds), "identity": id.Checked(), "hazard": "1.4S"})
		if err != nil {
			return err
		}
		picture, err := s.print(id, lay)
		if err != nil {
			return err
		}
		look, err := printed.Check(picture, codes.Payload{Data: frame}, printed.Config{MaxTime: 300 * time.Millisecond, Name: name})
		if err != nil {
			return err
		}
		if look.OK {
			return s.book.write(entry{Item: id, Rounds: boxRounds})
		}
		if err := s.book.write(entry{Item: id, Void: look.Why}); err != nil {
			return err
		}
	}
}

// name says whose mark a payload is.
func name(payload []byte) string {
	m, _, err := marking.Read(payload)
	if err != nil {
		return ""
	}
	return m.Item.String()
}

// print sends a label to the printer, here a file in the language of Zebra's, and
// takes its picture. The printer of this example smears every fiftieth number.
func (s *station) print(id marking.ID, lay *label.Label) (image.Image, error) {
	name := strings.ReplaceAll(id.String(), "/", "_") + ".zpl"
	if err := os.WriteFile(filepath.Join(s.labels, name), lay.AppendZPL(nil), 0o600); err != nil {
		return nil, err
	}
	picture, err := png.Decode(bytes.NewReader(lay.AppendPNG(nil)))
	if err != nil || !strings.HasSuffix(id.Name(), "00") && !strings.HasSuffix(id.Name(), "50") {
		return picture, err
	}
	smeared := image.NewGray(picture.Bounds())
	draw.Draw(smeared, smeared.Bounds(), picture, image.Point{}, draw.Src)
	draw.Draw(smeared, image.Rect(0, 60, 480, 100), image.NewUniform(color.Black), image.Point{}, draw.Src)
	return smeared, nil
}

// lineKey loads the key of the line, and makes it on the first run. The trust is
// what readers would have: the key's record, published by the state.
func lineKey(name string) (ed25519.PrivateKey, *marking.Trust, error) {
	passphrase := []byte("an example has no secrets")
	b, err := os.ReadFile(name)
	if errors.Is(err, os.ErrNotExist) {
		key, err := marking.NewKey(rand.Reader)
		if err != nil {
			return nil, nil, err
		}
		if b, err = marking.SaveKey(key, "line 2", passphrase); err != nil {
			return nil, nil, err
		}
		err = os.WriteFile(name, b, 0o600)
		if err != nil {
			return nil, nil, err
		}
	} else if err != nil {
		return nil, nil, err
	}
	key, err := marking.LoadKey(b, passphrase)
	if err != nil {
		return nil, nil, err
	}
	trust, err := marking.NewTrust(marking.Key{Source: "XA-EXP", ID: "LINE-2", Maker: maker, Public: key.Public().(ed25519.PublicKey)})
	return key, trust, err
}
