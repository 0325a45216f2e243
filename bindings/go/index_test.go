package onecors

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// TestConformance compares with the engine what is decided on Go's side. These are about the table.

func TestTheIndexHasTheOriginsAndNoOthers(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, count := range []int{0, 1, 2, 3, 10, 1000, 50_000} {
		var all strings.Builder
		var ends []uint32
		texts := map[string]bool{}
		for len(texts) < count {
			text := fmt.Sprintf("https://%x.example", random.Uint64()>>random.IntN(60))
			if !texts[text] {
				texts[text] = true
				all.WriteString(text)
				ends = append(ends, uint32(all.Len()))
			}
		}
		index := newOriginIndex(all.String(), ends)
		if size := len(index.slots); size < 2*count || size > max(2, 4*count) {
			t.Errorf("%d origins take %d slots", count, size)
		}
		for text := range texts {
			if !index.has(strings.Clone(text)) {
				t.Fatalf("%s is not found among %d", text, count)
			}
			for _, other := range []string{text + "x", text[1:], text[:len(text)-1], strings.ToUpper(text), text + text} {
				if index.has(other) != texts[other] {
					t.Fatalf("%s is found among %d", other, count)
				}
			}
		}
		if index.has("") || index.has(all.String()) != texts[all.String()] {
			t.Errorf("nothing, or everything, is found among %d", count)
		}
	}
}

func TestWhatIsKnownWithoutC(t *testing.T) {
	listed := []string{"https://app.example.com", "http://localhost:3000"}
	closed := Config{AllowOrigins: listed}
	open := Config{AllowOrigins: append([]string{"https://*.example.org"}, listed...)}
	withPaths := Config{Rules: []Config{{Paths: []string{"/*"}, AllowOrigins: listed}}}
	for _, test := range []struct {
		method, requestMethod string
		origin                []string
		closed, open          bool
	}{
		{"GET", "", nil, true, true},
		{"OPTIONS", "PUT", nil, true, true},
		{"GET", "", []string{"https://app.example.com"}, true, true},
		{"PUT", "PUT", []string{"http://localhost:3000"}, true, true},
		{"OPTIONS", "", []string{"https://app.example.com"}, false, false},
		{"OPTIONS", "PUT", []string{"https://app.example.com"}, false, false},
		{"GET", "", []string{"https://APP.example.com"}, true, false},
		{"GET", "", []string{"https://a.example.org"}, true, false},
		{"GET", "", []string{""}, true, false},
		{"GET", "", []string{"null"}, true, false},
		{"OPTIONS", "", []string{"https://evil.example"}, true, false},
		{"OPTIONS", "PUT", []string{"https://evil.example"}, true, false},
		{"GET", "", []string{"https://app.example.com", ""}, false, false},
	} {
		request := Request{Method: test.method, Origin: test.origin}
		if test.requestMethod != "" {
			request.AccessControlRequestMethod = []string{test.requestMethod}
		}
		for _, policy := range []struct {
			config Config
			known  bool
		}{{closed, test.closed}, {open, test.open}, {withPaths, false}} {
			compiled, err := New(policy.config)
			if err != nil {
				t.Fatal(err)
			}
			known, right := KnownWithoutC(compiled, request)
			if known != policy.known || known && !right {
				t.Errorf("%+v: known: %v, right: %v", test, known, right)
			}
			compiled.Close()
			if _, known := compiled.decideWithoutC(&request); known {
				t.Errorf("%+v: a closed policy decides", test)
			}
		}
	}
}

// What Rust calls the address of nothing must not come into Go.
func TestAPolicyWithoutExactOriginsHasNoAddresses(t *testing.T) {
	policy, err := New(Config{AllowOrigins: []string{"https://*.example.org"}})
	if err != nil {
		t.Fatal(err)
	}
	uniform := policy.native.Load().uniform
	if uniform == nil || uniform.origins.ends != nil || uniform.origins.has("https://a.example.org") {
		t.Errorf("the index is %+v", uniform)
	}
}
