package main

import (
	"bufio"
	"io"
	"net"
	"net/http"
)

// writer is what a middleware gets in the place of the server's own http.ResponseWriter: a header that
// is a map of its own for each response, and the same optional interfaces. It sends nothing.
type writer struct {
	header http.Header
	status int
}

func newWriter() *writer { return &writer{header: make(http.Header)} }

func (w *writer) Header() http.Header { return w.header }

func (w *writer) WriteHeader(status int) { w.status = status }

func (w *writer) Write(data []byte) (int, error) { return len(data), nil }

func (w *writer) WriteString(text string) (int, error) { return len(text), nil }

func (w *writer) ReadFrom(source io.Reader) (int64, error) { return io.Copy(io.Discard, source) }

func (w *writer) Flush() {}

func (w *writer) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return nil, nil, http.ErrNotSupported
}

func (w *writer) CloseNotify() <-chan bool { return nil }
