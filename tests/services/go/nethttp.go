package main

import (
	"net/http"

	onecors "github.com/onecors/onecors/bindings/go"
)

func netHTTP(live *onecors.LivePolicy) http.Handler {
	mux := http.NewServeMux()
	for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE"} {
		mux.HandleFunc(method+" /app/item", func(w http.ResponseWriter, r *http.Request) {
			setItemHeader(w.Header())
			text("item")(w, r)
		})
	}
	mux.HandleFunc("OPTIONS /app/item", func(w http.ResponseWriter, _ *http.Request) {
		setOptionsHeader(w.Header())
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("GET /app/get-only", text("get only"))
	mux.HandleFunc("/app/throw", throw)
	mux.HandleFunc("/app/throw-late", throwLate)
	mux.HandleFunc("/app/reset", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Before", "1")
		http.Error(w, "failed", http.StatusInternalServerError)
	})
	mux.Handle("/app/private", authorized(text("private")))
	mux.Handle("/app/redirect", http.RedirectHandler("/app/item", http.StatusFound))
	mux.HandleFunc("/app/slash/", text("slash"))
	mux.HandleFunc("/app/stream", stream)
	mux.HandleFunc("/app/vary", vary)
	mux.HandleFunc("/app/vary-star", varyStar)
	mux.HandleFunc("/app/own", func(w http.ResponseWriter, r *http.Request) {
		setOwnHeader(w.Header())
		text("own")(w, r)
	})
	mux.HandleFunc("POST /app/upload", upload)
	mux.HandleFunc("/app/slow", slow)
	mux.HandleFunc("/app/ws", echoWebSocket)
	mux.HandleFunc("/open/item", text("open"))
	mux.HandleFunc("/plain", plain)
	mux.HandleFunc("POST /-/replace", replace(live))
	return mux
}

// authorized is the layer of authentication of net/http and of chi.
func authorized(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !isAuthorized(r) {
			w.Header().Set("WWW-Authenticate", "Bearer")
			http.Error(w, "unauthorized", http.StatusUnauthorized)
			return
		}
		next.ServeHTTP(w, r)
	})
}
