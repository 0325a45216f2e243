package onecors_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	onecors "github.com/onecors/onecors/bindings/go"
)

// logging returns a handler with a policy, and the lines that it has logged so far.
func logging(t *testing.T, config onecors.Config) (http.Handler, func() []map[string]any) {
	t.Helper()
	logged := &output{}
	logger := slog.New(slog.NewJSONHandler(logged, nil))
	answering := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
	handler := newPolicy(t, config).Middleware(onecors.WithLogger(logger))(answering)
	return handler, func() (lines []map[string]any) {
		decoder := json.NewDecoder(strings.NewReader(logged.String()))
		for decoder.More() {
			var line map[string]any
			if err := decoder.Decode(&line); err != nil {
				t.Fatal(err)
			}
			lines = append(lines, line)
		}
		return lines
	}
}

func send(handler http.Handler, method, path string, header http.Header) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, nil)
	r.Header = header
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, r)
	return recorder
}

func TestADenialIsLoggedOnce(t *testing.T) {
	handler, lines := logging(t, onecors.Config{Rules: []onecors.Config{
		{Name: "app", Paths: []string{"/app/*"}, AllowOrigins: []string{app}},
		{Paths: []string{"/other/*"}, AllowOrigins: []string{app}},
	}})
	purge := http.Header{"Origin": {app}, "Access-Control-Request-Method": {"PURGE"}}
	for range 3 {
		send(handler, "GET", "/app/item", http.Header{"Origin": {"http://app.example.com"}})
		send(handler, "POST", "/app/else", http.Header{"Origin": {"http://app.example.com"}})
		send(handler, "GET", "/other/item", http.Header{"Origin": {"http://app.example.com"}})
		send(handler, "OPTIONS", "/app/item", purge)
		send(handler, "GET", "/app/item", http.Header{"Origin": {app}})
		send(handler, "GET", "/app/item", http.Header{})
		send(handler, "GET", "/plain", http.Header{"Origin": {evil}})
		// httptest's Host is example.com: this is the server's own page.
		send(handler, "POST", "/app/item", http.Header{"Origin": {"https://example.com"}})
	}
	want := []map[string]any{
		{
			"level": "WARN", "rule": "app", "reason": "origin_not_allowed", "origin": "http://app.example.com",
			"nearest_miss": app + " (http, not https)",
			"msg": `onecors: denied the request of "http://app.example.com" to rule "app" (origin_not_allowed)` +
				`; nearest miss: "https://app.example.com" (http, not https)`,
		},
		{"level": "WARN", "rule": "/rules/1", "reason": "origin_not_allowed", "origin": "http://app.example.com"},
		{"level": "WARN", "rule": "app", "reason": "method_not_allowed", "origin": app},
	}
	got := lines()
	if len(got) != len(want) {
		t.Fatalf("logged is %v", got)
	}
	for i, fields := range want {
		for name, value := range fields {
			if got[i][name] != value {
				t.Errorf("line %d: %s is %v, not %v", i, name, got[i][name], value)
			}
		}
	}
}

// The rule of the path, if there is one, allows these.
func TestARefusedHandshakeIsLoggedWithItsPath(t *testing.T) {
	for _, path := range []string{"/plain/../app/item", "/open/..;/app/item"} {
		handler, lines := logging(t, onecors.Config{Rules: []onecors.Config{
			{Paths: []string{"/app/*"}, AllowOrigins: []string{app}},
			{Paths: []string{"/open/*"}, AllowOrigins: []string{"*"}},
		}})
		send(handler, "GET", path, http.Header{"Origin": {evil}, "Upgrade": {"websocket"}})
		if got := lines(); len(got) != 1 || got[0]["path"] != path || got[0]["origin"] != evil {
			t.Errorf("%s: logged is %v", path, got)
		}
	}
}

