package qr

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sublot/sublot/codes/internal/gray"
	"github.com/sublot/sublot/codes/internal/parse"
	"github.com/sublot/sublot/codes/internal/picturetest"
)

func TestPhotographs(t *testing.T) {
	read := func(img *gray.Image) (out [][]string) {
		for _, s := range Find(img, Config{}) {
			m, err := parse.QR(s.Codewords, s.Version)
			if err != nil {
				t.Logf("version %d: %v", s.Version, err)
				continue
			}
			out = append(out, []string{string(m.Data), m.Text()})
		}
		return out
	}
	_, wrong := picturetest.Score(t, []string{"qrcode-1", "qrcode-2", "qrcode-3", "qrcode-5", "falsepositives-1"}, read)
	require.Zero(t, wrong)
}
