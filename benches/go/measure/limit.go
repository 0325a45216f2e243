package main

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"

	"example.com/benches/subjects"
)

// limit is the least that a middleware can do which gives the same answers at the same moment: the
// policy's own look-ups in maps, and nothing that another policy would need. It knows exact origins
// only, one writer, and no log.
type limit struct {
	origins, methods, headers          map[string]struct{}
	allowMethods, allowHeaders, maxAge string
	exposeHeaders                      string
}

// newLimit returns nil for a policy with patterns.
func newLimit(document *subjects.Document) *limit {
	limit := &limit{
		origins:       map[string]struct{}{},
		methods:       setOf("GET", "HEAD", "POST"),
		headers:       setOf(document.AllowHeaders...),
		allowMethods:  strings.Join(document.AllowMethods, ", "),
		allowHeaders:  strings.Join(document.AllowHeaders, ", "),
		maxAge:        strconv.Itoa(document.MaxAge),
		exposeHeaders: strings.Join(document.ExposeHeaders, ", "),
	}
	for _, pattern := range document.AllowOrigins {
		if pattern.Regex != "" || strings.Contains(pattern.Text, "*") {
			return nil
		}
		limit.origins[pattern.Text] = struct{}{}
	}
	for _, method := range document.AllowMethods {
		limit.methods[method] = struct{}{}
	}
	return limit
}

func setOf(texts ...string) map[string]struct{} {
	set := map[string]struct{}{}
	for _, text := range texts {
		set[text] = struct{}{}
	}
	return set
}

func (l *limit) handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		origin, allowed := "", false
		if lines := r.Header["Origin"]; len(lines) > 0 {
			origin = lines[0]
			_, allowed = l.origins[origin]
			if r.Method == http.MethodOptions {
				if method := r.Header["Access-Control-Request-Method"]; len(method) > 0 {
					l.answer(w, r, origin, method[0], allowed)
					return
				}
			}
		}
		server, _ := w.(serverWriter)
		response := &limitedResponse{inner: server, limit: l, origin: origin, allowed: allowed}
		defer response.end()
		next.ServeHTTP(response, r)
		response.returned = true
	})
}

func (l *limit) answer(w http.ResponseWriter, r *http.Request, origin, method string, allowed bool) {
	header := w.Header()
	removeOwned(header)
	if !allowed || !l.allows(method, r.Header["Access-Control-Request-Headers"]) {
		values := &[1]string{preflightVary}
		header["Vary"] = values[:]
		w.WriteHeader(http.StatusForbidden)
		return
	}
	values := &[6]string{origin, "true", l.allowMethods, l.allowHeaders, l.maxAge, preflightVary}
	header["Access-Control-Allow-Origin"] = values[0:1:1]
	header["Access-Control-Allow-Credentials"] = values[1:2:2]
	header["Access-Control-Allow-Methods"] = values[2:3:3]
	header["Access-Control-Allow-Headers"] = values[3:4:4]
	header["Access-Control-Max-Age"] = values[4:5:5]
	header["Vary"] = values[5:6:6]
	w.WriteHeader(http.StatusNoContent)
}

func (l *limit) allows(method string, lists []string) bool {
	if _, allowed := l.methods[method]; !allowed {
		return false
	}
	for _, list := range lists {
		for len(list) > 0 {
			name, rest, _ := strings.Cut(list, ",")
			if _, allowed := l.headers[strings.Trim(name, " \t")]; !allowed {
				return false
			}
			list = rest
		}
	}
	return true
}

// serverWriter is what the writers of HTTP/1 are.
type serverWriter interface {
	http.ResponseWriter
	http.Flusher
	http.Hijacker
	//lint:ignore SA1019 a middleware must not take it away
	http.CloseNotifier
	io.ReaderFrom
	io.StringWriter
}

// limitedResponse sets the fields when the response starts.
type limitedResponse struct {
	inner             serverWriter
	limit             *limit
	origin            string
	allowed           bool
	started, returned bool
	values            [4]string
}

func (w *limitedResponse) start() {
	if w.started {
		return
	}
	w.started = true
	header := w.inner.Header()
	removeOwned(header)
	values := &w.values
	values[0] = "Origin"
	if lines := header["Vary"]; len(lines) > 0 {
		values[0] = strings.Join(lines, ", ")
		if !strings.Contains(values[0], "Origin") {
			values[0] += ", Origin"
		}
	}
	header["Vary"] = values[0:1:1]
	if w.allowed {
		values[1], values[2], values[3] = w.origin, "true", w.limit.exposeHeaders
		header["Access-Control-Allow-Origin"] = values[1:2:2]
		header["Access-Control-Allow-Credentials"] = values[2:3:3]
		header["Access-Control-Expose-Headers"] = values[3:4:4]
	}
}

// end is for a handler that wrote nothing, and for one that panics.
func (w *limitedResponse) end() {
	if w.returned {
		w.start()
		return
	}
	reason := recover()
	w.WriteHeader(http.StatusInternalServerError)
	panic(reason)
}

func removeOwned(header http.Header) {
	for name := range header {
		if strings.HasPrefix(name, "Access-Control-") {
			delete(header, name)
		}
	}
}

func (w *limitedResponse) Header() http.Header { return w.inner.Header() }

func (w *limitedResponse) WriteHeader(status int) {
	w.start()
	w.inner.WriteHeader(status)
}

func (w *limitedResponse) Write(data []byte) (int, error) {
	w.start()
	return w.inner.Write(data)
}

func (w *limitedResponse) WriteString(text string) (int, error) {
	w.start()
	return w.inner.WriteString(text)
}

func (w *limitedResponse) ReadFrom(source io.Reader) (int64, error) {
	w.start()
	return w.inner.ReadFrom(source)
}

func (w *limitedResponse) Flush() {
	w.start()
	w.inner.Flush()
}

func (w *limitedResponse) Hijack() (net.Conn, *bufio.ReadWriter, error) { return w.inner.Hijack() }

func (w *limitedResponse) CloseNotify() <-chan bool {
	return w.inner.CloseNotify()
}
