//go:build !without_jub0bs

// Start-jub0bs-cors makes a policy of ten origins, and ends.
package main

import (
	"fmt"
	"log"
	"net/http"

	"github.com/jub0bs/cors"
)

func main() {
	var origins []string
	for i := range 10 {
		origins = append(origins, fmt.Sprintf("https://app-%07d.example.com", i))
	}
	policy, err := cors.NewMiddleware(cors.Config{Origins: origins, Credentialed: true})
	if err != nil {
		log.Fatal(err)
	}
	http.Handle("/", policy.Wrap(http.NotFoundHandler()))
}
