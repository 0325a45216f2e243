package main

import (
	"errors"
	"fmt"
	"log"
	"maps"
	"path/filepath"
	"slices"
	"time"

	"example.com/benches/subjects"
)

// givingUp is when no longer value is sent to a subject.
const givingUp = 2 * time.Second

// input is a kind of hostile value.
type input struct {
	Field   string
	Origins string
	Values  []string
}

func measureHostile(measured extent, documents string) error {
	var inputs map[string]input
	if err := readJSON(filepath.Join(documents, "hostile.json"), &inputs); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(inputs)) {
		if err := measureInput(measured, documents, name, inputs[name]); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		log.Printf("hostile, %s: measured", name)
	}
	return nil
}

func measureInput(measured extent, documents, name string, input input) error {
	document, err := subjects.Read(filepath.Join(documents, input.Origins+".json"))
	if err != nil {
		return err
	}
	for _, subject := range subjects.All {
		put, err := subject.New(document)
		if errors.Is(err, subjects.ErrNotExpressible) {
			log.Printf("hostile, %s: %s is left out: %v", name, subject.Name, err)
			continue
		}
		if err != nil {
			return fmt.Errorf("%s: %w", subject.Name, err)
		}
		handler := handler{name: subject.Name, ServeHTTP: put(doNothing).ServeHTTP}
		for _, value := range input.Values {
			scenario, err := hostileScenario(documents, input, value)
			if err != nil {
				return err
			}
			r := newRun(handler, scenario)
			cost := r.calibrate(measured.batch)
			inTurn([]*run{r}, min(measured.rounds, 11))
			line{
				Part: "hostile", Framework: framework, Input: name, Length: len(value),
				Subject: subject.Name, Unit: "ns", Samples: r.samples,
			}.print()
			if cost > givingUp {
				log.Printf("hostile, %s: %s takes %v for %d bytes", name, subject.Name, cost, len(value))
				break
			}
		}
	}
	return nil
}

// hostileScenario is an actual request with a hostile Origin, or a preflight with a hostile list of headers.
func hostileScenario(documents string, input input, value string) (scenario, error) {
	// An allowed origin of exact-10, where it is not the hostile value.
	scenarios, err := readScenarios(documents, "exact-10")
	if err != nil {
		return scenario{}, err
	}
	name := "preflight-allowed"
	if input.Field == "origin" {
		name = "actual-allowed"
	}
	chosen := scenarios[slices.Index(scenarioNames, name)]
	if input.Field == "origin" {
		chosen.header.Set("Origin", value)
		chosen.origins = nil // A new copy of so long a text would cost more than what is measured.
	} else {
		chosen.header.Set("Access-Control-Request-Headers", value)
	}
	return chosen, nil
}
