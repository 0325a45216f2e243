package onecors_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/http/httputil"
	"net/textproto"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	onecors "github.com/onecors/onecors/bindings/go"
)

const evil = "https://evil.example"

// servicePolicy has a rule for the app, with credentials, and one for anyone. Its denials are not logged.
func servicePolicy(t testing.TB) func(http.Handler) http.Handler {
	t.Helper()
	policy := newPolicy(t, onecors.Config{Rules: []onecors.Config{
		{
			Name:             "app",
			Paths:            []string{"/app/*"},
			AllowOrigins:     []string{app},
			AllowCredentials: true,
			AllowMethods:     []string{"PUT"},
			ExposeHeaders:    []string{"etag"},
		},
		{Name: "open", Paths: []string{"/open/*"}, AllowOrigins: []string{"*"}},
	}})
	return policy.Middleware(onecors.WithLogger(quiet))
}

var quiet = slog.New(slog.DiscardHandler)

// serve starts a server, whose log it returns.
func serve(t *testing.T, handler http.Handler) (*httptest.Server, *output) {
	t.Helper()
	server := httptest.NewUnstartedServer(handler)
	logged := &output{}
	server.Config.ErrorLog = log.New(logged, "", 0)
	server.Config.Protocols = new(http.Protocols)
	server.Config.Protocols.SetHTTP1(true)
	server.Config.Protocols.SetUnencryptedHTTP2(true)
	server.Start()
	t.Cleanup(server.Close)
	return server, logged
}

// output is what goroutines have written.
type output struct {
	mutex sync.Mutex
	text  bytes.Buffer
}

func (o *output) Write(data []byte) (int, error) {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	return o.text.Write(data)
}

func (o *output) String() string {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	return o.text.String()
}

// eventually waits for a condition.
func eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !condition(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s: not within ten seconds", what)
		}
	}
}

// ask sends a request with header lines of the form "Name: value". Redirects are not followed.
func ask(t *testing.T, client *http.Client, method, address string, lines ...string) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequest(method, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range lines {
		name, value, _ := strings.Cut(line, ": ")
		r.Header.Add(name, value)
	}
	response, err := client.Transport.RoundTrip(r)
	if err != nil {
		t.Fatalf("%s %s: %v", method, address, err)
	}
	defer response.Body.Close()
	body, _ := io.ReadAll(response.Body)
	return response, string(body)
}

// checkApp fails unless a response has what the rule "app" says for an origin, and nothing else.
func checkApp(t *testing.T, response *http.Response, origin string) {
	t.Helper()
	want := []line{{"vary", "Origin"}}
	if origin == app {
		want = []line{
			{"access-control-allow-credentials", "true"},
			{"access-control-allow-origin", app},
			{"access-control-expose-headers", "etag"},
			{"vary", "Origin"},
		}
	}
	got := slices.DeleteFunc(linesOf(response.Header), func(l line) bool {
		return l.name != "vary" && !strings.HasPrefix(l.name, "access-control-")
	})
	if !slices.Equal(got, want) {
		t.Errorf("%s from %q, status %d: the lines are %q, not %q",
			response.Request.URL.Path, origin, response.StatusCode, got, want)
	}
}

// http2Client speaks HTTP/2 in the clear.
func http2Client() *http.Client {
	transport := &http.Transport{Protocols: new(http.Protocols)}
	transport.Protocols.SetUnencryptedHTTP2(true)
	return &http.Client{Transport: transport}
}

