package main

import (
	"context"
	"errors"
	"io/fs"
	"strings"
	"syscall"
)

// message is the error for a person: without the name of the package that
// noticed it.
func message(err error) string {
	text := err.Error()
	if path, ok := errors.AsType[*fs.PathError](err); ok {
		text = strings.Replace(text, path.Error(), path.Path+": "+path.Err.Error(), 1)
	}
	for _, prefix := range []string{"trace: ", "marking: ", "codes: ", "storage: ", "label: ", "carrier: ", "profile: ", "pointer: ", "receive: "} {
		text = strings.TrimPrefix(text, prefix)
	}
	return text
}

// hint says what to do about an error. An error that knows says so itself.
func hint(err error) string {
	var knows interface{ Hint() string }
	if errors.As(err, &knows) {
		if h := knows.Hint(); h != "" {
			return h
		}
	}
	switch {
	case errors.Is(err, syscall.ENOSPC):
		return "the disk is full: free some space and run the command again; what was acknowledged before is kept"
	case errors.Is(err, fs.ErrNotExist):
		return "check the path, and that the file is where you run the command"
	case errors.Is(err, fs.ErrPermission):
		return "check that you may read and write there"
	case errors.Is(err, fs.ErrExist):
		return "name another file, or move the one that is there away"
	case errors.Is(err, syscall.EISDIR):
		return "name a file, not a folder"
	case errors.Is(err, context.Canceled):
		return "the command was interrupted: nothing half done was kept; run it again"
	case errors.Is(err, syscall.EPIPE):
		return "the reader of the output went away"
	}
	return "run sublot --help for the commands and what they need"
}

// A hintedError is an error of the command line itself with what to do.
type hintedError struct {
	error
	hint string
}

func (e *hintedError) Hint() string  { return e.hint }
func (e *hintedError) Unwrap() error { return e.error }

// hinted returns an error with what to do about it.
func hinted(err error, hint string) error { return &hintedError{err, hint} }
