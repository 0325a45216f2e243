package onecors

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unsafe"
)

func TestTheLinkedLibraryIsTheOneOfTheHeader(t *testing.T) {
	if Version() != builtFor.version || builtFor.version == "" {
		t.Errorf("the library says %q, the header %q", Version(), builtFor.version)
	}
	right := builtFor
	defer func() { builtFor = right }()
	for _, wrong := range []library{{"9.8.7", right.abi}, {right.version, 987}} {
		builtFor = wrong
		policy, err := Parse([]byte(`{"allow_origins": ["*"]}`))
		if policy != nil || err == nil {
			t.Fatalf("a library of %+v is taken for one of %+v", right, wrong)
		}
		for _, text := range []string{right.version, wrong.version, "ABI " + strconv.Itoa(int(wrong.abi)), "go get "} {
			if !strings.Contains(err.Error(), text) {
				t.Errorf("the error does not say %q: %v", text, err)
			}
		}
	}
}

// With the build tag onecors_gc the policy is freed during the call, unless the method keeps it alive: here
// nothing else does.
func TestEachMethodKeepsItsPolicyAlive(t *testing.T) {
	document := []byte(`{"allow_origins": ["https://*.example.com"]}`)
	request := &Request{Method: "GET", Path: "/", Origin: []string{"https://app.example.com"}}
	for name, call := range map[string]func(*native) any{
		"decide":         func(n *native) any { return n.decide(request) },
		"checkOrigin":    func(n *native) any { return n.checkOrigin(request, "api.example.com") },
		"nearestPattern": func(n *native) any { return n.nearestPattern(request) },
		"explain": func(n *native) any {
			text, err := n.explain(request)
			return fmt.Sprint(text, err)
		},
	} {
		compiled := func() *native {
			n, err := compile(document)
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		kept := compiled()
		want := call(kept)
		runtime.KeepAlive(kept)
		for range 20 {
			if got := call(compiled()); got != want {
				t.Fatalf("%s returns %v, not %v", name, got, want)
			}
		}
	}
}

// The catalogue is what the engine says its numbers and codes are.
func TestCodesAreTheEngines(t *testing.T) {
	var catalogue struct {
		Outcomes         map[string]int `json:"outcomes"`
		Reasons          map[string]int `json:"reasons"`
		Slots            map[string]int `json:"slots"`
		MaxDocumentBytes int            `json:"max_document_bytes"`
	}
	source, err := os.ReadFile("../../tests/conformance/catalogue.json")
	if err == nil {
		err = json.Unmarshal(source, &catalogue)
	}
	if err != nil {
		t.Fatal(err)
	}
	compareCodes(t, catalogue.Outcomes, outcomeCodes[:])
	// 0 stands for no reason and no slot, which have no code.
	catalogue.Reasons[""], catalogue.Slots[""] = 0, 0
	compareCodes(t, catalogue.Reasons, reasonCodes[:])
	compareCodes(t, catalogue.Slots, slotCodes[:])
	if maxDocumentBytes != catalogue.MaxDocumentBytes {
		t.Errorf("a document may have %d bytes, not %d", catalogue.MaxDocumentBytes, maxDocumentBytes)
	}
}

func compareCodes(t *testing.T, numbers map[string]int, codes []string) {
	t.Helper()
	if len(numbers) != len(codes) {
		t.Errorf("the engine has %v, and this module %q", numbers, codes)
	}
	for code, number := range numbers {
		if number >= len(codes) || codes[number] != code {
			t.Errorf("%s has the number %d in the engine, and this module has %q", code, number, codes)
		}
	}
}

func TestPlansOfAnotherEngineAreRefused(t *testing.T) {
	for _, text := range []string{
		`[{"status": null, "headers": [], "vary": [], "trailer": []}]`,
		`[{"status": null, "headers": [{"name": "a", "echo": "cookie"}], "vary": []}]`,
		`{}`,
	} {
		if plans, err := parsePlans(text); err == nil {
			t.Errorf("%s is taken for %+v", text, plans)
		}
	}
}

func TestUnknownNumbersPrint(t *testing.T) {
	verdict := Verdict(0x0001_ff09)
	if text := verdict.String(); text != "onecors.Outcome(9): onecors.Reason(255)" {
		t.Errorf("the verdict prints as %s", text)
	}
}

// A cleanup is tied to one object alone only where that is too large for the allocator of tiny ones.
func TestTheOwnerOfAPolicyIsNoTinyObject(t *testing.T) {
	if size := unsafe.Sizeof(native{}); size <= 16 {
		t.Errorf("it has %d bytes", size)
	}
}

// Everything that C hands out goes back. Each kind would leak 25 MB or more in its rounds.
func TestNativeMemoryIsFreed(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes seconds to see a leak")
	}
	var origins []string
	for i := range 5000 {
		origins = append(origins, "https://"+strings.Repeat("x", 50)+strconv.Itoa(i)+".example.com")
	}
	large := Config{AllowOrigins: origins}
	bad := Config{AllowOrigins: slices.Repeat([]string{"https://example.com/"}, 500)}
	small := temporary(t)
	request := Request{Method: "GET", Origin: []string{"https://elsewhere.example"}}
	for _, test := range []struct {
		name   string
		rounds int
		round  func() error
	}{
		{"policies that nobody refers to", 60, func() error {
			_, err := New(large)
			return err
		}},
		{"closed policies", 60, func() error {
			policy, err := New(large)
			if err == nil {
				err = policy.Close()
			}
			collect()
			runtime.KeepAlive(policy)
			return err
		}},
		{"errors", 200, func() error {
			if _, err := New(bad); err == nil {
				return errors.New("a bad document is accepted")
			}
			return nil
		}},
		{"strings", 40_000, func() error {
			_, err := small.native.Load().explain(&request)
			return err
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			run := func(rounds int) {
				for i := range rounds {
					if err := test.round(); err != nil {
						t.Fatal(err)
					}
					if i%1000 == 0 || test.rounds < 1000 {
						collect()
					}
				}
			}
			run(test.rounds / 4)
			before := residentBytes(t)
			run(test.rounds)
			if grown := residentBytes(t) - before; grown > 12<<20 {
				t.Errorf("%d rounds take %d more bytes", test.rounds, grown)
			}
		})
	}
}

