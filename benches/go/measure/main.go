// Measure prints what a request costs behind each middleware, as JSON lines. The documents are in the
// folder DOCUMENTS; with QUICK it measures less.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"example.com/benches/subjects"

	onecors "github.com/onecors/onecors/bindings/go"
)

const framework = "net/http"

type extent struct {
	sets   []string
	rounds int
	batch  time.Duration
}

var (
	whole = extent{
		sets:   []string{"exact-10", "exact-1000", "exact-100000", "exact-1000000", "wildcard-100", "regex-100"},
		rounds: 61,
		batch:  4 * time.Millisecond,
	}
	quick = extent{sets: []string{"exact-10", "regex-100"}, rounds: 3, batch: 20 * time.Microsecond}
)

func main() {
	log.SetFlags(0)
	documents := os.Getenv("DOCUMENTS")
	if documents == "" {
		log.Fatal("DOCUMENTS is the folder that benches/documents wrote to")
	}
	measured := whole
	if os.Getenv("QUICK") != "" {
		measured = quick
	}
	printVersions()
	for _, set := range measured.sets {
		if err := measureSet(measured, documents, set); err != nil {
			log.Fatalf("%s: %v", set, err)
		}
	}
	if err := measureHostile(measured, documents); err != nil {
		log.Fatal(err)
	}
}

// line is a line of the output.
type line struct {
	Part      string `json:"part"`
	Subject   string `json:"subject"`
	Version   string `json:"version,omitempty"`
	Framework string `json:"framework,omitempty"`
	Origins   string `json:"origins,omitempty"`
	Scenario  string `json:"scenario,omitempty"`
	Input     string `json:"input,omitempty"`
	Length    int    `json:"length,omitempty"`
	Unit      string `json:"unit,omitempty"`
	// Samples are nanoseconds for one call.
	Samples []float64 `json:"samples,omitempty"`
	Note    string    `json:"note,omitempty"`
}

func (l line) print() {
	if err := json.NewEncoder(os.Stdout).Encode(l); err != nil {
		log.Fatal(err)
	}
}

// versionOf returns the version of a module. That of onecors is a folder, which has none.
func versionOf(module *debug.Module) string {
	if module.Replace != nil {
		return onecors.Version()
	}
	return strings.TrimPrefix(module.Version, "v")
}

func printVersions() {
	line{Part: "version", Subject: "go", Version: runtime.Version()}.print()
	build, _ := debug.ReadBuildInfo()
	for _, subject := range subjects.All {
		for _, module := range build.Deps {
			if module.Path == subject.Module {
				line{Part: "version", Subject: subject.Name, Version: versionOf(module)}.print()
			}
		}
	}
}

func measureSet(measured extent, documents, set string) error {
	document, err := subjects.Read(filepath.Join(documents, set+".json"))
	if err != nil {
		return err
	}
	scenarios, err := readScenarios(documents, set)
	if err != nil {
		return err
	}
	handlers, err := handlersOf(document, set)
	if err != nil {
		return err
	}
	for _, scenario := range scenarios {
		measureScenario(measured, set, scenario, handlers)
	}
	return nil
}

func measureScenario(measured extent, set string, scenario scenario, handlers []handler) {
	var runs []*run
	for _, handler := range handlers {
		note := check(handler, scenario)
		r := newRun(handler, scenario)
		if cost := r.calibrate(measured.batch); cost > tooSlow && handler.peer {
			log.Printf("%s, %s: %s is left out: %v a call", set, scenario.name, handler.name, cost)
			continue
		}
		r.note = note
		runs = append(runs, r)
	}
	inTurn(runs, measured.rounds)
	for _, r := range runs {
		line{
			Part: "adapter", Framework: framework, Origins: set, Scenario: scenario.name,
			Subject: r.handler.name, Unit: "ns", Samples: r.samples, Note: r.note,
		}.print()
	}
	log.Printf("%s, %s: measured %d rounds", set, scenario.name, measured.rounds)
}

// handlersOf returns what is measured for a document: nothing, the limit, and the subjects.
func handlersOf(document *subjects.Document, set string) ([]handler, error) {
	handlers := []handler{{name: "nothing", ServeHTTP: doNothing.ServeHTTP}}
	for _, subject := range subjects.All {
		start := time.Now()
		put, err := subject.New(document)
		if errors.Is(err, subjects.ErrNotExpressible) {
			log.Printf("%s: %s is left out: %v", set, subject.Name, err)
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", subject.Name, err)
		}
		log.Printf("%s: %s is made in %v", set, subject.Name, time.Since(start).Round(time.Microsecond))
		handlers = append(handlers, handler{
			name: subject.Name, peer: subject.Name != "onecors", ServeHTTP: put(doNothing).ServeHTTP,
		})
	}
	if limit := newLimit(document); limit != nil {
		handlers = append(handlers, handler{name: "limit", ServeHTTP: limit.handler(doNothing).ServeHTTP})
	}
	return handlers, nil
}
