package main

import (
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/coder/websocket"
)

// maxUpload is the size in bytes of the largest body that /app/upload takes.
const maxUpload = 64 << 10

// text answers 200 with a text.
func text(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		_, _ = io.WriteString(w, body)
	}
}

func setItemHeader(header http.Header) {
	header.Set("ETag", `"1"`)
	header.Add("Set-Cookie", "session=1; Path=/")
	header.Add("Set-Cookie", "theme=dark; Path=/")
}

func setOptionsHeader(header http.Header) {
	header.Set("X-Handler", "options")
	header.Set("Allow", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS")
}

func setOwnHeader(header http.Header) {
	header.Set("Access-Control-Allow-Origin", "https://wrong.example")
	header.Set("Access-Control-Allow-Credentials", "true")
	header.Set("Access-Control-Expose-Headers", "x-own")
	header.Set("Access-Control-Max-Age", "1")
}

func isAuthorized(r *http.Request) bool {
	return r.Header.Get("Authorization") == "Bearer token"
}

func throw(http.ResponseWriter, *http.Request) {
	panic("nothing handles this")
}

func throwLate(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain")
	_, _ = io.WriteString(w, "part")
	_ = http.NewResponseController(w).Flush()
	panic("nothing handles this either")
}

func stream(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/plain")
	for _, chunk := range []string{"one", "two", "three"} {
		_, _ = io.WriteString(w, chunk)
		_ = http.NewResponseController(w).Flush()
		pause(r, 150*time.Millisecond)
	}
}

func slow(w http.ResponseWriter, r *http.Request) {
	pause(r, 500*time.Millisecond)
	text("slow")(w, r)
}

// pause waits, unless the client leaves.
func pause(r *http.Request, duration time.Duration) {
	select {
	case <-r.Context().Done():
	case <-time.After(duration):
	}
}

func vary(w http.ResponseWriter, r *http.Request) {
	w.Header().Add("Vary", "Accept-Encoding")
	w.Header().Add("Vary", "Cookie, ORIGIN")
	text("vary")(w, r)
}

func varyStar(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Vary", "*")
	text("vary")(w, r)
}

func plain(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Access-Control-Allow-Origin", "https://own.example")
	text("plain")(w, r)
}

func upload(w http.ResponseWriter, r *http.Request) {
	_, err := io.Copy(io.Discard, http.MaxBytesReader(w, r.Body, maxUpload))
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		http.Error(w, err.Error(), http.StatusRequestEntityTooLarge)
		return
	}
	text("uploaded")(w, r)
}

// echoWebSocket leaves the check of the origin to the policy, which has let the handshake through.
func echoWebSocket(w http.ResponseWriter, r *http.Request) {
	connection, err := websocket.Accept(w, r, &websocket.AcceptOptions{InsecureSkipVerify: true})
	if err != nil {
		return
	}
	defer connection.CloseNow()
	for {
		kind, message, err := connection.Read(r.Context())
		if err != nil {
			return
		}
		if err := connection.Write(r.Context(), kind, message); err != nil {
			return
		}
	}
}
