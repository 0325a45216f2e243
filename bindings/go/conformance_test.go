package onecors_test

import (
	"bytes"
	"cmp"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	onecors "github.com/onecors/onecors/bindings/go"
)

const vectors = "../../tests/conformance"

type decisionFile struct {
	Description string          `json:"description"`
	Groups      []decisionGroup `json:"groups"`
}

type decisionGroup struct {
	Name   string          `json:"name"`
	Policy json.RawMessage `json:"policy"`
	Cases  []decisionCase  `json:"cases"`
}

type decisionCase struct {
	Name    string        `json:"name"`
	Source  string        `json:"source"`
	Request requestOfCase `json:"request"`
	Expect  struct {
		Outcome string  `json:"outcome"`
		Reason  *string `json:"reason"`
		Status  *int    `json:"status"`
		Headers []line  `json:"headers"`
	} `json:"expect"`
}

type requestOfCase struct {
	Method                      *text `json:"method"`
	Path                        *text `json:"path"`
	Origin                      *text `json:"origin"`
	AccessControlRequestMethod  *text `json:"access_control_request_method"`
	AccessControlRequestHeaders *text `json:"access_control_request_headers"`
}

func (r requestOfCase) request() onecors.Request {
	return onecors.Request{
		Method:                      r.Method.value(),
		Path:                        r.Path.value(),
		Origin:                      r.Origin.lines(),
		AccessControlRequestMethod:  r.AccessControlRequestMethod.lines(),
		AccessControlRequestHeaders: r.AccessControlRequestHeaders.lines(),
	}
}

type documentFile struct {
	Description string         `json:"description"`
	Cases       []documentCase `json:"cases"`
}

type documentCase struct {
	Name     string            `json:"name"`
	Source   string            `json:"source"`
	Document json.RawMessage   `json:"document"`
	Text     *text             `json:"text"`
	Problems []expectedProblem `json:"problems"`
}

type expectedProblem struct {
	Code    string  `json:"code"`
	Pointer string  `json:"pointer"`
	Help    *string `json:"help"`
}

// text is a byte string of the vectors: a JSON string, {"hex": "00ff"}, {"concat": [text, ...]} or
// {"repeat": text, "count": n}.
type text string

func (t *text) UnmarshalJSON(source []byte) error {
	if bytes.HasPrefix(source, []byte(`"`)) {
		return json.Unmarshal(source, (*string)(t))
	}
	var form struct {
		Hex    *string `json:"hex"`
		Concat []text  `json:"concat"`
		Repeat *text   `json:"repeat"`
		Count  *int    `json:"count"`
	}
	if err := decode(bytes.NewReader(source), &form); err != nil {
		return err
	}
	switch {
	case form.Hex != nil && form.Concat == nil && form.Repeat == nil && form.Count == nil:
		decoded, err := hex.DecodeString(*form.Hex)
		*t = text(decoded)
		return err
	case form.Hex == nil && form.Concat != nil && form.Repeat == nil && form.Count == nil:
		for _, part := range form.Concat {
			*t += part
		}
		return nil
	case form.Hex == nil && form.Concat == nil && form.Repeat != nil && form.Count != nil:
		*t = text(strings.Repeat(string(*form.Repeat), *form.Count))
		return nil
	}
	return fmt.Errorf("unknown form of text: %s", source)
}

// value is the text as a method or a path.
func (t *text) value() string {
	if t == nil {
		return ""
	}
	return string(*t)
}

// lines is the text as the lines of a header.
func (t *text) lines() []string {
	if t == nil {
		return nil
	}
	return []string{string(*t)}
}

// line is a header line, which the vectors write as [name, value].
type line struct{ name, value string }

func (l *line) UnmarshalJSON(source []byte) error {
	var parts []text
	if err := decode(bytes.NewReader(source), &parts); err != nil {
		return err
	}
	if len(parts) != 2 {
		return fmt.Errorf("a header line is a name and a value: %s", source)
	}
	*l = line{string(parts[0]), string(parts[1])}
	return nil
}

// decode reads one JSON value, and nothing that target does not know.
func decode(source io.Reader, target any) error {
	decoder := json.NewDecoder(source)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(target); err != nil {
		return err
	}
	if _, err := decoder.Token(); err != io.EOF {
		return fmt.Errorf("text behind the JSON value")
	}
	return nil
}

func TestConformance(t *testing.T) {
	run, passed := 0, 0
	count := func(t *testing.T, name string, check func(t *testing.T)) {
		run++
		if t.Run(name, check) {
			passed++
		}
	}
	for _, path := range vectorFiles(t, "decisions") {
		var file decisionFile
		readVectors(t, path, &file)
		for _, group := range file.Groups {
			t.Run(group.Name, func(t *testing.T) {
				policy, err := onecors.Parse(group.Policy)
				for _, test := range group.Cases {
					count(t, test.Name, func(t *testing.T) {
						if err != nil {
							t.Fatal(err)
						}
						checkDecision(t, policy, test)
					})
				}
			})
		}
	}
	for _, path := range vectorFiles(t, "documents") {
		var file documentFile
		readVectors(t, path, &file)
		for _, test := range file.Cases {
			count(t, test.Name, func(t *testing.T) { checkDocument(t, test) })
		}
	}
	report(t, run, passed)
}

