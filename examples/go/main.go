// Lantern is a service of Lantern Books in net/http, with the policy in front of it.
package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"

	onecors "github.com/onecors/onecors/bindings/go"
)

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(body); err != nil {
		log.Print(err)
	}
}

type fields map[string]any

func oneOrder(w http.ResponseWriter, r *http.Request) {
	answer(w, http.StatusOK, fields{"order": r.PathValue("order")})
}

func routes() *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /catalogue/{isbn}", func(w http.ResponseWriter, r *http.Request) {
		answer(w, http.StatusOK, fields{"isbn": r.PathValue("isbn"), "title": "The Lantern Bearers"})
	})
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, fields{"healthy": true})
	})
	for _, data := range []string{"", "/staging"} {
		mux.HandleFunc("GET "+data+"/orders", func(w http.ResponseWriter, _ *http.Request) {
			answer(w, http.StatusOK, []fields{{"order": "7"}})
		})
		mux.HandleFunc("POST "+data+"/orders", func(w http.ResponseWriter, _ *http.Request) {
			answer(w, http.StatusCreated, fields{"order": "8"})
		})
		mux.HandleFunc("GET "+data+"/orders/{order}", oneOrder)
		mux.HandleFunc("PUT "+data+"/orders/{order}", oneOrder)
		mux.HandleFunc("PATCH "+data+"/orders/{order}", oneOrder)
		mux.HandleFunc("DELETE "+data+"/orders/{order}", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusNoContent)
		})
		mux.HandleFunc("OPTIONS "+data+"/orders/{order}", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Allow", "GET, PUT, PATCH, DELETE, OPTIONS")
			w.WriteHeader(http.StatusNoContent)
		})
		mux.HandleFunc("GET "+data+"/orders/{order}/invoice", func(w http.ResponseWriter, r *http.Request) {
			answer(w, http.StatusOK, fields{"order": r.PathValue("order"), "total": "119.88"})
		})
		mux.HandleFunc("GET "+data+"/orders/{order}/label", func(http.ResponseWriter, *http.Request) {
			panic("the printer is out of labels")
		})
	}
	return mux
}

func main() {
	policy, err := onecors.Watch(cmp.Or(os.Getenv("POLICY"), "../policy.json"))
	if err != nil {
		log.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:"+cmp.Or(os.Getenv("PORT"), "8000"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("listening on %v\n", listener.Addr())
	log.Fatal(http.Serve(listener, policy.Handler(routes())))
}
