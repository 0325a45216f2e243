package onecors

import (
	"bufio"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
)

func TestNewRequestTakesTheHeaderLines(t *testing.T) {
	r := httptest.NewRequest("OPTIONS", "/orders?page=2", nil)
	r.Header.Add("origin", "https://app.example.com")
	r.Header.Add("Access-Control-Request-Method", "")
	want := Request{
		Method:                     "OPTIONS",
		Path:                       "/orders",
		Origin:                     []string{"https://app.example.com"},
		AccessControlRequestMethod: []string{""},
	}
	if request := NewRequest(r); !reflect.DeepEqual(request, want) {
		t.Errorf("the request is %+v, not %+v", request, want)
	}
	r.Header.Add("Access-Control-Request-Headers", "x-one")
	r.Header.Add("Access-Control-Request-Headers", "x-two")
	if lines := NewRequest(r).AccessControlRequestHeaders; len(lines) != 2 {
		t.Errorf("the lines are %q", lines)
	}
	if allocations := testing.AllocsPerRun(100, func() { NewRequest(r) }); allocations != 0 {
		t.Errorf("it takes %v allocations", allocations)
	}
}

func TestNewRequestTakesThePathOnce(t *testing.T) {
	for target, path := range map[string]string{
		"/a/b?x=/a%2Fb":   "/a/b",
		"/%61":            "/a",
		"/a%2Fb":          "/a%2Fb",
		"/a%2fb":          "/a%2fb",
		"/%61%2F%62":      "/a%2Fb",
		"/a/%252F":        "/a/%2F",
		"/caf%C3%A9":      "/caf\u00e9",
		"/%ff%00":         "/\xff\x00",
		"/a/b%20c+d":      "/a/b c+d",
		"/a/%2e%2e%2Fb/c": "/a/..%2Fb/c",
		"*":               "*",
	} {
		if got := NewRequest(incoming(t, target)).Path; got != path {
			t.Errorf("%s: the path is %q, not %q", target, got, path)
		}
	}
}

// If a path were decided on otherwise than it is routed, a page could reach a handler by another
// rule than the handler's.
func TestTheRuleIsTheOneOfTheHandler(t *testing.T) {
	mux := http.NewServeMux()
	var config Config
	for _, pattern := range []string{"/a", "/a/b", "/a/{x}", "/a/{x}/c", "/a/b/c", "/{x}", "/caf\u00e9"} {
		mux.Handle(pattern, http.NotFoundHandler())
		config.Rules = append(config.Rules, Config{Paths: []string{pattern}, AllowOrigins: []string{"*"}})
	}
	policy, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	governing := map[string]bool{}
	for _, target := range []string{
		"/a", "/%61", "/A", "/a/", "/a/b", "/a/%62", "/a%2Fb", "/a%2fb", "/%61%2F%62", "/a/b%2Fc",
		"/a/b%2Fc/c", "/a/b/c", "/a/%62/%63", "/a/x", "/a/x/c", "/a/%252F", "/a/b%252Fc", "/caf%C3%A9",
		"/caf\u00e9", "/%2e%2e%2Fa", "/a/%2e%2e%2Fb/c", "/a%5Cb", "/a%00", "/%ff",
	} {
		r := incoming(t, target)
		explanation, err := policy.Explain(NewRequest(r))
		if err != nil {
			t.Fatal(err)
		}
		if explanation.Rule == nil {
			continue
		}
		governing[explanation.Rule.PathPattern] = true
		if _, handling := mux.Handler(r); handling != explanation.Rule.PathPattern {
			t.Errorf("%s is handled by %q and governed by %q", target, handling, explanation.Rule.PathPattern)
		}
	}
	if len(governing) != len(config.Rules) {
		t.Errorf("only %v were seen to govern", governing)
	}
}

// incoming is a request as the server of net/http makes it of a request line.
func incoming(t *testing.T, target string) *http.Request {
	t.Helper()
	message := "OPTIONS " + target + " HTTP/1.1\r\nHost: api.example.com\r\n\r\n"
	r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(message)))
	if err != nil {
		t.Fatal(err)
	}
	return r
}
