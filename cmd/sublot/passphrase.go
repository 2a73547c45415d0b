package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"

	"golang.org/x/term"
)

// passphrase reads a passphrase from a file, the first line of it, or else from
// the terminal. A new one is asked for twice.
func (s *session) passphrase(file string, isNew bool) ([]byte, error) {
	if file != "" {
		b, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		line, _, _ := bytes.Cut(b, []byte("\n"))
		return bytes.TrimSuffix(line, []byte("\r")), nil
	}
	fd := int(s.in.Fd())
	if !term.IsTerminal(fd) {
		return nil, hinted(errors.New("there is no terminal to ask for the passphrase"), "give it with --passphrase-file FILE")
	}
	first, err := s.ask(fd, "Passphrase: ")
	if err != nil || !isNew {
		return first, err
	}
	second, err := s.ask(fd, "The same again: ")
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(first, second) {
		return nil, hinted(errors.New("the two passphrases differ"), "run the command again and type the same one twice")
	}
	return first, nil
}

func (s *session) ask(fd int, prompt string) ([]byte, error) {
	fmt.Fprint(s.err, prompt)
	b, err := term.ReadPassword(fd)
	fmt.Fprintln(s.err)
	return b, err
}