// Whoever makes the response, it has the policy's headers.
func TestEveryResponseHasTheHeaders(t *testing.T) {
	modified := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	file := filepath.Join(t.TempDir(), "file.txt")
	if err := os.WriteFile(file, []byte(strings.Repeat("x", 100_000)), 0o666); err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /app/item", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "item") })
	mux.HandleFunc("/app/nothing", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("/app/tree/", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("/app/string", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "string") })
	mux.HandleFunc("/app/flush", func(w http.ResponseWriter, _ *http.Request) { w.(http.Flusher).Flush() })
	mux.HandleFunc("/app/controller", func(w http.ResponseWriter, _ *http.Request) {
		controller := http.NewResponseController(w)
		if err := errors.Join(controller.SetWriteDeadline(time.Now().Add(time.Minute)), controller.Flush()); err != nil {
			t.Error(err)
		}
	})
	mux.HandleFunc("/app/file", func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, file) })
	mux.HandleFunc("/app/content", func(w http.ResponseWriter, r *http.Request) {
		http.ServeContent(w, r, "a.txt", modified, strings.NewReader("content"))
	})
	mux.HandleFunc("/app/error", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("ETag", `"1"`)
		http.Error(w, "teapot", http.StatusTeapot)
	})
	mux.Handle("/app/redirect", http.RedirectHandler("/app/item", http.StatusFound))
	mux.Handle("/app/timeout", http.TimeoutHandler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		<-r.Context().Done()
	}), time.Millisecond, "too slow"))
	mux.Handle("/app/upload", http.MaxBytesHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			http.Error(w, err.Error(), http.StatusRequestEntityTooLarge)
		}
	}), 0))
	mux.HandleFunc("/app/trailer", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Trailer", "X-Checksum")
		fmt.Fprint(w, "body")
		w.Header().Set("X-Checksum", "7")
		w.Header().Set("Access-Control-Allow-Origin", evil)
	})
	mux.HandleFunc("/app/own", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", evil)
		w.Header().Add("Access-Control-Allow-Origin", "*")
		w.Header()["access-control-allow-methods"] = []string{"*"}
		w.Header().Set("Access-Control-Allow-Private-Network", "true")
		w.WriteHeader(http.StatusOK)
	})
	server, _ := serve(t, servicePolicy(t)(mux))
	for name, client := range map[string]*http.Client{"HTTP/1.1": server.Client(), "HTTP/2": http2Client()} {
		t.Run(name, func(t *testing.T) {
			for target, want := range map[string]int{
				"GET /app/item": 200, "HEAD /app/item": 200, "POST /app/item": 405, "GET /app/missing": 404,
				"GET /app/nothing": 200, "GET /app/tree": 307, "GET /app/../app/item": 307, "GET /app/string": 200,
				"GET /app/flush": 200, "GET /app/controller": 200, "GET /app/file": 200, "HEAD /app/file": 200,
				"GET /app/content": 304, "GET /app/error": 418, "GET /app/redirect": 302, "GET /app/timeout": 503,
				"GET /app/trailer": 200, "GET /app/own": 200, "OPTIONS /app/nothing": 200,
			} {
				method, path, _ := strings.Cut(target, " ")
				for _, origin := range []string{app, evil} {
					response, body := ask(t, client, method, server.URL+path, "Origin: "+origin,
						"If-Modified-Since: "+modified.Format(http.TimeFormat))
					if response.StatusCode != want {
						t.Errorf("%s: the status is %d, not %d", target, response.StatusCode, want)
					}
					if path == "/app/file" && method == "GET" && len(body) != 100_000 {
						t.Errorf("the file has %d bytes", len(body))
					}
					checkApp(t, response, origin)
				}
			}
			large, err := http.NewRequest("POST", server.URL+"/app/upload", strings.NewReader("large"))
			if err != nil {
				t.Fatal(err)
			}
			large.Header.Set("Origin", app)
			response, err := client.Do(large)
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			if response.StatusCode != http.StatusRequestEntityTooLarge {
				t.Errorf("the upload is answered %d", response.StatusCode)
			}
			checkApp(t, response, app)
		})
	}
}

// Until 2026 echo took every OPTIONS for a preflight (labstack/echo#3060, labstack/echo#2534).
func TestPlainOptionsReachesTheHandler(t *testing.T) {
	handler := servicePolicy(t)(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Allow", "GET, OPTIONS")
	}))
	for _, headers := range []http.Header{
		{"Origin": {app}},
		{"Access-Control-Request-Method": {"PUT"}},
		{},
	} {
		r := httptest.NewRequest("OPTIONS", "/app/item", nil)
		r.Header = headers
		recorder := httptest.NewRecorder()
		handler.ServeHTTP(recorder, r)
		if recorder.Header().Get("Allow") == "" {
			t.Errorf("%v: the handler was not asked", headers)
		}
	}
}

