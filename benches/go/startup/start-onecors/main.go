// Start-onecors makes a policy of ten origins, and ends.
package main

import (
	"fmt"
	"log"
	"net/http"

	onecors "github.com/onecors/onecors/bindings/go"
)

func main() {
	var origins []string
	for i := range 10 {
		origins = append(origins, fmt.Sprintf("https://app-%07d.example.com", i))
	}
	policy, err := onecors.New(onecors.Config{AllowOrigins: origins, AllowCredentials: true})
	if err != nil {
		log.Fatal(err)
	}
	http.Handle("/", policy.Handler(http.NotFoundHandler()))
}
