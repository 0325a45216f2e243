package onecors_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	onecors "github.com/onecors/onecors/bindings/go"
)

// texts is tests/conformance/texts: what no text that people read may show.
type texts struct {
	Description string   `json:"description"`
	Invisible   []string `json:"invisible"`
	Forged      string   `json:"forged"`
	File        string   `json:"file"`
	Cases       []struct {
		Name        string          `json:"name"`
		Source      string          `json:"source"`
		Document    json.RawMessage `json:"document"`
		Text        string          `json:"text"`
		Pointer     string          `json:"pointer"`
		Request     *textsRequest   `json:"request"`
		Rule        string          `json:"rule"`
		PathPattern string          `json:"path_pattern"`
		NearestMiss *string         `json:"nearest_miss"`
	} `json:"cases"`
}

type textsRequest struct {
	Method  string  `json:"method"`
	Path    string  `json:"path"`
	Origin  string  `json:"origin"`
	Asked   *string `json:"access_control_request_method"`
	Headers *string `json:"access_control_request_headers"`
}

func readTexts(t *testing.T) *texts {
	t.Helper()
	data, err := os.ReadFile("../../tests/conformance/texts/invisible.json")
	if err != nil {
		t.Fatal(err)
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	corpus := &texts{}
	if err := decoder.Decode(corpus); err != nil {
		t.Fatal(err)
	}
	return corpus
}

// requireClean fails where a text of several lines shows what it may not.
func (c *texts) requireClean(t *testing.T, text string) {
	t.Helper()
	for _, character := range c.Invisible {
		if strings.Contains(text, character) {
			t.Errorf("%q is in %q", character, text)
		}
	}
	for _, line := range strings.Split(text, "\n") {
		if strings.HasPrefix(line, c.Forged) {
			t.Errorf("a line is forged: %q", text)
		}
	}
}

func (c *texts) requireCleanLine(t *testing.T, text string) {
	t.Helper()
	c.requireClean(t, text)
	if strings.Contains(text, "\n") {
		t.Errorf("it has several lines: %q", text)
	}
}

func TestTextsAreEscapedAndFieldsAreExact(t *testing.T) {
	corpus := readTexts(t)
	for _, each := range corpus.Cases {
		t.Run(each.Name, func(t *testing.T) {
			document := []byte(each.Text)
			if each.Text == "" {
				document = each.Document
			}
			if each.Request != nil {
				corpus.told(t, document, *each.Request, each.Rule, each.PathPattern, each.NearestMiss)
			} else {
				corpus.refused(t, document, each.Pointer)
			}
		})
	}
}

func (c *texts) refused(t *testing.T, document []byte, pointer string) {
	path := filepath.Join(t.TempDir(), c.File)
	if err := os.WriteFile(path, document, 0o666); err != nil {
		t.Fatal(err)
	}
	_, parsed := onecors.Parse(document)
	_, loaded := onecors.Load(path)
	for _, err := range []error{parsed, loaded} {
		var bad *onecors.PolicyError
		if !errors.As(err, &bad) {
			t.Fatal(err)
		}
		c.requireClean(t, err.Error())
		isThere := func(problem onecors.Problem) bool { return problem.Pointer == pointer }
		if !slices.ContainsFunc(bad.Problems, isThere) {
			t.Errorf("nothing is at %q: %q", pointer, bad.Problems)
		}
		for _, problem := range bad.Problems {
			c.requireCleanLine(t, problem.Message)
		}
	}
	var bad *onecors.PolicyError
	if errors.As(loaded, &bad); bad.Path != path {
		t.Errorf("the path is %q", bad.Path)
	}
}

func (c *texts) told(t *testing.T, document []byte, from textsRequest, rule, pathPattern string, nearest *string) {
	policy, err := onecors.Parse(document)
	if err != nil {
		t.Fatal(err)
	}
	request := onecors.Request{Method: from.Method, Path: from.Path, Origin: []string{from.Origin}}
	header := http.Header{"Origin": request.Origin}
	if from.Asked != nil {
		request.AccessControlRequestMethod = []string{*from.Asked}
		header["Access-Control-Request-Method"] = request.AccessControlRequestMethod
	}
	if from.Headers != nil {
		request.AccessControlRequestHeaders = []string{*from.Headers}
		header["Access-Control-Request-Headers"] = request.AccessControlRequestHeaders
	}
	story, err := policy.Explain(request)
	if err != nil {
		t.Fatal(err)
	}
	lines := []string{story.Summary, story.Advice, story.BrowserMessage, story.String()}
	for _, check := range story.Checks {
		lines = append(lines, check.Expected)
		if check.Received != nil {
			lines = append(lines, *check.Received)
		}
	}
	for _, line := range lines {
		c.requireCleanLine(t, line)
	}
	if story.Rule.Name != rule || story.Rule.PathPattern != pathPattern {
		t.Errorf("the rule is %+q", story.Rule)
	}
	if (story.NearestMiss == nil) != (nearest == nil) || nearest != nil && story.NearestMiss.Pattern != *nearest {
		t.Errorf("the nearest miss is %+q", story.NearestMiss)
	}

	logged := &output{}
	logger := slog.New(slog.NewTextHandler(logged, nil))
	handler := policy.Middleware(onecors.WithLogger(logger))(http.NotFoundHandler())
	r := &http.Request{Method: from.Method, URL: &url.URL{Path: from.Path}, Header: header}
	handler.ServeHTTP(httptest.NewRecorder(), r)
	c.requireCleanLine(t, strings.TrimSuffix(logged.String(), "\n"))
	if !strings.Contains(logged.String(), "onecors: denied") {
		t.Errorf("logged %q", logged)
	}
}

func TestAWatchedFileIsNamedEscaped(t *testing.T) {
	corpus := readTexts(t)
	path := filepath.Join(t.TempDir(), corpus.File)
	write := func(document string) {
		if err := os.WriteFile(path, []byte(document), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	logged := &output{}
	wait := func(words string) {
		for deadline := time.Now().Add(20 * time.Second); !strings.Contains(logged.String(), words); {
			if time.Now().After(deadline) {
				t.Fatalf("not logged: %s", words)
			}
			time.Sleep(10 * time.Millisecond)
		}
	}
	write(`{"allow_origins": ["https://a.example"]}`)
	live, err := onecors.Watch(path, onecors.WithLogger(slog.New(slog.NewTextHandler(logged, nil))))
	if err != nil {
		t.Fatal(err)
	}
	defer live.Close()
	write(`{"allow_origins": ["https://b.example"]}`)
	wait("level=INFO")
	write(`{"allow_origins": []}`)
	wait("level=ERROR")
	corpus.requireClean(t, logged.String())
}
