// Service serves the contract of tests/services through one of Go's routers, with the policy in front:
// net-http, chi, gin or echo, by its argument.
package main

import (
	"cmp"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"

	onecors "github.com/onecors/onecors/bindings/go"
)

var routers = map[string]func(live *onecors.LivePolicy) http.Handler{
	"net-http": netHTTP,
	"chi":      withChi,
	"gin":      withGin,
	"echo":     withEcho,
}

func main() {
	if len(os.Args) != 2 || routers[os.Args[1]] == nil {
		log.Fatal("usage: service net-http|chi|gin|echo")
	}
	live, err := onecors.Watch(os.Getenv("POLICY"))
	if err != nil {
		log.Fatal(err)
	}
	defer live.Close()
	listener, err := net.Listen("tcp", "127.0.0.1:"+cmp.Or(os.Getenv("PORT"), "0"))
	if err != nil {
		log.Fatal(err)
	}
	server := &http.Server{Handler: live.Handler(routers[os.Args[1]](live)), Protocols: new(http.Protocols)}
	server.Protocols.SetHTTP1(true)
	server.Protocols.SetUnencryptedHTTP2(true)
	fmt.Printf("listening on %v\n", listener.Addr())
	log.Fatal(server.Serve(listener))
}

// replace puts the document in the body in force.
func replace(live *onecors.LivePolicy) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		document, err := io.ReadAll(r.Body)
		if err == nil {
			err = live.Replace(document)
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusUnprocessableEntity)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	}
}
