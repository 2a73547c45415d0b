package gs1

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// Link writes the message as a GS1 Digital Link on the given base, such as
// https://id.gs1.org: the key and its qualifiers in the path, all else in the
// query. It fails where the message has no key, or holds what a link cannot.
func (m Message) Link(base string) (string, error) {
	if err := m.Check(); err != nil {
		return "", err
	}
	at := slices.IndexFunc(m, func(e Element) bool { return table()[e.AI].isKey })
	if at < 0 {
		return "", errors.New("gs1: no key for a Digital Link, such as (01)")
	}
	key := m[at]
	path := "/" + key.AI + "/" + url.PathEscape(key.Value)
	used := []string{key.AI}
	for _, sequence := range table()[key.AI].qualifiers {
		for _, q := range sequence {
			if v, ok := m.Get(q); ok && (len(used) == 1 || slices.Contains(sequence, used[len(used)-1])) {
				path += "/" + q + "/" + url.PathEscape(v)
				used = append(used, q)
			}
		}
	}
	query := ""
	for _, e := range m {
		if slices.Contains(used, e.AI) {
			continue
		}
		if !table()[e.AI].attribute {
			return "", fmt.Errorf("gs1: (%s) cannot stand in a Digital Link of (%s)", e.AI, key.AI)
		}
		used = append(used, e.AI)
		query += "&" + e.AI + "=" + url.QueryEscape(e.Value)
	}
	if query != "" {
		path += "?" + query[1:]
	}
	return strings.TrimSuffix(base, "/") + path, nil
}

// ParseLink reads a GS1 Digital Link. Parts of the path before the key and
// parameters that are no application identifiers are not looked at.
func ParseLink(s string) (Message, error) {
	if len(s) > maxMessage {
		return nil, fmt.Errorf("gs1: link of %d bytes, wanted %d at most", len(s), maxMessage)
	}
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, fmt.Errorf("gs1: %q is no web address", short(s))
	}
	segments := strings.Split(strings.Trim(u.EscapedPath(), "/"), "/")
	// The key is the last part of the path that can be one and leaves pairs behind it.
	for start := len(segments) - 2; start >= 0; start -= 2 {
		if r := table()[segments[start]]; r != nil && r.isKey {
			return parseLinkParts(r, segments[start:], u.RawQuery)
		}
	}
	return nil, fmt.Errorf("gs1: %q holds no key, such as /01/", short(s))
}

func parseLinkParts(key *rule, segments []string, query string) (Message, error) {
	var m Message
	var qualifiers []string
	for i := 0; i+1 < len(segments); i += 2 {
		value, err := url.PathUnescape(segments[i+1])
		r := table()[segments[i]]
		if err != nil || r == nil {
			return nil, fmt.Errorf("gs1: /%s/%s in a Digital Link", short(segments[i]), short(segments[i+1]))
		}
		if r.ai == "01" { // short forms of a GTIN are written out
			value = strings.Repeat("0", max(0, 14-len(value))) + value
		}
		if m, err = m.add(r, value); err != nil {
			return nil, err
		}
		if i > 0 {
			qualifiers = append(qualifiers, r.ai)
		}
	}
	if len(qualifiers) > 0 && !slices.ContainsFunc(key.qualifiers, func(sequence []string) bool { return inOrder(qualifiers, sequence) }) {
		return nil, fmt.Errorf("gs1: (%s) is not followed by (%s) in a Digital Link", key.ai, strings.Join(qualifiers, ")("))
	}
	for pair := range strings.SplitSeq(query, "&") {
		name, value, _ := strings.Cut(pair, "=")
		r := table()[name]
		if r == nil {
			if name != "" && strings.Trim(name, digits) == "" {
				return nil, fmt.Errorf("gs1: %q is no application identifier", short(name))
			}
			continue
		}
		text, err := url.QueryUnescape(value)
		if err != nil || !r.attribute {
			return nil, fmt.Errorf("gs1: (%s) in the query of a Digital Link", name)
		}
		if m, err = m.add(r, text); err != nil {
			return nil, err
		}
	}
	return m, m.Check()
}

// inOrder reports whether all of part stands in whole, in its order.
func inOrder(part, whole []string) bool {
	for _, w := range whole {
		if len(part) > 0 && part[0] == w {
			part = part[1:]
		}
	}
	return len(part) == 0
}
