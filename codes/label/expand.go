package label

import (
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"text/template"
	"text/template/parse"
	"unicode/utf8"
)

// An expander is a compiled text/template. A line that labels millions of boxes
// spends more on executing templates than on drawing, so that what nearly all
// texts consist of, words, {{.key}} and {{with .key}}…{{end}}, is expanded without
// the machinery; the rest goes the general way, with the same outcome.
//
// Most texts are the same on every label: the last outcome is kept and given again.
type expander struct {
	template *template.Template
	simple   bool
	last     atomic.Pointer[string]
}

func compile(text string) (*expander, error) {
	t, err := template.New("text").Option("missingkey=error").Parse(text)
	if err != nil {
		return nil, err
	}
	if len(t.Templates()) > 1 || !isBounded(t.Root) {
		return nil, errors.New("want no define, template, block and range: what they do takes any time")
	}
	return &expander{template: t, simple: isSimple(t.Root, false)}, nil
}

// isBounded says whether a list takes no longer than it is long.
func isBounded(list *parse.ListNode) bool {
	if list == nil {
		return true
	}
	for _, node := range list.Nodes {
		switch n := node.(type) {
		case *parse.RangeNode, *parse.TemplateNode:
			return false
		case *parse.IfNode:
			if !isBounded(n.List) || !isBounded(n.ElseList) {
				return false
			}
		case *parse.WithNode:
			if !isBounded(n.List) || !isBounded(n.ElseList) {
				return false
			}
		}
	}
	return true
}

// isSimple says whether a list has simple nodes only; inWith, that the dot is a
// value and no longer the map of all.
func isSimple(list *parse.ListNode, inWith bool) bool {
	for _, node := range list.Nodes {
		switch n := node.(type) {
		case *parse.TextNode:
		case *parse.ActionNode:
			if key, isDot := reference(n.Pipe); isDot != inWith || key == "" && !isDot {
				return false
			}
		case *parse.WithNode:
			key, _ := reference(n.Pipe)
			if inWith || key == "" || n.ElseList != nil || !isSimple(n.List, true) {
				return false
			}
		default:
			return false
		}
	}
	return true
}

// reference returns the key of a pipeline that is nothing but {{.key}}, or that it
// is nothing but {{.}}.
func reference(pipe *parse.PipeNode) (key string, isDot bool) {
	if len(pipe.Decl) != 0 || len(pipe.Cmds) != 1 || len(pipe.Cmds[0].Args) != 1 {
		return "", false
	}
	switch n := pipe.Cmds[0].Args[0].(type) {
	case *parse.DotNode:
		return "", true
	case *parse.FieldNode:
		if len(n.Ident) == 1 {
			return n.Ident[0], false
		}
	}
	return "", false
}

// appendSimple expands a simple list; it is false where a value is missing, which
// the general way reports.
func appendSimple(b []byte, list *parse.ListNode, values map[string]string, dot string) ([]byte, bool) {
	for _, node := range list.Nodes {
		switch n := node.(type) {
		case *parse.TextNode:
			b = append(b, n.Text...)
		case *parse.ActionNode:
			key, isDot := reference(n.Pipe)
			value, ok := dot, true
			if !isDot {
				value, ok = values[key]
			}
			if !ok {
				return b, false
			}
			b = append(b, value...)
		case *parse.WithNode:
			key, _ := reference(n.Pipe)
			value, ok := values[key]
			if !ok {
				return b, false
			}
			if value != "" {
				b, _ = appendSimple(b, n.List, values, value) // inside, only the dot is referred to
			}
		}
	}
	return b, true
}

// maxText bounds one text of a label in bytes.
const maxText = 4096

// expand returns the text with the values in their places, runs of white space as
// one space. It works in room, and returns it for the next.
func (e *expander) expand(values map[string]string, room []byte) (string, []byte, error) {
	text, ok := room[:0], false
	if e.simple {
		text, ok = appendSimple(text, e.template.Root, values, "")
	}
	if !ok {
		var b strings.Builder
		if err := e.template.Execute(&b, values); err != nil {
			return "", text, fmt.Errorf("label: %w", err)
		}
		text = append(text[:0], b.String()...)
	}
	if last := e.last.Load(); last != nil && *last == string(text) {
		return *last, text, nil
	}
	if len(text) > maxText || !utf8.Valid(text) {
		return "", text, fmt.Errorf("label: text %.40q…: want UTF-8 of at most %d bytes", text, maxText)
	}
	s := string(text)
	if tidy(s) {
		e.last.Store(&s)
		return s, text, nil
	}
	return strings.Join(strings.Fields(s), " "), text, nil
}

// tidy says that there is no white space but single spaces between words.
func tidy(s string) bool {
	for i, r := range s {
		if r < ' ' || r >= 0x80 && unusualSpace(r) || r == ' ' && (i == 0 || i == len(s)-1 || s[i-1] == ' ') {
			return false
		}
	}
	return true
}

func unusualSpace(r rune) bool { return strings.TrimSpace(string(r)) == "" }
