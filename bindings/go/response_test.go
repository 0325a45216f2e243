package onecors_test

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// The parts of writers that servers and middleware have.
type (
	bare     struct{ header http.Header }
	flushing struct{ flushed *bool }
	taking   struct{}
	pushing  struct{}
	telling  struct{}
)

func (b bare) Header() http.Header                   { return b.header }
func (bare) Write(data []byte) (int, error)          { return len(data), nil }
func (bare) WriteHeader(int)                         {}
func (f flushing) Flush()                            { *f.flushed = true }
func (pushing) Push(string, *http.PushOptions) error { return http.ErrNotSupported }
func (telling) CloseNotify() <-chan bool             { return nil }
func (taking) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return nil, nil, http.ErrHijacked
}

func interfacesOf(w http.ResponseWriter) (names []string) {
	if _, ok := w.(http.Flusher); ok {
		names = append(names, "Flusher")
	}
	if _, ok := w.(http.Hijacker); ok {
		names = append(names, "Hijacker")
	}
	if _, ok := w.(http.Pusher); ok {
		names = append(names, "Pusher")
	}
	//lint:ignore SA1019 gin's Context.Stream asks for it
	if _, ok := w.(http.CloseNotifier); ok {
		names = append(names, "CloseNotifier")
	}
	return names
}

func TestTheWriterHasTheInterfacesOfTheOneFurtherIn(t *testing.T) {
	b := bare{http.Header{}}
	f := flushing{new(bool)}
	for _, inner := range []http.ResponseWriter{
		b,
		struct {
			bare
			flushing
		}{b, f},
		struct {
			bare
			taking
		}{b, taking{}},
		struct {
			bare
			flushing
			taking
		}{b, f, taking{}},
		struct {
			bare
			flushing
			pushing
		}{b, f, pushing{}},
		struct {
			bare
			flushing
			telling
		}{b, f, telling{}},
		struct {
			bare
			flushing
			taking
			telling
		}{b, f, taking{}, telling{}},
		struct {
			bare
			flushing
			pushing
			telling
		}{b, f, pushing{}, telling{}},
	} {
		want := interfacesOf(inner)
		handler := servicePolicy(t)(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			if got := interfacesOf(w); strings.Join(got, " ") != strings.Join(want, " ") {
				t.Errorf("the interfaces are %v, not %v", got, want)
			}
			if hijacker, ok := w.(http.Hijacker); ok {
				if _, _, err := hijacker.Hijack(); err != http.ErrHijacked {
					t.Errorf("%v: the error is %v", want, err)
				}
			}
			if pusher, ok := w.(http.Pusher); ok {
				if err := pusher.Push("/", nil); err != http.ErrNotSupported {
					t.Errorf("%v: the error is %v", want, err)
				}
			}
			//lint:ignore SA1019 gin's Context.Stream asks for it
			if notifier, ok := w.(http.CloseNotifier); ok {
				notifier.CloseNotify()
			}
			if flusher, ok := w.(http.Flusher); ok {
				*f.flushed = false
				flusher.Flush()
				if !*f.flushed || b.header.Get("Vary") != "Origin" {
					t.Errorf("%v: flushed: %v, header %v", want, *f.flushed, b.header)
				}
			}
		}))
		clear(b.header)
		handler.ServeHTTP(inner, httptest.NewRequest("GET", "/app/item", nil))
	}
}

// The servers' own writers keep all that they have.
func TestTheServersWritersLoseNothing(t *testing.T) {
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		want := "Flusher Hijacker CloseNotifier"
		if r.ProtoMajor == 2 {
			want = "Flusher Pusher CloseNotifier"
		}
		if got := strings.Join(interfacesOf(w), " "); got != want {
			t.Errorf("%s: the interfaces are %s, not %s", r.Proto, got, want)
		}
		if err := http.NewResponseController(w).EnableFullDuplex(); err != nil {
			t.Error(err)
		}
	})
	server, _ := serve(t, servicePolicy(t)(handler))
	for _, client := range []*http.Client{server.Client(), http2Client()} {
		response, _ := ask(t, client, "GET", server.URL+"/app/item")
		checkApp(t, response, "")
	}
}

// hidden has a Flush that only http.ResponseController finds.
type hidden struct {
	http.ResponseWriter
}

func (h hidden) Unwrap() http.ResponseWriter { return h.ResponseWriter }

// A controller unwraps writers until one can flush. It must not start the response behind our back.
func TestAControllerDoesNotFlushAroundTheHeaders(t *testing.T) {
	put := servicePolicy(t)
	inner := put(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if _, ok := w.(http.Flusher); ok {
			t.Error("the writer says that it can flush")
		}
		if err := http.NewResponseController(w).Flush(); err != nil {
			t.Error(err)
		}
	}))
	server, _ := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { inner.ServeHTTP(hidden{w}, r) }))
	response, _ := ask(t, server.Client(), "GET", server.URL+"/app/item", "Origin: "+app)
	checkApp(t, response, app)
}

// A flush that nobody can do has not started the response.
func TestAFlushThatIsNotSupportedStartsNothing(t *testing.T) {
	handler := servicePolicy(t)(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if err := http.NewResponseController(w).Flush(); err == nil {
			t.Error("flushed")
		}
		w.Header().Set("Access-Control-Allow-Origin", evil)
		io.WriteString(w, "text")
	}))
	b := bare{http.Header{}}
	handler.ServeHTTP(b, httptest.NewRequest("GET", "/app/item", nil))
	if allowed := b.header.Get("Access-Control-Allow-Origin"); allowed != "" {
		t.Errorf("allowed is %q", allowed)
	}
}

// source is copied by io.Copy into whatever can read from it.
type source struct{ io.Reader }

// reading is a writer that reads from a source by itself, as net/http's does with sendfile.
type reading struct {
	bare
	read *int64
}

func (r reading) ReadFrom(source io.Reader) (int64, error) {
	if r.header.Get("Vary") == "" {
		return 0, errors.New("the header is sent without Vary")
	}
	n, err := io.Copy(io.Discard, source)
	*r.read += n
	return n, err
}

func TestAFileIsLeftToTheWriterFurtherIn(t *testing.T) {
	handler := servicePolicy(t)(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if n, err := io.Copy(w, source{strings.NewReader("contents")}); n != 8 || err != nil {
			t.Errorf("copied %d bytes, %v", n, err)
		}
	}))
	b := bare{http.Header{}}
	read := new(int64)
	handler.ServeHTTP(reading{b, read}, httptest.NewRequest("GET", "/app/item", nil))
	if *read != 8 {
		t.Errorf("read %d bytes", *read)
	}
}
