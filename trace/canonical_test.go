package trace

import (
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The examples of RFC 8785, sections 3.2.2 to 3.2.4.
func TestCanonicalRFC8785(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{
			in: `{
			  "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
			  "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
			  "literals": [null, true, false]
			}`,
			want: `{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}`,
		},
		{
			in: `{
			  "\u20ac": "Euro Sign",
			  "\r": "Carriage Return",
			  "\ufb33": "Hebrew Letter Dalet With Dagesh",
			  "1": "One",
			  "\ud83d\ude00": "Emoji: Grinning Face",
			  "\u0080": "Control",
			  "\u00f6": "Latin Small Letter O With Diaeresis"
			}`,
			want: "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\u0080\":\"Control\",\"ö\":\"Latin Small Letter O With Diaeresis\"," +
				"\"€\":\"Euro Sign\",\"😀\":\"Emoji: Grinning Face\",\"\ufb33\":\"Hebrew Letter Dalet With Dagesh\"}",
		},
	} {
		v, err := parseJSON([]byte(c.in))
		require.Nil(t, err)
		require.Equal(t, c.want, string(v.appendCanonical(nil)))
	}
}

// The samples of RFC 8785, appendix B, that are numbers of JSON.
func TestCanonicalNumbers(t *testing.T) {
	for _, c := range []struct {
		bits uint64
		want string
	}{
		{0x0000000000000000, "0"},
		{0x8000000000000000, "0"},
		{0x0000000000000001, "5e-324"},
		{0x8000000000000001, "-5e-324"},
		{0x7fefffffffffffff, "1.7976931348623157e+308"},
		{0xffefffffffffffff, "-1.7976931348623157e+308"},
		{0x4340000000000000, "9007199254740992"},
		{0xc340000000000000, "-9007199254740992"},
		{0x4430000000000000, "295147905179352830000"},
		{0x44b52d02c7e14af5, "9.999999999999997e+22"},
		{0x44b52d02c7e14af6, "1e+23"},
		{0x44b52d02c7e14af7, "1.0000000000000001e+23"},
		{0x444b1ae4d6e2ef4e, "999999999999999700000"},
		{0x444b1ae4d6e2ef4f, "999999999999999900000"},
		{0x444b1ae4d6e2ef50, "1e+21"},
		{0x3eb0c6f7a0b5ed8c, "9.999999999999997e-7"},
		{0x3eb0c6f7a0b5ed8d, "0.000001"},
		{0x41b3de4355555553, "333333333.3333332"},
		{0x41b3de4355555554, "333333333.33333325"},
		{0x41b3de4355555555, "333333333.3333333"},
		{0x41b3de4355555556, "333333333.3333334"},
		{0x41b3de4355555557, "333333333.33333343"},
		{0xbecbf647612f3696, "-0.0000033333333333333333"},
		{0x43143ff3c1cb0959, "1424953923781206.2"},
	} {
		got, ok := canonicalNumber(strconv.FormatFloat(math.Float64frombits(c.bits), 'e', -1, 64))
		require.True(t, ok, c.want)
		require.Equal(t, c.want, got)
	}
}

func TestNumberThatDoesNotSurvive(t *testing.T) {
	for _, s := range []string{"9007199254740993", "1e400", "-1e400", "1e-400", "0.1000000000000000055", "123456789012345678", "1e999999999999999999999"} {
		_, ok := canonicalNumber(s)
		require.False(t, ok, s)
	}
	for s, want := range map[string]string{"1.0": "1", "100e-2": "1", "-0.0": "0", "0e99": "0", "0.10": "0.1", "0.10000000000000001": "0.1", "1000000000000000": "1000000000000000"} {
		got, ok := canonicalNumber(s)
		require.True(t, ok, s)
		require.Equal(t, want, got)
	}
}

func TestParseJSONRefuses(t *testing.T) {
	for in, reason := range map[string]string{
		``:                         notComplete,
		`  `:                       notComplete,
		`{`:                        notComplete,
		`{"a":1`:                   notComplete,
		`{"a":"x`:                  notComplete,
		`{"a":"x\`:                 notComplete,
		`{"a":"\u12`:               notComplete,
		`{"a":tru`:                 notComplete,
		`{"a":[1,`:                 notComplete,
		`[]`:                       "not JSON at byte 1",
		`{"a":1}{`:                 "not JSON at byte 8",
		`{"a":1,}`:                 "not JSON at byte 8",
		`{"a":[1,]}`:               "not JSON at byte 9",
		`{a:1}`:                    "not JSON at byte 2",
		`{"a":01}`:                 "not JSON at byte 7",
		`{"a":+1}`:                 "not JSON at byte 6",
		`{"a":.5}`:                 "not JSON at byte 6",
		`{"a":1.}`:                 "not JSON at byte 8",
		`{"a":1e}`:                 "not JSON at byte 8",
		`{"a":NaN}`:                "not JSON at byte 6",
		`{"a":1,"a":1}`:            "field a is given twice",
		`{"a":1,"b":2,"\u0061":3}`: "field a is given twice",
		"{\"a\":\"\xff\"}":         "text that is not UTF-8 at byte 7",
		"{\"a\":\"\xed\xa0\x80\"}": "text that is not UTF-8 at byte 7",
		`{"a":"\ud800"}`:           "half a surrogate pair at byte 13",
		`{"a":"\udc00\ud800"}`:     "half a surrogate pair at byte 19",
		`{"a":"\ud800\u0041"}`:     "half a surrogate pair at byte 19",
		"{\"a\":\"\n\"}":           "a control character inside a string at byte 7",
		`{"a":"\x"}`:               "an escape that JSON does not have at byte 7",
		`{"a":9007199254740993}`:   "a number that a double cannot hold at byte 6",
		strings.Repeat(`{"a":`, 33) + "1" + strings.Repeat("}", 33): "nested too deeply at byte 161",
	} {
		_, err := parseJSON([]byte(in))
		require.NotNil(t, err, in)
		require.Equal(t, reason, err.Reason, in)
	}
	_, err := parseJSON([]byte(strings.Repeat(`{"a":`, 32) + "1" + strings.Repeat("}", 32)))
	require.Nil(t, err)
}

func FuzzCanonical(f *testing.F) {
	seeds := []string{`{}`, `{"b":[1,-0.5e-7,"\ud83d\ude00\u0001"],"a":{"":null},"é":true}`, `{"n":333333333.33333329}`, `{"\ufb33":1,"\ud83d\ude00":2}`}
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		v, err := parseJSON(in)
		if err != nil {
			require.NotEmpty(t, err.Reason)
			return
		}
		once := v.appendCanonical(nil)
		if v.exact {
			require.Equal(t, string(once), v.text)
		}
		w, err := parseJSON(once)
		require.Nil(t, err)
		require.Equal(t, string(once), string(w.appendCanonical(nil)))
	})
}
