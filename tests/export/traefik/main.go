// Command traefik puts Traefik's own headers middleware in front of a service, with a configuration for
// each host.
//
// The middleware is that of a release of Traefik, out of its module; only this program around it is not.
package main

import (
	"encoding/json"
	"flag"
	"log"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"

	"github.com/traefik/traefik/v3/pkg/config/dynamic"
	"github.com/traefik/traefik/v3/pkg/middlewares/headers"
)

func main() {
	listen := flag.String("listen", "", "the address to listen on")
	service := flag.String("service", "", "the address of the service")
	down := flag.String("down", "", "an address that nothing listens on")
	flag.Parse()

	hosts, err := read(flag.Arg(0))
	if err != nil {
		log.Fatal(err)
	}
	routes := http.NewServeMux()
	routes.Handle("/", to(*service))
	routes.Handle("/down", to(*down))
	routes.HandleFunc("/private", func(rw http.ResponseWriter, _ *http.Request) {
		rw.WriteHeader(http.StatusUnauthorized)
	})
	handlers := make(map[string]http.Handler)
	for host, configuration := range hosts {
		if handlers[host], err = headers.NewHeader(routes, configuration); err != nil {
			log.Fatal(err)
		}
	}
	handler := http.HandlerFunc(func(rw http.ResponseWriter, req *http.Request) {
		handlers[req.Host].ServeHTTP(rw, req)
	})
	log.Fatal(http.ListenAndServe(*listen, handler))
}

// read reads the configurations, and takes no key that Traefik has not.
func read(name string) (map[string]dynamic.Headers, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	decoder := json.NewDecoder(file)
	decoder.DisallowUnknownFields()
	var hosts map[string]dynamic.Headers
	return hosts, decoder.Decode(&hosts)
}

func to(address string) http.Handler {
	return httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: address})
}
