package aztec

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
			if s.Rune != "" {
				out = append(out, []string{s.Rune})
				continue
			}
			m, err := parse.Aztec(s.Bits, s.Count)
			if err != nil {
				t.Logf("%d layers: %v", s.Layers, err)
				continue
			}
			out = append(out, []string{string(m.Data), m.Text()})
		}
		return out
	}
	_, wrong := picturetest.Score(t, []string{"aztec-1", "falsepositives-1"}, read)
	require.Zero(t, wrong)
}