// collect frees everything that can be freed.
func collect() {
	runtime.GC()
	time.Sleep(time.Millisecond) // The cleanups run in a goroutine of their own.
}

func residentBytes(t *testing.T) int {
	t.Helper()
	statm, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Fatal(err)
	}
	pages, err := strconv.Atoi(strings.Fields(string(statm))[1])
	if err != nil {
		t.Fatal(err)
	}
	return pages * os.Getpagesize()
}

// A policy may be collected while C decides by it, unless the method that called C holds on to it.
// With the build tag onecors_gc, a method that does not crashes here.
func TestAPolicyLivesAsLongAsItsCall(t *testing.T) {
	request := Request{Method: "GET", Origin: []string{"https://app.example.com"}}
	byEngine := Request{Method: "GET", Origin: []string{"https://app.example.org"}}
	for range 20 {
		if verdict := temporary(t).Decide(request); verdict.Outcome() != ActualAllowed {
			t.Fatalf("the verdict is %v", verdict)
		}
		if verdict := temporary(t).Decide(byEngine); verdict.Outcome() != ActualAllowed {
			t.Fatalf("the verdict is %v", verdict)
		}
		if !temporary(t).checkOriginOnAll(&request, nil, "") {
			t.Fatal("the origin is refused")
		}
		if _, err := temporary(t).Explain(request); err != nil {
			t.Fatal(err)
		}
		if _, err := temporary(t).native.Load().plans(); err != nil {
			t.Fatal(err)
		}
	}
}

func temporary(t *testing.T) *Policy {
	policy, err := New(Config{AllowOrigins: []string{"https://app.example.com", "https://*.example.org"}})
	if err != nil {
		t.Fatal(err)
	}
	return policy
}