// A ServeMux answers 405 to a preflight for "GET /app/item", wherever the policy is behind it.
func TestPreflightsAreAnsweredInFrontOfRouting(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /app/item", func(http.ResponseWriter, *http.Request) { t.Error("the handler was asked") })
	mux.HandleFunc("/open/", func(http.ResponseWriter, *http.Request) { t.Error("the handler was asked") })
	server, _ := serve(t, servicePolicy(t)(mux))
	for _, client := range []*http.Client{server.Client(), http2Client()} {
		for _, test := range []struct {
			path, origin, method string
			status               int
			allowed              string
		}{
			{"/app/item", app, "PUT", 204, app},
			{"/app/missing", app, "PUT", 204, app},
			{"/app/item", app, "DELETE", 403, ""},
			{"/app/item", evil, "PUT", 403, ""},
			{"/open/item", evil, "GET", 204, "*"},
		} {
			response, body := ask(t, client, "OPTIONS", server.URL+test.path,
				"Origin: "+test.origin, "Access-Control-Request-Method: "+test.method)
			if response.StatusCode != test.status || body != "" {
				t.Errorf("%+v: the answer is %d with %q", test, response.StatusCode, body)
			}
			if allowed := response.Header.Values("Access-Control-Allow-Origin"); strings.Join(allowed, " ") != test.allowed {
				t.Errorf("%+v: allowed is %q", test, allowed)
			}
			vary := "Origin, Access-Control-Request-Method, Access-Control-Request-Headers"
			if got := response.Header.Values("Vary"); len(got) != 1 || got[0] != vary {
				t.Errorf("%+v: Vary is %q", test, got)
			}
			if response.Header.Get("Content-Type") != "" || test.status == 403 && response.ContentLength != 0 {
				t.Errorf("%+v: the answer has contents: %v", test, response.Header)
			}
		}
	}
}

func TestUngovernedPathsAreLeftAlone(t *testing.T) {
	handler := servicePolicy(t)(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if _, ok := w.(*httptest.ResponseRecorder); !ok {
			t.Errorf("the writer is %T", w)
		}
		w.Header().Set("Access-Control-Allow-Origin", "https://own.example")
		w.Header().Set("Vary", "Accept")
	}))
	for _, method := range []string{"GET", "OPTIONS"} {
		r := httptest.NewRequest(method, "/plain", nil)
		r.Header.Set("Origin", evil)
		r.Header.Set("Access-Control-Request-Method", "PUT")
		recorder := httptest.NewRecorder()
		handler.ServeHTTP(recorder, r)
		want := []line{{"access-control-allow-origin", "https://own.example"}, {"vary", "Accept"}}
		if got := linesOf(recorder.Header()); !slices.Equal(got, want) {
			t.Errorf("the lines are %q, not %q", got, want)
		}
	}
}

// 103 (Early Hints) comes before the response, and must not be taken for it.
func TestEarlyHintsComeBeforeTheHeaders(t *testing.T) {
	server, _ := serve(t, servicePolicy(t)(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Link", "</style.css>; rel=preload")
		w.WriteHeader(http.StatusEarlyHints)
		w.Header().Set("Access-Control-Allow-Origin", evil)
		w.WriteHeader(http.StatusAccepted)
	})))
	for _, client := range []*http.Client{server.Client(), http2Client()} {
		var hints []textproto.MIMEHeader
		trace := &httptrace.ClientTrace{Got1xxResponse: func(code int, header textproto.MIMEHeader) error {
			if code == http.StatusEarlyHints {
				hints = append(hints, header)
			}
			return nil
		}}
		r, err := http.NewRequestWithContext(httptrace.WithClientTrace(t.Context(), trace), "GET", server.URL+"/app/item", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Origin", app)
		response, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if len(hints) != 1 || hints[0].Get("Link") == "" || hints[0].Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("the hints are %v", hints)
		}
		if response.StatusCode != http.StatusAccepted {
			t.Errorf("the status is %d", response.StatusCode)
		}
		checkApp(t, response, app)
	}
}

