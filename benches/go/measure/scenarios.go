package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
)

// scenario is a kind of request, with the origins that it comes from in turn.
type scenario struct {
	name    string
	method  string
	header  http.Header
	origins []string
}

// request returns a request, as the server of net/http makes them, but for its Origin.
func (s scenario) request() *http.Request {
	r := httptest.NewRequest(s.method, "/items", nil)
	r.Header = s.header.Clone()
	return r
}

// scenarioFile is what is read of scenarios.json.
type scenarioFile struct {
	RequestHeaders map[string]string `json:"request_headers"`
	Scenarios      map[string]struct {
		Method                      string
		Origin                      string
		AccessControlRequestMethod  string `json:"access_control_request_method"`
		AccessControlRequestHeaders string `json:"access_control_request_headers"`
	}
}

var scenarioNames = []string{"no-origin", "actual-allowed", "actual-denied", "preflight-allowed", "preflight-denied"}

// readScenarios returns the scenarios with the origins to send to the policy of a set.
func readScenarios(documents, set string) ([]scenario, error) {
	var file scenarioFile
	if err := readJSON(filepath.Join("..", "scenarios.json"), &file); err != nil {
		return nil, err
	}
	var requests struct{ Hits, Misses []string }
	if err := readJSON(filepath.Join(documents, set+".requests.json"), &requests); err != nil {
		return nil, err
	}
	origins := map[string][]string{"hit": requests.Hits, "miss": requests.Misses}
	scenarios := make([]scenario, len(scenarioNames))
	for i, name := range scenarioNames {
		description := file.Scenarios[name]
		header := http.Header{}
		for name, value := range file.RequestHeaders {
			header.Set(name, value)
		}
		header.Del("Host") // The server takes it out.
		if description.AccessControlRequestMethod != "" {
			header.Set("Access-Control-Request-Method", description.AccessControlRequestMethod)
			header.Set("Access-Control-Request-Headers", description.AccessControlRequestHeaders)
		}
		scenarios[i] = scenario{name, description.Method, header, origins[description.Origin]}
	}
	return scenarios, nil
}

func readJSON(path string, target any) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, target)
}
