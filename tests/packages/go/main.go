// Consumer uses the required module as a service would.
package main

import (
	"cmp"
	"errors"
	"fmt"
	"log"
	"runtime/debug"
	"strconv"

	onecors "github.com/onecors/onecors/bindings/go"
)

const (
	app  = "https://app.lantern.example"
	shop = "https://northwind.shops.lantern.example"
)

var requests = []onecors.Request{
	{Method: "GET", Path: "/orders/7", Origin: []string{app}},
	asking(shop, "PUT", "content-type"),
	asking(shop, "PUT", "x-debug"),
	{Method: "GET", Path: "/orders/7", Origin: []string{app + ".reader.example"}},
	{Method: "GET", Path: "/catalogue/9780140328721"},
	{Method: "GET", Path: "/healthz", Origin: []string{app}},
}

func asking(origin, method, headers string) onecors.Request {
	return onecors.Request{
		Method:                      "OPTIONS",
		Path:                        "/orders/7",
		Origin:                      []string{origin},
		AccessControlRequestMethod:  []string{method},
		AccessControlRequestHeaders: []string{headers},
	}
}

func decideAll(policy *onecors.Policy) {
	for _, request := range requests {
		verdict := policy.Decide(request)
		plan := policy.Plan(verdict)
		status := "-"
		if plan.Status() != 0 {
			status = strconv.Itoa(plan.Status())
		}
		reason := cmp.Or(verdict.Reason().String(), "-")
		fmt.Println(request.Method, request.Path+":", verdict.Outcome(), reason, status)
		for name, value := range plan.Lines(request) {
			fmt.Printf("  %s: %s\n", name, value)
		}
	}
}

// fromTheCleanPlace is whether the module was required by its version, and not replaced by a folder.
func fromTheCleanPlace() bool {
	info, ok := debug.ReadBuildInfo()
	return ok && len(info.Deps) == 1 && info.Deps[0].Replace == nil
}

func main() {
	policy, err := onecors.Load("policy.json")
	if err != nil {
		log.Fatal(err)
	}
	decideAll(policy)

	_, err = onecors.Load("bad.json")
	var bad *onecors.PolicyError
	if !errors.As(err, &bad) {
		log.Fatal(err)
	}
	for _, problem := range bad.Problems {
		fmt.Printf("%s: %s\n", problem.Pointer, problem.Code)
	}
	if fromTheCleanPlace() {
		fmt.Println("loaded from the clean place")
	}
}
