package pdf417

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/sublot/sublot/codes/internal/gray"
	"github.com/sublot/sublot/codes/internal/picturetest"
)

// text reads the data by the character sets of the photographs.
func text(m Message) string {
	sets := map[int]encoding.Encoding{
		4: charmap.ISO8859_2, 7: charmap.ISO8859_5, 9: charmap.ISO8859_7, 20: japanese.ShiftJIS, 22: charmap.Windows1251,
		29: simplifiedchinese.GBK, 30: korean.EUCKR,
	}
	var out strings.Builder
	last := Set{0, 3}
	for _, s := range append(m.Sets, Set{len(m.Data), 0}) {
		part := m.Data[last.Start:s.Start]
		if last.ECI == 26 {
			out.Write(part)
		} else if e, ok := sets[last.ECI]; ok {
			b, _ := e.NewDecoder().Bytes(part)
			out.Write(b)
		} else {
			b, _ := charmap.ISO8859_1.NewDecoder().Bytes(part)
			out.Write(b)
		}
		last = s
	}
	return out.String()
}

func TestPhotographs(t *testing.T) {
	read := func(img *gray.Image) (out [][]string) {
		for _, s := range Find(img, Config{}) {
			out = append(out, []string{string(s.Data), text(s.Message)})
			if testing.Verbose() {
				t.Logf("%dx%d level %d: %d of %d, %.1f px, contrast %.0f, mirrored %v, %.0f %v", s.Rows, s.Columns, s.Level,
					s.Corrected, s.Correctable, s.ModulePixels, s.Contrast, s.Mirrored, s.Corners, s.Sets)
			}
		}
		return out
	}
	_, wrong := picturetest.Score(t, []string{"pdf417-1", "pdf417-2", "falsepositives-1"}, read)
	require.Zero(t, wrong)
}
