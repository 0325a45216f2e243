// Start-rs-cors makes a policy of ten origins, and ends.
package main

import (
	"fmt"
	"net/http"

	"github.com/rs/cors"
)

func main() {
	var origins []string
	for i := range 10 {
		origins = append(origins, fmt.Sprintf("https://app-%07d.example.com", i))
	}
	policy := cors.New(cors.Options{AllowedOrigins: origins, AllowCredentials: true})
	http.Handle("/", policy.Handler(http.NotFoundHandler()))
}
