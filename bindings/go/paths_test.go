package onecors_test

import (
	"bufio"
	"cmp"
	"net/http"
	"net/http/httptest"
	"path"
	"strings"
	"testing"

	onecors "github.com/onecors/onecors/bindings/go"
)

// spellings are targets that routers may read in several ways.
var spellings = []string{
	"/app/item", "/%61pp/item", "/app%2Fitem", "/open%2Fitem", "/open/../app/item", "/open/%2e%2e/app/item",
	"/open/..%2fapp/item", "/open%2f..%2fapp%2fitem", "//app/item", "/open//../app/item", "/open/%2F../app/item",
	"/app;x=1/item", "/app/item/", "/app//item", "/%2fapp/item", "/open/x/..//..//app/item", "/app/a%2F../item",
	"/app/%2561", "/app/a%2F..%2Fitem", "/app/item%00", "/open/..\\app/item", "/%6fpen/../app/item",
}

// Whatever a router makes of a path, the rule that is applied is the one of that path, or none.
func TestNoReadingOfAPathHasMoreThanItsRule(t *testing.T) {
	policy := newPolicy(t, onecors.Config{Rules: []onecors.Config{
		{Paths: []string{"/*"}, AllowOrigins: []string{evil}, ExposeHeaders: []string{"x-any"}},
		{Paths: []string{"/open/*"}, AllowOrigins: []string{evil}, ExposeHeaders: []string{"x-open"}},
		{Paths: []string{"/app/*"}, AllowOrigins: []string{evil}, ExposeHeaders: []string{"x-app"}},
		{Paths: []string{"/app/a/*"}, AllowOrigins: []string{evil}, ExposeHeaders: []string{"x-app-a"}},
	}})
	put := policy.Middleware(onecors.WithLogger(quiet))
	readings := map[string]func(*http.Request) string{
		"decoded":         func(r *http.Request) string { return r.URL.Path },
		"raw":             func(r *http.Request) string { return cmp.Or(r.URL.RawPath, r.URL.Path) },
		"escaped":         func(r *http.Request) string { return r.URL.EscapedPath() },
		"per segment":     func(r *http.Request) string { return onecors.NewRequest(r).Path },
		"cleaned":         func(r *http.Request) string { return path.Clean(r.URL.Path) },
		"cleaned and raw": func(r *http.Request) string { return path.Clean(cmp.Or(r.URL.RawPath, r.URL.Path)) },
	}
	governed := 0
	for _, target := range spellings {
		for name, reading := range readings {
			r := incomingGet(t, target)
			var handled string
			recorder := httptest.NewRecorder()
			put(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				routed := get(evil)
				routed.Path = reading(r)
				for name, value := range policy.Plan(policy.Decide(routed)).Lines(routed) {
					if name == "Access-Control-Expose-Headers" {
						handled = value
					}
				}
			})).ServeHTTP(recorder, r)
			exposed := recorder.Header().Get("Access-Control-Expose-Headers")
			if exposed != "" {
				governed++
			}
			// Where the router's own reading is ambiguous to the engine, no rule is the handler's.
			if exposed != "" && handled != "" && exposed != handled {
				t.Errorf("%s, %s: the rule of %s is applied, and the handler's is that of %s", target, name, exposed, handled)
			}
		}
	}
	if governed == 0 {
		t.Error("no rule was applied to anything")
	}
}

// A policy of one rule has nothing that a path could be mistaken for.
func TestUnusualPathsOfOneRuleAreGoverned(t *testing.T) {
	handler := appPolicy(t).Handler(http.NotFoundHandler())
	for _, target := range spellings {
		r := incomingGet(t, target)
		r.Header.Set("Origin", app)
		recorder := httptest.NewRecorder()
		handler.ServeHTTP(recorder, r)
		if allowed := recorder.Header().Get("Access-Control-Allow-Origin"); allowed != app {
			t.Errorf("%s: allowed is %q", target, allowed)
		}
	}
}

// A path that may have two rules is denied, and what the handler says of CORS is removed.
func TestAnAmbiguousPathIsDeniedAndLogged(t *testing.T) {
	handler, lines := logging(t, onecors.Config{Rules: []onecors.Config{
		{Paths: []string{"/*"}, AllowOrigins: []string{"*"}},
		{Paths: []string{"/app/*"}, AllowOrigins: []string{app}},
	}})
	owning := http.Header{"Origin": {evil}, "Access-Control-Request-Method": {"GET"}}
	for _, method := range []string{"GET", "OPTIONS"} {
		r := incomingGet(t, "/%61pp/item")
		r.Method, r.Header = method, owning
		recorder := httptest.NewRecorder()
		recorder.Header().Set("Access-Control-Allow-Origin", "*")
		handler.ServeHTTP(recorder, r)
		if allowed := recorder.Header().Get("Access-Control-Allow-Origin"); allowed != "" {
			t.Errorf("%s: allowed is %q", method, allowed)
		}
	}
	if got := lines(); len(got) != 1 || got[0]["path"] != "/app/item" || got[0]["origin"] != evil {
		t.Errorf("logged is %v", got)
	}
}

// A middleware behind the policy takes off last slashes, so "/app/" is handled as "/app".
func TestWithPathSaysWhatIsRoutedOn(t *testing.T) {
	policy := newPolicy(t, onecors.Config{Rules: []onecors.Config{
		{Paths: []string{"/*"}, AllowOrigins: []string{"*"}},
		{Paths: []string{"/app"}, AllowOrigins: []string{app}},
	}})
	routed := func(r *http.Request) string { return strings.TrimSuffix(r.URL.Path, "/") }
	handler := policy.Middleware(onecors.WithPath(routed), onecors.WithLogger(quiet))(http.NotFoundHandler())
	header := send(handler, "GET", "/app/", http.Header{"Origin": {evil}}).Header()
	if header.Get("Access-Control-Allow-Origin") != "" || header.Get("Vary") != "Origin" {
		t.Errorf("the header is %v", header)
	}
}

// incomingGet is a request as the server of net/http makes it of a request line.
func incomingGet(t *testing.T, target string) *http.Request {
	t.Helper()
	message := "GET " + target + " HTTP/1.1\r\nHost: api.example.com\r\nOrigin: " + evil + "\r\n\r\n"
	r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(message)))
	if err != nil {
		t.Fatal(err)
	}
	return r
}