// The server of net/http answers nothing when a handler panics, and a page is told of CORS: echo#59.
func TestAPanicIsA500AndIsPassedOn(t *testing.T) {
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		w.Header().Set("Content-Length", "1000000")
		w.Header().Set("X-Before", "1")
		switch r.URL.Path {
		case "/app/status":
			w.WriteHeader(0) // Of which the server says that it is none.
		case "/app/large-status":
			w.WriteHeader(1000)
		case "/app/hints":
			w.WriteHeader(http.StatusEarlyHints)
		}
		panic(errors.New("a failure of " + r.URL.Path))
	})
	server, logged := serve(t, servicePolicy(t)(handler))
	for name, client := range map[string]*http.Client{"HTTP/1.1": server.Client(), "HTTP/2": http2Client()} {
		for _, path := range []string{"/app/panic", "/app/status", "/app/large-status", "/app/hints"} {
			for _, origin := range []string{app, evil} {
				response, body := ask(t, client, "GET", server.URL+path, "Origin: "+origin)
				if response.StatusCode != 500 || response.ContentLength != int64(len(body)) || response.Header.Get("X-Before") != "1" ||
					response.Header.Get("Content-Encoding") != "" || body != "Internal Server Error\n" {
					t.Errorf("%s %s: the answer is %d, %v, %q", name, path, response.StatusCode, response.Header, body)
				}
				checkApp(t, response, origin)
			}
		}
	}
	eventually(t, "the server logs the panics", func() bool {
		text := logged.String()
		return strings.Count(text, "a failure of /app/panic") >= 4 && strings.Contains(text, "invalid WriteHeader code 0")
	})
	if !strings.Contains(logged.String(), "TestAPanicIsA500AndIsPassedOn.func") {
		t.Error("the trace does not show the handler")
	}
}

func TestAPanicIsPassedOnAsItIs(t *testing.T) {
	for name, reason := range map[string]any{
		"error": errors.New("failure"), "text": "failure", "pointer": &struct{ int }{}, "abort": http.ErrAbortHandler,
	} {
		recorder := httptest.NewRecorder()
		handler := servicePolicy(t)(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(reason) }))
		func() {
			defer func() {
				if passed := recover(); passed != reason {
					t.Errorf("%s: the panic is %v", name, passed)
				}
			}()
			handler.ServeHTTP(recorder, httptest.NewRequest("GET", "/app/item", nil))
		}()
		if answered := recorder.Code == 500; answered == (reason == http.ErrAbortHandler) {
			t.Errorf("%s: the status is %d", name, recorder.Code)
		}
	}
}

// After the start there is nothing to put right, and the client must see that the answer is cut short.
func TestAPanicAfterTheStartAborts(t *testing.T) {
	server, _ := serve(t, servicePolicy(t)(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, "part")
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	})))
	for _, client := range []*http.Client{server.Client(), http2Client()} {
		r, err := http.NewRequest("GET", server.URL+"/app/item", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Origin", app)
		response, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(response.Body)
		response.Body.Close()
		if string(body) != "part" || err == nil || response.StatusCode != 200 {
			t.Errorf("the answer is %d, %q, %v", response.StatusCode, body, err)
		}
		checkApp(t, response, app)
	}
}

// A recovery middleware belongs inside, and its answer gets the headers.
func TestTheAnswerOfARecoveryMiddlewareHasTheHeaders(t *testing.T) {
	recovering := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		defer func() {
			if recover() != nil {
				http.Error(w, "recovered", http.StatusInternalServerError)
			}
		}()
		panic("failure")
	})
	server, logged := serve(t, servicePolicy(t)(recovering))
	response, body := ask(t, server.Client(), "GET", server.URL+"/app/item", "Origin: "+app)
	if response.StatusCode != 500 || body != "recovered\n" || logged.String() != "" {
		t.Errorf("the answer is %d, %q, and the log %q", response.StatusCode, body, logged)
	}
	checkApp(t, response, app)
}

