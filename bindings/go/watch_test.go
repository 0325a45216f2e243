package onecors

import (
	"fmt"
	"os"
	"path/filepath"
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
