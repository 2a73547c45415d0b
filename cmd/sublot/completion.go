package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/alecthomas/kong"
)

type completionCmd struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"bash, zsh or fish."`
}

func (completionCmd) Help() string {
	return `Completes commands and options; everything else completes as a file.

Examples:

    source <(sublot completion bash)
    sublot completion zsh > "${fpath[1]}/_sublot"
    sublot completion fish > ~/.config/fish/completions/sublot.fish`
}

func (c *completionCmd) Run(s *session, k *kong.Kong) error {
	words := completions(k.Model.Node, "")
	switch c.Shell {
	case "bash":
		return bashCompletion(s.out, words)
	case "zsh":
		return zshCompletion(s.out, words)
	}
	return fishCompletion(s.out, words)
}

// A completion is what may stand after a command: its commands, or its options.
type completion struct {
	command string // words after sublot, e.g. "key new"
	words   []completionWord
}

type completionWord struct{ word, help string }

// completions lists what may follow each command from node on.
func completions(node *kong.Node, command string) []completion {
	c := completion{command: command}
	var below []completion
	for _, child := range node.Children {
		if child.Type != kong.CommandNode || child.Hidden {
			continue
		}
		c.words = append(c.words, completionWord{child.Name, child.Help})
		below = append(below, completions(child, strings.TrimSpace(command+" "+child.Name))...)
	}
	for n := node; n != nil; n = n.Parent {
		for _, flag := range n.Flags {
			if !flag.Hidden {
				c.words = append(c.words, completionWord{"--" + flag.Name, flag.Help})
			}
		}
	}
	return append([]completion{c}, below...)
}

// bashCompletion looks at the words before the cursor; the longest command that
// they begin with comes first, so the list is walked backwards.
func bashCompletion(w io.Writer, all []completion) error {
	var b strings.Builder
	b.WriteString("_sublot() {\n  local line=\"${COMP_WORDS[*]:1:COMP_CWORD-1} \" words=\n  case \"$line\" in\n")
	for i := len(all) - 1; i >= 0; i-- {
		var words []string
		for _, w := range all[i].words {
			words = append(words, w.word)
		}
		pattern := "*"
		if all[i].command != "" {
			pattern = fmt.Sprintf("%q*", all[i].command+" ")
		}
		fmt.Fprintf(&b, "    %s) words=%q ;;\n", pattern, strings.Join(words, " "))
	}
	b.WriteString("  esac\n  COMPREPLY=($(compgen -W \"$words\" -- \"${COMP_WORDS[COMP_CWORD]}\"))\n}\ncomplete -o default -F _sublot sublot\n")
	_, err := io.WriteString(w, b.String())
	return err
}

func zshCompletion(w io.Writer, all []completion) error {
	var b strings.Builder
	b.WriteString("#compdef sublot\n_sublot() {\n  local line=\"${(j: :)words[2,CURRENT-1]} \"\n  local -a items\n  case \"$line\" in\n")
	for i := len(all) - 1; i >= 0; i-- {
		pattern := "*"
		if all[i].command != "" {
			pattern = fmt.Sprintf("%q*", all[i].command+" ")
		}
		fmt.Fprintf(&b, "    %s) items=(", pattern)
		for _, w := range all[i].words {
			fmt.Fprintf(&b, "\n      %s", shellQuote(strings.ReplaceAll(w.word, ":", `\:`)+":"+w.help))
		}
		b.WriteString(") ;;\n")
	}
	b.WriteString("  esac\n  _describe sublot items\n  _files\n}\nif [ \"$funcstack[1]\" = _sublot ]; then _sublot \"$@\"; else compdef _sublot sublot; fi\n")
	_, err := io.WriteString(w, b.String())
	return err
}

func fishCompletion(w io.Writer, all []completion) error {
	var b strings.Builder
	for _, c := range all {
		condition := "__fish_use_subcommand"
		if c.command != "" {
			var seen []string
			for word := range strings.SplitSeq(c.command, " ") {
				seen = append(seen, "__fish_seen_subcommand_from "+word)
			}
			condition = strings.Join(seen, "; and ")
		}
		for _, w := range c.words {
			if name, ok := strings.CutPrefix(w.word, "--"); ok {
				fmt.Fprintf(&b, "complete -c sublot -n %s -l %s -d %s\n", shellQuote(condition), name, shellQuote(w.help))
			} else {
				fmt.Fprintf(&b, "complete -c sublot -n %s -f -a %s -d %s\n", shellQuote(condition), w.word, shellQuote(w.help))
			}
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// shellQuote puts text into single quotes.
func shellQuote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