func checkDecision(t *testing.T, policy *onecors.Policy, test decisionCase) {
	request := test.Request.request()
	expect := test.Expect
	verdict := policy.Decide(request)
	if byEngine := onecors.DecideByEngine(policy, request); byEngine != verdict {
		t.Errorf("the verdict is %v, and the engine's is %v", verdict, byEngine)
	}
	if known, right := onecors.KnownWithoutC(policy, request); known && !right {
		t.Error("the verdict that is known without C is not the engine's")
	}
	if verdict.Outcome().String() != expect.Outcome {
		t.Errorf("outcome is %v, not %v", verdict.Outcome(), expect.Outcome)
	}
	if reason := orEmpty(expect.Reason); verdict.Reason().String() != reason {
		t.Errorf("reason is %q, not %q", verdict.Reason(), reason)
	}
	plan := policy.Plan(verdict)
	if status := orEmpty(expect.Status); plan.Status() != status {
		t.Errorf("status is %d, not %d", plan.Status(), status)
	}
	var lines []line
	for name, value := range plan.Lines(request) {
		lines = append(lines, line{name, value})
	}
	if !slices.Equal(lines, expect.Headers) {
		t.Errorf("header lines are\n%q, not\n%q", lines, expect.Headers)
	}
	checkExplanation(t, policy, request, verdict)
}

func checkExplanation(t *testing.T, policy *onecors.Policy, request onecors.Request, verdict onecors.Verdict) {
	explanation, err := policy.Explain(request)
	if err != nil {
		t.Fatal(err)
	}
	if explanation.Outcome != verdict.Outcome() || explanation.Reason != verdict.Reason() ||
		explanation.Status != policy.Plan(verdict).Status() {
		t.Errorf("the explanation is of another verdict: %v", explanation)
	}
	if err := decode(strings.NewReader(explanation.String()), new(onecors.Explanation)); err != nil {
		t.Errorf("the explanation has what its type has not: %v\n%v", err, explanation)
	}
}

func checkDocument(t *testing.T, test documentCase) {
	document := []byte(test.Document)
	if (test.Document == nil) == (test.Text == nil) {
		t.Fatal("a case has either a document or a text")
	}
	if test.Text != nil {
		document = []byte(*test.Text)
	}
	_, err := onecors.Parse(document)
	problems := problemsOf(t, err)
	slices.SortFunc(problems, func(a, b onecors.Problem) int {
		return cmp.Or(cmp.Compare(a.Pointer, b.Pointer), cmp.Compare(a.Code, b.Code))
	})
	slices.SortFunc(test.Problems, func(a, b expectedProblem) int {
		return cmp.Or(cmp.Compare(a.Pointer, b.Pointer), cmp.Compare(a.Code, b.Code))
	})
	if len(problems) != len(test.Problems) {
		t.Fatalf("problems are %+v, not %+v", problems, test.Problems)
	}
	for i, expect := range test.Problems {
		problem := problems[i]
		if problem.Code != expect.Code || problem.Pointer != expect.Pointer {
			t.Errorf("problem %d is %s at %q, not %s at %q",
				i, problem.Code, problem.Pointer, expect.Code, expect.Pointer)
		}
		if expect.Help != nil && problem.Help != *expect.Help {
			t.Errorf("help of %s is %q, not %q", problem.Code, problem.Help, *expect.Help)
		}
	}
}

func orEmpty[T any](value *T) (result T) {
	if value != nil {
		result = *value
	}
	return result
}

func vectorFiles(t *testing.T, kind string) []string {
	paths, err := filepath.Glob(filepath.Join(vectors, kind, "*.json"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no %s among the conformance vectors in %s: %v", kind, vectors, err)
	}
	return paths
}

func readVectors(t *testing.T, path string, file any) {
	source, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := decode(bytes.NewReader(source), file); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

// report prints the closing line, and fails unless every case of every file was run and passed.
func report(t *testing.T, run, passed int) {
	closing := fmt.Sprintf("conformance go: %d run, %d passed", run, passed)
	fmt.Println(closing)
	if directory := os.Getenv("ONECORS_CONFORMANCE_REPORT"); directory != "" {
		if err := os.WriteFile(filepath.Join(directory, "go.txt"), []byte(closing+"\n"), 0o666); err != nil {
			t.Error(err)
		}
	}
	if total := casesInFiles(t); run == 0 || run != total {
		t.Errorf("%d cases run of %d in the files", run, total)
	}
	if passed != run {
		t.Errorf("%d cases failed", run-passed)
	}
}

// casesInFiles counts the cases without regard to how the runner reads them.
func casesInFiles(t *testing.T) (total int) {
	for _, path := range append(vectorFiles(t, "decisions"), vectorFiles(t, "documents")...) {
		var file struct {
			Cases  []json.RawMessage
			Groups []struct{ Cases []json.RawMessage }
		}
		source, err := os.ReadFile(path)
		if err == nil {
			err = json.Unmarshal(source, &file)
		}
		if err != nil {
			t.Fatal(err)
		}
		total += len(file.Cases)
		for _, group := range file.Groups {
			total += len(group.Cases)
		}
	}
	return total
}