// A reverse proxy copies what its upstream says of CORS.
func TestAReverseProxyDoublesNothing(t *testing.T) {
	upstream, _ := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "*")
		w.Header().Set("Access-Control-Allow-Credentials", "true")
		w.Header().Add("Vary", "origin")
		if r.Header.Get("Upgrade") == "" {
			fmt.Fprint(w, "upstream")
			return
		}
		w.Header().Set("Connection", "Upgrade")
		w.Header().Set("Upgrade", r.Header.Get("Upgrade"))
		w.WriteHeader(http.StatusSwitchingProtocols)
		connection, buffer, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer connection.Close()
		message, _ := buffer.ReadString('\n')
		fmt.Fprint(connection, message)
	}))
	target, err := url.Parse(upstream.URL)
	if err != nil {
		t.Fatal(err)
	}
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) }}
	server, _ := serve(t, servicePolicy(t)(proxy))

	response, body := ask(t, server.Client(), "GET", server.URL+"/app/item", "Origin: "+app)
	if body != "upstream" {
		t.Errorf("the answer is %d, %q", response.StatusCode, body)
	}
	response.Header.Set("Vary", strings.ReplaceAll(response.Header.Get("Vary"), "origin", "Origin"))
	checkApp(t, response, app)

	connection, upgraded := handshake(t, server, "/app/socket", "Origin: "+app)
	if upgraded.StatusCode != http.StatusSwitchingProtocols {
		t.Fatalf("the handshake is answered %d", upgraded.StatusCode)
	}
	upgraded.Header.Set("Vary", strings.ReplaceAll(upgraded.Header.Get("Vary"), "origin", "Origin"))
	checkApp(t, upgraded, app)
	fmt.Fprint(connection, "hello\n")
	if echo, err := bufio.NewReader(connection).ReadString('\n'); echo != "hello\n" {
		t.Errorf("the echo is %q, %v", echo, err)
	}
}

// handshake sends a WebSocket handshake, and returns the connection behind the answer.
func handshake(t *testing.T, server *httptest.Server, path string, lines ...string) (net.Conn, *http.Response) {
	t.Helper()
	connection, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { connection.Close() })
	if err := connection.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	lines = append([]string{"GET " + path + " HTTP/1.1", "Host: api.example.net:8443", "Upgrade: websocket",
		"Connection: Upgrade", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="}, lines...)
	fmt.Fprint(connection, strings.Join(lines, "\r\n")+"\r\n\r\n")
	r, err := http.NewRequest("GET", server.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	// One byte at a time, so that nothing behind the answer is lost.
	response, err := http.ReadResponse(bufio.NewReaderSize(oneByte{connection}, 16), r)
	if err != nil {
		t.Fatal(err)
	}
	return connection, response
}

type oneByte struct{ io.Reader }

func (r oneByte) Read(data []byte) (int, error) { return r.Reader.Read(data[:1]) }

func TestHandshakesAreRefusedBeforeTheyAreAccepted(t *testing.T) {
	accepted := 0
	server, _ := serve(t, servicePolicy(t)(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		accepted++
		w.WriteHeader(http.StatusSwitchingProtocols)
	})))
	for _, test := range []struct {
		path  string
		lines []string
		want  int
	}{
		{"/app/socket", []string{"Origin: " + app}, 101},
		{"/app/socket", nil, 101},
		{"/app/socket", []string{"Origin: https://api.example.net:8443"}, 101},
		{"/open/socket", []string{"Origin: " + evil}, 101},
		{"/plain", []string{"Origin: " + evil}, 101},
		{"/app/socket", []string{"Origin: " + evil}, 403},
		{"/app/socket", []string{"Origin: null"}, 403},
		{"/app/socket", []string{"Origin: "}, 403},
		{"/app/socket", []string{"Origin: " + app, "Origin: " + app}, 403},
		{"/app/socket", []string{"Origin: https://api.example.net"}, 403},
		{"/app/socket", []string{"Origin: " + evil, "Upgrade: h2c"}, 403},
		{"/%61pp/socket", []string{"Origin: " + evil}, 403},
		{"/open/..//app/socket", []string{"Origin: " + evil}, 403},
		// No rule governs these, since they can be read in two ways.
		{"/open/../app/socket", []string{"Origin: " + evil}, 403},
		{"/open%2F..%2Fapp%2Fsocket", []string{"Origin: " + evil}, 403},
		{"/open/%2e%2e/app/socket", []string{"Origin: " + evil}, 403},
		{"/plain/../app/socket", []string{"Origin: null"}, 403},
		{"/app;x=1/socket", []string{"Origin: " + evil}, 403},
		{"/APP/socket", []string{"Origin: " + evil}, 403},
		{"/open/..\\app\\socket", []string{"Origin: " + evil}, 403},
		{"/open/..%5Capp%5Csocket", []string{"Origin: " + evil}, 403},
		{"/app%2Fsocket", []string{"Origin: " + evil}, 403},
		{"/open/..;/app/socket", []string{"Origin: " + evil}, 403},
		{"/open/../app/socket", []string{"Origin: https://api.example.net:8443"}, 101},
		{"/open/../app/socket", nil, 101},
		{"/plain/../plain", []string{"Origin: " + evil}, 101},
	} {
		before := accepted
		_, response := handshake(t, server, test.path, test.lines...)
		if response.StatusCode != test.want || (accepted > before) != (test.want == 101) {
			t.Errorf("%+v: the answer is %d", test, response.StatusCode)
		}
		if test.path == "/app/socket" && !slices.Equal(test.lines, []string{"Origin: " + app}) {
			checkApp(t, response, "")
		} else if test.path == "/app/socket" {
			checkApp(t, response, app)
		}
	}
}

