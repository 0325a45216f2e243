package main

import (
	"log"
	"maps"
	"net/http"
	"slices"
)

// answer is what a policy of scenarios.json says, but for the echoed origin.
type answer struct {
	status  int
	allowed bool
	header  map[string]string
}

const preflightVary = "Origin, Access-Control-Request-Method, Access-Control-Request-Headers"

var answers = map[string]answer{
	"no-origin": {header: map[string]string{"Vary": "Origin"}},
	"actual-allowed": {allowed: true, header: map[string]string{
		"Access-Control-Allow-Credentials": "true",
		"Access-Control-Expose-Headers":    "x-total-count, x-request-id",
		"Vary":                             "Origin",
	}},
	"actual-denied": {header: map[string]string{"Vary": "Origin"}},
	"preflight-allowed": {status: http.StatusNoContent, allowed: true, header: map[string]string{
		"Access-Control-Allow-Credentials": "true",
		"Access-Control-Allow-Methods":     "PUT, PATCH, DELETE",
		"Access-Control-Allow-Headers":     "content-type, authorization, x-requested-with, x-request-id",
		"Access-Control-Max-Age":           "600",
		"Vary":                             preflightVary,
	}},
	"preflight-denied": {status: http.StatusForbidden, header: map[string]string{
		"Vary": preflightVary,
	}},
}

// check ends the program when onecors or the limit answers wrongly. Of a peer it only returns a note.
func check(handler handler, scenario scenario) (note string) {
	if handler.name == "nothing" {
		return ""
	}
	for _, origin := range append(scenario.origins, "") {
		if origin == "" && len(scenario.origins) > 0 {
			continue
		}
		request := scenario.request()
		if origin != "" {
			request.Header.Set("Origin", origin)
		}
		w := newWriter()
		handler.ServeHTTP(w, request)
		if handler.peer {
			if allowed := w.header.Get("Access-Control-Allow-Origin") != ""; allowed != answers[scenario.name].allowed {
				return "its answer is wrong"
			}
			continue
		}
		checkFields(handler.name, scenario.name, origin, w)
	}
	return ""
}

// checkFields compares a whole response.
func checkFields(name, scenario, origin string, w *writer) {
	want := answers[scenario]
	header := map[string]string{}
	maps.Copy(header, want.header)
	if want.allowed {
		header["Access-Control-Allow-Origin"] = origin
	}
	same := maps.EqualFunc(w.header, header, func(lines []string, value string) bool {
		return slices.Equal(lines, []string{value})
	})
	if !same || w.status != want.status {
		log.Fatalf("%s answers to %s with %d and %v, not with %d and %v", name, scenario, w.status, w.header, want.status, header)
	}
}
