package main

import (
	"net/http"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"

	onecors "github.com/onecors/onecors/bindings/go"
)

func withChi(live *onecors.LivePolicy) http.Handler {
	r := chi.NewRouter()
	r.Use(middleware.RequestID, middleware.GetHead, middleware.RedirectSlashes)
	r.Route("/app", func(r chi.Router) {
		for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE"} {
			r.MethodFunc(method, "/item", func(w http.ResponseWriter, r *http.Request) {
				setItemHeader(w.Header())
				text("item")(w, r)
			})
		}
		r.Options("/item", func(w http.ResponseWriter, _ *http.Request) {
			setOptionsHeader(w.Header())
			w.WriteHeader(http.StatusNoContent)
		})
		r.Get("/get-only", text("get only"))
		r.HandleFunc("/throw", throw)
		r.HandleFunc("/throw-late", throwLate)
		r.With(middleware.Recoverer).HandleFunc("/reset", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("X-Before", "1")
			throw(w, r)
		})
		r.With(authorized).HandleFunc("/private", text("private"))
		r.Get("/redirect", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/app/item", http.StatusFound)
		})
		r.Get("/slash", text("slash"))
		r.Get("/stream", stream)
		r.Get("/vary", vary)
		r.Get("/vary-star", varyStar)
		r.Get("/own", func(w http.ResponseWriter, r *http.Request) {
			setOwnHeader(w.Header())
			text("own")(w, r)
		})
		r.Post("/upload", upload)
		r.Get("/slow", slow)
		r.HandleFunc("/ws", echoWebSocket)
	})
	open := chi.NewRouter()
	open.Get("/item", text("open"))
	r.Mount("/open", open)
	r.HandleFunc("/plain", plain)
	r.Post("/-/replace", replace(live))
	return r
}
