package onecors

import (
	"bufio"
	"net"
	"net/http"
)

// newResponse returns a writer around inner, and the response in it.
//
// Code asks a writer for optional interfaces by a type assertion, and takes the answer for a promise:
// that a stream can be flushed, or that this is not HTTP/2. So the writer has those that inner has,
// and no others. As the methods of a type are fixed, there is a type for each set that servers and
// middleware have in practice; Pusher is only kept beside Flusher, as in HTTP/2.
func newResponse(inner http.ResponseWriter) (http.ResponseWriter, *response) {
	if _, isHTTP1 := inner.(http1Writer); isHTTP1 { // The usual one, found by one assertion.
		w := &http1Response{}
		return w, &w.response
	}
	_, flushes := inner.(http.Flusher)
	_, hijacks := inner.(http.Hijacker)
	_, pushes := inner.(http.Pusher)
	//lint:ignore SA1019 gin's Context.Stream asks for it
	_, notifies := inner.(http.CloseNotifier)
	switch {
	case hijacks && flushes:
		w := &flushingHijackingResponse{}
		return w, &w.response
	case hijacks:
		w := &hijackingResponse{}
		return w, &w.response
	case pushes && flushes && notifies:
		w := &http2Response{}
		return w, &w.response
	case pushes && flushes:
		w := &flushingPushingResponse{}
		return w, &w.response
	case flushes && notifies:
		w := &notifyingResponse{}
		return w, &w.response
	case flushes:
		w := &flushingResponse{}
		return w, &w.response
	default:
		w := &response{}
		return w, w
	}
}

// http1Writer is what the writer of a server of HTTP/1 can do.
type http1Writer interface {
	http.Flusher
	http.Hijacker
	//lint:ignore SA1019 gin's Context.Stream asks for it
	http.CloseNotifier
}

type (
	flushingResponse          struct{ response }
	notifyingResponse         struct{ flushingResponse }
	hijackingResponse         struct{ response }
	flushingHijackingResponse struct{ flushingResponse }
	flushingPushingResponse   struct{ flushingResponse }
	http1Response             struct{ notifyingResponse }
	http2Response             struct{ notifyingResponse }
)

func (w *flushingResponse) Flush() { w.flush() }

func (w *notifyingResponse) CloseNotify() <-chan bool { return w.closeNotify() }

func (w *hijackingResponse) Hijack() (net.Conn, *bufio.ReadWriter, error) { return w.hijack() }

func (w *flushingHijackingResponse) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return w.hijack()
}

func (w *http1Response) Hijack() (net.Conn, *bufio.ReadWriter, error) { return w.hijack() }

func (w *flushingPushingResponse) Push(target string, options *http.PushOptions) error {
	return w.push(target, options)
}

func (w *http2Response) Push(target string, options *http.PushOptions) error {
	return w.push(target, options)
}
