package code128

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
			m, err := parse.Code128(s.Values)
			if err != nil {
				t.Logf("%v: %v", s.Values, err)
				continue
			}
			out = append(out, []string{string(m.Data), m.Text()})
		}
		return out
	}
	_, wrong := picturetest.Score(t, []string{"code128-1", "code128-2", "falsepositives-1"}, read)
	require.Zero(t, wrong)
}
