package onecors_test

import (
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"

	onecors "github.com/onecors/onecors/bindings/go"
)

func Example() {
	policy, err := onecors.New(onecors.Config{
		AllowOrigins:     []string{"https://app.example.com", "https://*.example.org"},
		AllowCredentials: true,
		AllowMethods:     []string{"PUT"},
	})
	if err != nil {
		log.Fatal(err)
	}

	mux := http.NewServeMux()
	mux.HandleFunc("GET /hello", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "hello") })
	handler := policy.Handler(mux)

	r := httptest.NewRequest("GET", "/hello", nil)
	r.Header.Set("Origin", "https://shop.example.org")
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, r)
	fmt.Println(recorder.Header().Get("Access-Control-Allow-Origin"))
	fmt.Println(recorder.Header().Get("Vary"))
	// Output:
	// https://shop.example.org
	// Origin
}

func ExampleLivePolicy() {
	policy, err := onecors.New(onecors.Config{AllowOrigins: []string{"https://app.example.com"}})
	if err != nil {
		log.Fatal(err)
	}
	live := onecors.NewLive(policy)
	handler := live.Handler(http.NotFoundHandler())
	allowed := func() string {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Origin", "https://app.example.com")
		recorder := httptest.NewRecorder()
		handler.ServeHTTP(recorder, r)
		return recorder.Header().Get("Access-Control-Allow-Origin")
	}
	fmt.Printf("%q\n", allowed())

	err = live.Replace([]byte(`{"allow_origins": ["https://new.example.com/"]}`))
	fmt.Println(err != nil) // A problem: the policy stays.
	fmt.Printf("%q\n", allowed())

	err = live.Replace([]byte(`{"allow_origins": ["*"]}`))
	fmt.Println(err != nil)
	fmt.Printf("%q\n", allowed())
	// Output:
	// "https://app.example.com"
	// true
	// "https://app.example.com"
	// false
	// "*"
}

func ExamplePolicy_Decide() {
	policy, err := onecors.Parse([]byte(`{"allow_origins": ["https://app.example.com"]}`))
	if err != nil {
		log.Fatal(err)
	}
	verdict := policy.Decide(onecors.Request{
		Method:                     "OPTIONS",
		Path:                       "/orders",
		Origin:                     []string{"https://app.example.com"},
		AccessControlRequestMethod: []string{"DELETE"},
	})
	fmt.Println(verdict.Outcome())
	fmt.Println(verdict.Reason())
	fmt.Println(policy.Plan(verdict).Status())
	// Output:
	// preflight_denied
	// method_not_allowed
	// 403
}

func ExamplePolicyError() {
	_, err := onecors.Parse([]byte(`{"allow_origins": ["https://app.example.com/"], "max_age": 100000}`))
	var bad *onecors.PolicyError
	if errors.As(err, &bad) {
		for _, problem := range bad.Problems {
			fmt.Println(problem.Pointer, problem.Code)
		}
	}
	// Unordered output:
	// /allow_origins/0 trailing_slash
	// /max_age max_age_out_of_bounds
}

func ExampleConfig() {
	policy, err := onecors.New(onecors.Config{Rules: []onecors.Config{
		{Paths: []string{"/catalogue/*"}, AllowOrigins: []string{"*"}},
		{Paths: []string{"/*"}, AllowOrigins: []string{"https://app.example.com"}, AllowCredentials: true},
	}})
	if err != nil {
		log.Fatal(err)
	}
	for _, path := range []string{"/catalogue/7", "/orders"} {
		fmt.Println(policy.Decide(onecors.Request{
			Method: "GET",
			Path:   path,
			Origin: []string{"https://elsewhere.example"},
		}))
	}
	// Output:
	// actual_allowed
	// actual_denied: origin_not_allowed
}
