package onecors

import (
	"bytes"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A file system's clock ticks a few hundred times a second. Two documents of the same size that are
// written in place within a tick leave the file in one state.
func TestChangesWithinATickAreSeen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "policy.json")
	write := func(i int) string {
		origin := fmt.Sprintf("https://o%03d.example", i)
		if err := os.WriteFile(path, []byte(`{"allow_origins": ["`+origin+`"]}`), 0o666); err != nil {
			t.Fatal(err)
		}
		return origin
	}
	w := &watcher{live: &LivePolicy{closed: make(chan struct{})}, path: path}
	for i := range 50 {
		origin := write(i)
		w.poll()
		request := Request{Method: "GET", Origin: []string{origin}}
		if w.live.Current().Decide(request).Outcome() != ActualAllowed {
			t.Fatalf("change %d was not seen", i)
		}
	}
}

// A program that writes the file in place empties it first. Nobody is told, unless it stays so.
func TestWhatIsThereForAMomentIsNotLogged(t *testing.T) {
	path := filepath.Join(t.TempDir(), "policy.json")
	write := func(document string) {
		if err := os.WriteFile(path, []byte(document), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	logged := &bytes.Buffer{}
	w := &watcher{
		live: &LivePolicy{closed: make(chan struct{})}, path: path, logger: slog.New(slog.NewTextHandler(logged, nil)),
	}
	errors := func() int { return strings.Count(logged.String(), "level=ERROR") }
	const good = `{"allow_origins": ["https://app.example"]}`
	write(good)
	w.poll()
	for _, momentary := range []func(){
		func() { write("") },
		func() { write(good[:20]) },
		func() { os.Remove(path) },
	} {
		momentary()
		w.poll()
		write(good)
		w.poll()
		w.poll()
		if errors() != 0 {
			t.Fatalf("logged is %s", logged)
		}
	}
	for i, lasting := range []func(){func() { write(good[:20]) }, func() { os.Remove(path) }} {
		lasting()
		for range 4 {
			w.poll()
		}
		if errors() != i+1 {
			t.Fatalf("logged is %s", logged)
		}
	}
}