// A denial that has been logged may be decided on without the engine. It is the same denial.
func TestADenialIsAnsweredAlikeWhenItIsNotLogged(t *testing.T) {
	for _, header := range []http.Header{
		{"Origin": {evil}},
		{"Origin": {evil}, "Access-Control-Request-Method": {"PUT"}},
		{"Origin": {evil}, "Upgrade": {"websocket"}},
		{"Origin": {"https://example.com"}, "Upgrade": {"websocket"}}, // The server's own page.
		{"Origin": {"nonsense"}},
	} {
		for _, method := range []string{"GET", "OPTIONS"} {
			handler, lines := logging(t, onecors.Config{AllowOrigins: []string{app}})
			first := send(handler, method, "/item", header)
			logged := len(lines())
			for range 2 {
				again := send(handler, method, "/item", header)
				if again.Code != first.Code || !slices.Equal(linesOf(again.Header()), linesOf(first.Header())) {
					t.Errorf("%s %v: the answer is %d %v, and was %d %v",
						method, header, again.Code, again.Header(), first.Code, first.Header())
				}
			}
			if isOwn := header.Get("Origin") == "https://example.com"; len(lines()) != logged || isOwn == (logged == 1) {
				t.Errorf("%s %v: logged is %v", method, header, lines())
			}
		}
	}
}

func TestDenialsAreBoundedAndEscaped(t *testing.T) {
	handler, lines := logging(t, onecors.Config{AllowOrigins: []string{app}})
	long := "https://" + strings.Repeat("x", 100_000)
	hostile := []string{"https://a\x1b[2J.example", "https://a\n.example", "https://\xff.example", long, long + "y"}
	for _, origin := range hostile {
		send(handler, "GET", "/", http.Header{"Origin": {origin}})
	}
	send(handler, "GET", "/", http.Header{"Origin": {app, app}})
	got := lines()
	if len(got) != len(hostile) { // The two long ones begin alike; the two lines are one more.
		t.Errorf("%d lines are logged", len(got))
	}
	for _, line := range got {
		if text := fmt.Sprint(line); len(text) > 2_000 || strings.ContainsAny(text, "\x1b\n") {
			t.Errorf("logged is %.300q", text)
		}
	}

	for i := range 1_050 {
		send(handler, "GET", "/", http.Header{"Origin": {fmt.Sprintf("https://flood-%d.example", i)}})
	}
	got = lines()
	if len(got) != 1_001 {
		t.Errorf("%d lines are logged", len(got))
	}
	if last := fmt.Sprint(got[len(got)-1]["msg"]); !strings.Contains(last, "no more are until") {
		t.Errorf("the last line is %q", last)
	}
}

func TestStrangersUseUpTheirOwnLinesAlone(t *testing.T) {
	handler, lines := logging(t, onecors.Config{AllowOrigins: []string{app}})
	expect := func(what string, count int) {
		t.Helper()
		if got := len(lines()); got != count {
			t.Fatalf("after %s %d lines are logged, not %d", what, got, count)
		}
	}
	for i := range 1_200 {
		send(handler, "GET", "/", http.Header{"Origin": {fmt.Sprintf("https://scanner-%d.example", i)}})
	}
	send(handler, "GET", "/", http.Header{"Origin": {"https://scanner-0.example"}})
	expect("strangers", 1_001)
	for range 2 {
		send(handler, "GET", "/", http.Header{"Origin": {"http://app.example.com"}})
	}
	expect("a near miss", 1_002)
	for range 2 {
		send(handler, "OPTIONS", "/", http.Header{"Origin": {app}, "Access-Control-Request-Method": {"PURGE"}})
	}
	expect("a method that is not allowed", 1_003)
}

func TestTheDocumentBoundsNearMisses(t *testing.T) {
	handler, lines := logging(t, onecors.Config{AllowOrigins: []string{app, "https://*.tenant.example.org"}})
	for i := range rounds(5_000) {
		for _, origin := range []string{
			fmt.Sprintf("%s:%d", app, 1+i%65_535),
			fmt.Sprintf("http://t%d.tenant.example.org", i),
			fmt.Sprintf("https://t%d.tenant.example.org/", i),
		} {
			send(handler, "GET", "/", http.Header{"Origin": {origin}})
		}
	}
	if got := len(lines()); got < 3 || got > 15 {
		t.Errorf("%d lines are logged", got)
	}
}

