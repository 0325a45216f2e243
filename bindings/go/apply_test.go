package onecors_test

import (
	"cmp"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	onecors "github.com/onecors/onecors/bindings/go"
)

type responseFile struct {
	Description string         `json:"description"`
	Cases       []responseCase `json:"cases"`
}

type responseCase struct {
	Name     string          `json:"name"`
	Source   string          `json:"source"`
	Document json.RawMessage `json:"document"`
	Request  requestOfCase   `json:"request"`
	Response []line          `json:"response"`
	Expect   struct {
		Status  *int   `json:"status"`
		Headers []line `json:"headers"`
	} `json:"expect"`
}

func TestResponsesOfTheVectors(t *testing.T) {
	for _, path := range vectorFiles(t, "responses") {
		var file responseFile
		readVectors(t, path, &file)
		if len(file.Cases) == 0 {
			t.Errorf("%s has no cases", path)
		}
		for _, test := range file.Cases {
			t.Run(test.Name, func(t *testing.T) { checkResponse(t, test) })
		}
	}
}

// checkResponse puts the policy in front of a handler whose response has the lines of the case. Those
// of a preflight, which no handler sees, come from in front.
func checkResponse(t *testing.T, test responseCase) {
	policy, err := onecors.Parse(test.Document)
	if err != nil {
		t.Fatal(err)
	}
	request := test.Request.request()
	r := httptest.NewRequest(request.Method, request.Path, nil)
	for name, lines := range map[string][]string{
		"Origin":                         request.Origin,
		"Access-Control-Request-Method":  request.AccessControlRequestMethod,
		"Access-Control-Request-Headers": request.AccessControlRequestHeaders,
	} {
		if lines != nil {
			r.Header[name] = lines
		}
	}
	add := func(w http.ResponseWriter) {
		for _, line := range test.Response {
			w.Header()[line.name] = append(w.Header()[line.name], line.value)
		}
	}
	served := false
	handler := policy.Handler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		served = true
		add(w)
	}))
	recorder := httptest.NewRecorder()
	if test.Expect.Status != nil {
		add(recorder)
	}
	handler.ServeHTTP(recorder, r)

	if status := orEmpty(test.Expect.Status); served != (status == 0) || !served && recorder.Code != status {
		t.Errorf("served: %v, status %d; expected is status %d", served, recorder.Code, status)
	}
	header := recorder.Header()
	var want []line
	for _, l := range test.Expect.Headers {
		want = append(want, line{strings.ToLower(l.name), l.value})
	}
	if got := linesOf(header); !slices.Equal(got, sorted(want)) {
		t.Errorf("the lines are\n%q, not\n%q", got, want)
	}
}

// linesOf returns the lines of a header in a comparable order, those of Vary joined.
func linesOf(header http.Header) (lines []line) {
	for name, values := range header {
		if strings.EqualFold(name, "Vary") {
			values = []string{strings.Join(values, ", ")}
		}
		for _, value := range values {
			lines = append(lines, line{strings.ToLower(name), value})
		}
	}
	return sorted(lines)
}

func sorted(lines []line) []line {
	return slices.SortedFunc(slices.Values(lines), func(a, b line) int {
		return cmp.Or(cmp.Compare(a.name, b.name), cmp.Compare(a.value, b.value))
	})
}
