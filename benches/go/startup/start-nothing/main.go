// Start-nothing is what the other programs of this folder are without a policy.
package main

import (
	"fmt"
	"net/http"
)

func main() {
	var origins []string
	for i := range 10 {
		origins = append(origins, fmt.Sprintf("https://app-%07d.example.com", i))
	}
	http.Handle("/", http.NotFoundHandler())
	_ = origins
}