func TestADenialIsLoggedOnceByManyGoroutines(t *testing.T) {
	handler, lines := logging(t, onecors.Config{AllowOrigins: []string{app}})
	var group sync.WaitGroup
	for range 8 {
		group.Add(1)
		go func() {
			defer group.Done()
			for i := range rounds(1_200) {
				send(handler, "GET", "/", http.Header{"Origin": {fmt.Sprintf("https://o%d.example", i)}})
			}
		}()
	}
	group.Wait()
	want := rounds(1_200)
	if want > 1_000 {
		want = 1_001
	}
	if got := lines(); len(got) != want {
		t.Errorf("%d lines are logged, not %d", len(got), want)
	}
}

func TestADenialKeepsNoLongOrigin(t *testing.T) {
	handler, _ := logging(t, onecors.Config{AllowOrigins: []string{app}})
	heap := func() uint64 {
		runtime.GC()
		var stats runtime.MemStats
		runtime.ReadMemStats(&stats)
		return stats.HeapAlloc
	}
	before := heap()
	for i := range 50 {
		origin := fmt.Sprintf("https://o%d.example", i) + strings.Repeat("x", 1<<20)
		send(handler, "GET", "/", http.Header{"Origin": {origin}})
	}
	if after := heap(); after > before+10<<20 {
		t.Errorf("%d bytes are kept", after-before)
	}
	runtime.KeepAlive(handler)
}

// A seen denial takes no more than any other request.
func TestADenialIsRememberedWithoutTheRequest(t *testing.T) {
	handler, _ := logging(t, onecors.Config{AllowOrigins: []string{app}})
	w := &discarding{http.Header{}}
	r := httptest.NewRequest("GET", "/", nil)
	r.Header["Origin"] = []string{evil}
	allocations := testing.AllocsPerRun(100, func() {
		clear(w.header)
		handler.ServeHTTP(w, r)
	})
	if allocations > 1 {
		t.Errorf("%v allocations", allocations)
	}
}

// panicking is a handler of a logger that has failed.
type panicking struct{ slog.Handler }

func (panicking) Handle(context.Context, slog.Record) error { panic("the log is full") }

func TestALoggerThatPanicsHarmsNoRequest(t *testing.T) {
	logger := slog.New(panicking{slog.NewTextHandler(&bytes.Buffer{}, nil)})
	handler := appPolicy(t).Middleware(onecors.WithLogger(logger))(http.NotFoundHandler())
	if recorder := send(handler, "GET", "/", http.Header{"Origin": {evil}}); recorder.Code != 404 {
		t.Errorf("the answer is %d", recorder.Code)
	}
}

func TestTheDefaultLoggerIsTheOneOfSlog(t *testing.T) {
	logged := &output{}
	before := slog.Default()
	handler := appPolicy(t).Handler(http.NotFoundHandler())
	slog.SetDefault(slog.New(slog.NewTextHandler(logged, nil)))
	defer slog.SetDefault(before)
	send(handler, "GET", "/", http.Header{"Origin": {evil}})
	if !strings.Contains(logged.String(), "level=WARN") || !strings.Contains(logged.String(), evil) {
		t.Errorf("logged is %q", logged)
	}
}

// No part of the reason goes to whoever asked.
func TestADenialIsNotToldInTheResponse(t *testing.T) {
	handler, _ := logging(t, onecors.Config{AllowOrigins: []string{app}})
	for _, header := range []http.Header{
		{"Origin": {evil}, "Access-Control-Request-Method": {"PUT"}},
		{"Origin": {app}, "Access-Control-Request-Method": {"PURGE"}},
	} {
		recorder := send(handler, "OPTIONS", "/", header)
		if recorder.Code != 403 || recorder.Body.Len() != 0 || strings.Contains(fmt.Sprint(recorder.Header()), "not_allowed") {
			t.Errorf("the answer is %d, %v, %q", recorder.Code, recorder.Header(), recorder.Body)
		}
	}
}