func TestHandshakesOfHTTP2AreChecked(t *testing.T) {
	handler := servicePolicy(t)(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	for origin, want := range map[string]int{app: 200, evil: 403} {
		r := httptest.NewRequest("GET", "/app/socket", nil)
		r.Method = "CONNECT"
		r.Header = http.Header{":protocol": {"websocket"}, "Origin": {origin}}
		recorder := httptest.NewRecorder()
		handler.ServeHTTP(recorder, r)
		if recorder.Code != want {
			t.Errorf("%s: the answer is %d, not %d", origin, recorder.Code, want)
		}
	}
}

func TestCheckOrigin(t *testing.T) {
	policy := appPolicy(t)
	closed := appPolicy(t)
	closed.Close()
	var none *onecors.Policy
	for _, test := range []struct {
		policy interface{ CheckOrigin(*http.Request) bool }
		host   string
		origin []string
		passes bool
	}{
		{policy, "api.example.net", []string{app}, true},
		{policy, "api.example.net", nil, true},
		{policy, "api.example.net", []string{"http://API.example.net"}, false},
		{policy, "API.example.net", []string{"http://api.example.net"}, true},
		{policy, "api.example.net:443", []string{"https://api.example.net"}, true},
		{policy, "", []string{"https://"}, false},
		{policy, "api.example.net", []string{evil}, false},
		{policy, "api.example.net", []string{""}, false},
		{policy, "api.example.net", []string{app, app}, false},
		{policy, app, []string{app + "\x00"}, false},
		{onecors.NewLive(policy), "api.example.net", []string{app}, true},
		{onecors.NewLive(policy), "api.example.net", []string{evil}, false},
		{closed, "api.example.net", nil, false},
		{none, "api.example.net", []string{app}, false},
		{&onecors.LivePolicy{}, "api.example.net", []string{app}, false},
	} {
		r := httptest.NewRequest("GET", "/socket", nil)
		r.Host = test.host
		if test.origin != nil {
			r.Header["Origin"] = test.origin
		}
		if passes := test.policy.CheckOrigin(r); passes != test.passes {
			t.Errorf("%q at %q: %v", test.origin, test.host, passes)
		}
	}
}

// A policy that is nil or closed lets no page read anything, whatever the handler says.
func TestWithoutAPolicyNothingIsAllowed(t *testing.T) {
	closed := appPolicy(t)
	closed.Close()
	var none *onecors.Policy
	for name, put := range map[string]func(http.Handler) http.Handler{
		"closed": closed.Handler, "nil": none.Handler, "no policy yet": (&onecors.LivePolicy{}).Handler,
	} {
		handler := put(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Access-Control-Allow-Origin", "*")
			w.Header().Set("ETag", "1")
		}))
		for _, method := range []string{"GET", "OPTIONS"} {
			r := httptest.NewRequest(method, "/item", nil)
			r.Header.Set("Origin", app)
			r.Header.Set("Access-Control-Request-Method", "PUT")
			recorder := httptest.NewRecorder()
			handler.ServeHTTP(recorder, r)
			if got := linesOf(recorder.Header()); !slices.Equal(got, []line{{"etag", "1"}}) {
				t.Errorf("%s: %s has %q", name, method, got)
			}
		}
	}
}

