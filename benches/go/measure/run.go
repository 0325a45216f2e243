package main

import (
	"math/rand/v2"
	"net/http"
	"strings"
	"time"
)

// tooSlow is what a call of a peer may take.
const tooSlow = time.Millisecond

// handler is doNothing behind a middleware.
type handler struct {
	name      string
	peer      bool
	ServeHTTP http.HandlerFunc
}

var doNothing = http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})

// run measures one handler in one scenario.
type run struct {
	handler handler
	request *http.Request
	origins []string
	// batch is how many calls are timed together.
	batch   int
	samples []float64
	note    string
}

func newRun(handler handler, scenario scenario) *run {
	return &run{handler: handler, request: scenario.request(), origins: scenario.origins}
}

// calibrate finds how many calls take as long as a batch should, and returns what one takes.
func (r *run) calibrate(batch time.Duration) time.Duration {
	for r.batch = 1; ; r.batch *= 2 {
		if took := r.time(); took >= batch/4 {
			cost := took / time.Duration(r.batch)
			r.batch = max(1, int(float64(r.batch)*float64(batch)/float64(took)))
			return cost
		}
	}
}

// time returns what a batch of calls takes. Each has a new response, and an Origin that no other has:
// were it the very text of the policy or of the call before, comparing would be too cheap.
func (r *run) time() time.Duration {
	serve, request, origins := r.handler.ServeHTTP, r.request, r.origins
	start := time.Now()
	for i := range r.batch {
		if len(origins) > 0 {
			request.Header["Origin"] = []string{strings.Clone(origins[i%len(origins)])}
		}
		serve(newWriter(), request)
	}
	return time.Since(start)
}

// inTurn measures all, in a new order each round.
func inTurn(runs []*run, rounds int) {
	for range rounds {
		for _, i := range rand.Perm(len(runs)) {
			r := runs[i]
			r.samples = append(r.samples, float64(r.time().Nanoseconds())/float64(r.batch))
		}
	}
}
