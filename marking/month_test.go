package marking

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestMonths(t *testing.T) {
	for m := Month(1); m <= lastMonth; m++ {
		back, err := ParseMonth(m.String())
		require.NoError(t, err)
		require.Equal(t, m, back)
		require.Equal(t, m, MonthOf(m.First().Year(), m.First().Month()))
	}
	require.Equal(t, "1850-01", Month(1).String())
	require.Equal(t, "2191-03", lastMonth.String())
	require.Empty(t, Month(0).String())
	require.True(t, Month(0).First().IsZero())
	for _, s := range []string{"", "2024", "2024-3", "2024-13", "1849-12", "2191-04", "2024-03-01", "24-03", " 2024-03"} {
		_, err := ParseMonth(s)
		require.Error(t, err, s)
	}
	require.Zero(t, MonthOf(2024, 13))
	require.Zero(t, MonthOf(2024, 0))
	require.Zero(t, MonthOf(1<<40, time.May))
	require.Zero(t, MonthOf(1849, time.December))
}

func TestLevels(t *testing.T) {
	for i, l := range levels {
		back, err := ParseLevel(string(l))
		require.NoError(t, err)
		require.Equal(t, l, back)
		require.Equal(t, i+1, l.number())
	}
	_, err := ParseLevel("barrel")
	require.ErrorContains(t, err, "sublot, pallet, case, crate, tin, box, carton, item")
}
