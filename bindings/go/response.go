package onecors

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
)

// response is the writer that the application gets. It applies the plan when the response starts,
// whoever starts it and however.
type response struct {
	inner http.ResponseWriter
	plan  *Plan
	// origin is the request's, which plans echo.
	origin string
	// returned is whether the application has returned, and not panicked.
	returned bool
	// started is whether the header has been sent.
	started bool
	// hijacked is whether the connection was taken over: who did that sends the header, if any.
	hijacked bool
	// store has room for the lines of the plan of any actual request.
	store [4]string
}

// place applies the plan, unless the header has been sent.
func (w *response) place() {
	if !w.started {
		w.plan.apply(w.inner.Header(), &echoes{SlotOrigin: w.origin}, w.store[:0])
	}
}

// start applies the plan to a header that is about to be sent.
func (w *response) start() {
	w.place()
	w.started = true
}

// Header returns the header to write to. After a Hijack it is read once more by those who send it
// themselves, as [net/http/httputil.ReverseProxy] does.
func (w *response) Header() http.Header {
	if w.hijacked {
		w.place()
	}
	return w.inner.Header()
}

// WriteHeader starts the response, unless the status is one of those that come before it, such as
// 103 (Early Hints).
func (w *response) WriteHeader(status int) {
	if status < 200 && status != http.StatusSwitchingProtocols {
		w.inner.WriteHeader(status)
		return
	}
	w.place()
	w.inner.WriteHeader(status)
	w.started = true
}

func (w *response) Write(data []byte) (int, error) {
	w.start()
	return w.inner.Write(data)
}

// WriteString is for [io.WriteString].
func (w *response) WriteString(text string) (int, error) {
	w.start()
	return io.WriteString(w.inner, text)
}

// ReadFrom is for [io.Copy], which sends a file without copying it where the writer further in can.
func (w *response) ReadFrom(source io.Reader) (int64, error) {
	w.start()
	return io.Copy(w.inner, source)
}

// FlushError is for [http.ResponseController], which would otherwise find a writer further in by
// Unwrap, and start the response there.
func (w *response) FlushError() error {
	w.place()
	err := http.NewResponseController(w.inner).Flush()
	w.started = w.started || !errors.Is(err, http.ErrNotSupported)
	return err
}

// Unwrap is for [http.ResponseController].
func (w *response) Unwrap() http.ResponseWriter { return w.inner }

func (w *response) flush() {
	w.start()
	w.inner.(http.Flusher).Flush()
}

func (w *response) hijack() (net.Conn, *bufio.ReadWriter, error) {
	connection, buffer, err := w.inner.(http.Hijacker).Hijack()
	w.hijacked = w.hijacked || err == nil
	return connection, buffer, err
}

func (w *response) push(target string, options *http.PushOptions) error {
	return w.inner.(http.Pusher).Push(target, options)
}

func (w *response) closeNotify() <-chan bool {
	//lint:ignore SA1019 gin's Context.Stream asks for it
	return w.inner.(http.CloseNotifier).CloseNotify()
}