// A handler may do to its header what it likes, and changes no other response.
func TestHeadersShareNoMemory(t *testing.T) {
	handler := servicePolicy(t)(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusOK)
		for _, values := range w.Header() {
			for i := range values {
				values[i] = "changed"
			}
			_ = append(values, "appended")
		}
	}))
	for range 3 {
		for _, method := range []string{"GET", "OPTIONS"} {
			recorder := httptest.NewRecorder()
			r := httptest.NewRequest(method, "/app/item", nil)
			r.Header.Set("Origin", app)
			r.Header.Set("Access-Control-Request-Method", "PUT")
			handler.ServeHTTP(recorder, r)
			header := recorder.Result().Header
			if header.Get("Access-Control-Allow-Origin") != app || !strings.HasPrefix(header.Get("Vary"), "Origin") {
				t.Errorf("%s: the header is %v", method, header)
			}
			for _, values := range recorder.Header() {
				values[0] = "changed"
			}
		}
	}
}

// adding is a writer in front, which adds lines to what it is given.
type adding struct{ http.ResponseWriter }

func (a adding) WriteHeader(status int) {
	for name := range a.Header() {
		a.Header().Add(name, "added")
	}
	a.ResponseWriter.WriteHeader(status)
}

func TestALineThatIsAddedOverwritesNoOther(t *testing.T) {
	handler := servicePolicy(t)(http.NotFoundHandler())
	for _, method := range []string{"GET", "OPTIONS"} {
		recorder := httptest.NewRecorder()
		r := httptest.NewRequest(method, "/app/item", nil)
		r.Header.Set("Origin", app)
		r.Header.Set("Access-Control-Request-Method", "PUT")
		handler.ServeHTTP(adding{recorder}, r)
		for name, values := range recorder.Result().Header {
			if len(values) != 2 || values[0] == "added" || values[1] != "added" {
				t.Errorf("%s: %s is %q", method, name, values)
			}
		}
	}
}

func TestAHandlerTakesOneAllocation(t *testing.T) {
	handler := servicePolicy(t)(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusOK)
	}))
	w := &discarding{http.Header{}}
	for name, test := range map[string]struct {
		method, path, origin string
		most                 float64
	}{
		"no CORS request": {"GET", "/app/item", "", 1},
		"allowed":         {"GET", "/app/item", app, 1},
		"denied":          {"GET", "/app/item", evil, 1},
		"preflight":       {"OPTIONS", "/app/item", app, 1},
		"ungoverned":      {"GET", "/plain", app, 0},
	} {
		r := httptest.NewRequest(test.method, test.path, nil)
		if test.origin != "" {
			r.Header.Set("Origin", test.origin)
			r.Header.Set("Access-Control-Request-Method", "PUT")
		}
		allocations := testing.AllocsPerRun(100, func() {
			clear(w.header)
			handler.ServeHTTP(w, r)
		})
		if allocations > test.most {
			t.Errorf("%s: %v allocations", name, allocations)
		}
	}
}

// discarding is a writer that allocates nothing.
type discarding struct{ header http.Header }

func (d *discarding) Header() http.Header          { return d.header }
func (*discarding) WriteHeader(int)                {}
func (*discarding) Write(data []byte) (int, error) { return len(data), nil }

func BenchmarkHandler(b *testing.B) {
	handler := servicePolicy(b)(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusOK)
	}))
	for _, test := range []struct{ name, method, path, origin string }{
		{"ungoverned", "GET", "/plain", app},
		{"no CORS request", "GET", "/app/item", ""},
		{"allowed", "GET", "/app/item", app},
		{"denied", "GET", "/app/item", evil},
		{"preflight", "OPTIONS", "/app/item", app},
	} {
		b.Run(test.name, func(b *testing.B) {
			r := httptest.NewRequest(test.method, test.path, nil)
			if test.origin != "" {
				r.Header.Set("Origin", test.origin)
				r.Header.Set("Access-Control-Request-Method", "PUT")
			}
			w := &discarding{http.Header{}}
			b.ReportAllocs()
			for b.Loop() {
				clear(w.header)
				handler.ServeHTTP(w, r)
			}
		})
	}
}
