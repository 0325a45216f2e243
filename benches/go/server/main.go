// Server answers GET /items behind one of the middlewares, on a port of 127.0.0.1.
package main

import (
	"io"
	"log"
	"net/http"
	"os"

	"example.com/benches/subjects"

	onecors "github.com/onecors/onecors/bindings/go"
)

func main() {
	log.SetFlags(0)
	if len(os.Args) != 4 {
		log.Fatal("usage: server SUBJECT PORT DOCUMENT")
	}
	subject, port, document := os.Args[1], os.Args[2], os.Args[3]
	mux := http.NewServeMux()
	mux.HandleFunc("GET /items", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, `{"items":[]}`)
	})
	mux.HandleFunc("OPTIONS /items", func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusNoContent)
	})
	put, err := middlewareOf(subject, document)
	if err != nil {
		log.Fatalf("%s: %v", subject, err)
	}
	log.Fatal(http.ListenAndServe("127.0.0.1:"+port, put(mux)))
}

func middlewareOf(name, document string) (subjects.Middleware, error) {
	switch name {
	case "none":
		return func(next http.Handler) http.Handler { return next }, nil
	case "onecors-live":
		live, err := onecors.Watch(document)
		if err != nil {
			return nil, err
		}
		return live.Handler, nil
	}
	policy, err := subjects.Read(document)
	if err != nil {
		return nil, err
	}
	for _, subject := range subjects.All {
		if subject.Name == name {
			return subject.New(policy)
		}
	}
	log.Fatalf("%s is not in this program", name)
	return nil, nil
}
