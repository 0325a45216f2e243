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

func TestOnlyOnePathRuleIsDecidedOnWithoutC(t *testing.T) {
	rule := Config{AllowOrigins: []string{"https://app.example.com", "https://*.example.org", "http://localhost:3000"}}
	policy, err := New(rule)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		method, origin string
		decided        bool
	}{
		{"GET", "https://app.example.com", true},
		{"PUT", "http://localhost:3000", true},
		{"OPTIONS", "https://app.example.com", false},
		{"GET", "https://APP.example.com", false},
		{"GET", "https://a.example.org", false},
		{"GET", "https://evil.example", false},
		{"GET", "", false},
	} {
		verdict, decided := policy.decideWithoutC(test.method, []string{test.origin})
		if decided != test.decided || decided && verdict.Outcome() != ActualAllowed {
			t.Errorf("%+v: decided: %v, %v", test, decided, verdict)
		}
	}
	if verdict, decided := policy.decideWithoutC("OPTIONS", nil); !decided || verdict.Outcome() != NotCORS {
		t.Errorf("without an origin: decided: %v, %v", decided, verdict)
	}
	if _, decided := policy.decideWithoutC("GET", []string{"https://app.example.com", ""}); decided {
		t.Error("an origin in two lines is decided on")
	}
	policy.Close()
	if _, decided := policy.decideWithoutC("GET", nil); decided {
		t.Error("a closed policy decides")
	}

	rule.Paths = []string{"/*"}
	withPaths, err := New(Config{Rules: []Config{rule}})
	if err != nil {
		t.Fatal(err)
	}
	if _, decided := withPaths.decideWithoutC("GET", nil); decided {
		t.Error("a policy with paths decides without one")
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
