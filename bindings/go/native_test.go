package onecors

import (
	"encoding/json"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
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

// Everything that C hands out goes back: policies that nobody refers to, closed ones, errors and
// explanations.
func TestNativeMemoryIsFreed(t *testing.T) {
	if testing.Short() {
		t.Skip("it measures memory, which takes a second")
	}
	var origins []string
	for i := range 5000 {
		origins = append(origins, "https://"+strings.Repeat("x", 50)+strconv.Itoa(i)+".example.com")
	}
	bad := slices.Repeat([]string{"https://example.com/"}, 500)
	request := Request{Method: "GET", Origin: []string{strings.Repeat("x", 8192)}}
	round := func() {
		dropped, err := New(Config{AllowOrigins: origins})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := dropped.Explain(request); err != nil {
			t.Fatal(err)
		}
		closed, err := New(Config{AllowOrigins: origins})
		if err != nil {
			t.Fatal(err)
		}
		if err := closed.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := New(Config{AllowOrigins: bad}); err == nil {
			t.Fatal("a bad document is accepted")
		}
		runtime.GC()
		time.Sleep(time.Millisecond) // The cleanups run in a goroutine of their own.
		runtime.KeepAlive(closed)
	}
	for range 10 {
		round()
	}
	before := residentBytes(t)
	for range 60 {
		round()
	}
	// One policy takes more than 500 kB, so a leak of one a round would be 30 MB.
	if grown := residentBytes(t) - before; grown > 15<<20 {
		t.Errorf("60 rounds take %d more bytes", grown)
	}
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
	for range 20 {
		if verdict := temporary(t).Decide(request); verdict.Outcome() != ActualAllowed {
			t.Fatalf("the verdict is %v", verdict)
		}
		if _, err := temporary(t).Explain(request); err != nil {
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
