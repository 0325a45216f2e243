package onecors_test

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	onecors "github.com/onecors/onecors/bindings/go"
)

// documentFor is a document that allows one origin.
func documentFor(origin string) []byte {
	return []byte(`{"allow_origins": ["` + origin + `"], "expose_headers": ["x-of-` + strings.TrimPrefix(origin, "https://") + `"]}`)
}

func allows(live *onecors.LivePolicy, origin string) bool {
	return live.Current().Decide(get(origin)).Outcome() == onecors.ActualAllowed
}

func TestReplaceSwapsThePolicy(t *testing.T) {
	live := onecors.NewLive(appPolicy(t))
	handler := live.Handler(http.NotFoundHandler())
	allowed := func(origin string) bool {
		return send(handler, "GET", "/", http.Header{"Origin": {origin}}).Header().Get("Access-Control-Allow-Origin") == origin
	}
	if !allowed(app) {
		t.Error("the first policy is not in force")
	}
	if err := live.Replace(documentFor("https://b.example")); err != nil {
		t.Fatal(err)
	}
	if allowed(app) || !allowed("https://b.example") {
		t.Error("the second policy is not in force")
	}
	err := live.Replace([]byte(`{"allow_origins": ["https://c.example/"], "max_age": -1}`))
	if problems := problemsOf(t, err); len(problems) != 2 {
		t.Errorf("the problems are %v", problems)
	}
	if !allowed("https://b.example") {
		t.Error("a bad document took the policy away")
	}
	live.Set(appPolicy(t))
	if !allowed(app) {
		t.Error("the policy that was set is not in force")
	}
	if err := live.Close(); err != nil || !allowed(app) {
		t.Errorf("closing took the policy away: %v", err)
	}
}

// A replaced policy has a log of its own.
func TestANewPolicyLogsAnew(t *testing.T) {
	logged := &output{}
	live := onecors.NewLive(appPolicy(t))
	handler := live.Middleware(onecors.WithLogger(slog.New(slog.NewTextHandler(logged, nil))))(http.NotFoundHandler())
	for range 2 {
		send(handler, "GET", "/", http.Header{"Origin": {evil}})
		send(handler, "GET", "/", http.Header{"Origin": {evil}})
		live.Set(appPolicy(t))
	}
	if lines := strings.Count(logged.String(), "\n"); lines != 2 {
		t.Errorf("%d lines are logged", lines)
	}
}

// The handler replaces the policy while it answers: its own answer is of the policy that was in force.
func TestARequestSeesOnePolicy(t *testing.T) {
	live := onecors.NewLive(newPolicy(t, onecors.Config{AllowOrigins: []string{app}, ExposeHeaders: []string{"x-first"}}))
	handler := live.Handler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if err := live.Replace(documentFor("https://b.example")); err != nil {
			t.Error(err)
		}
		w.WriteHeader(http.StatusOK)
	}))
	header := send(handler, "GET", "/", http.Header{"Origin": {app}}).Header()
	if header.Get("Access-Control-Allow-Origin") != app || header.Get("Access-Control-Expose-Headers") != "x-first" {
		t.Errorf("the header is %v", header)
	}
}

func TestReplacingUnderLoadMixesNothing(t *testing.T) {
	origins := []string{"https://a.example", "https://b.example"}
	live := onecors.NewLive(newPolicy(t, onecors.Config{AllowOrigins: origins[:1]}))
	if err := live.Replace(documentFor(origins[0])); err != nil {
		t.Fatal(err)
	}
	handler := live.Middleware(onecors.WithLogger(quiet))(http.NotFoundHandler())
	stop := make(chan struct{})
	var group sync.WaitGroup
	for i := range 4 {
		group.Add(1)
		go func() {
			defer group.Done()
			origin := origins[i%2]
			for range rounds(2_000) {
				header := send(handler, "GET", "/", http.Header{"Origin": {origin}}).Header()
				allowed, exposed := header.Get("Access-Control-Allow-Origin"), header.Get("Access-Control-Expose-Headers")
				own := "x-of-" + strings.TrimPrefix(origin, "https://")
				if !(allowed == origin && exposed == own || allowed == "" && exposed == "") {
					t.Errorf("%s is answered %q and %q", origin, allowed, exposed)
				}
			}
		}()
	}
	replacing := make(chan struct{})
	go func() {
		defer close(replacing)
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
				if err := live.Replace(documentFor(origins[i%2])); err != nil {
					t.Error(err)
				}
			}
		}
	}()
	group.Wait()
	close(stop)
	<-replacing
}

// watched returns a policy that is loaded from a file, and what is logged of it.
func watched(t *testing.T, path string) (*onecors.LivePolicy, *output) {
	t.Helper()
	logged := &output{}
	live, err := onecors.Watch(path, onecors.WithLogger(slog.New(slog.NewTextHandler(logged, nil))))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { live.Close() })
	return live, logged
}

func write(t *testing.T, path string, document []byte) {
	t.Helper()
	if err := os.WriteFile(path, document, 0o666); err != nil {
		t.Fatal(err)
	}
}

func rename(t *testing.T, from, to string) {
	t.Helper()
	if err := os.Rename(from, to); err != nil {
		t.Fatal(err)
	}
}

func link(t *testing.T, target, path string) {
	t.Helper()
	if err := os.Symlink(target, path+".new"); err != nil {
		t.Fatal(err)
	}
	rename(t, path+".new", path)
}

func TestWatchLoadsWhateverChangesTheFile(t *testing.T) {
	t.Parallel()
	const a, b = "https://a.example", "https://b.example"
	for name, change := range map[string]func(t *testing.T, folder, path string){
		// Of the same size, and within the same tick of the file system's clock.
		"a write": func(t *testing.T, _, path string) { write(t, path, documentFor(b)) },
		"a rename": func(t *testing.T, folder, path string) {
			write(t, filepath.Join(folder, "new"), documentFor(b))
			rename(t, filepath.Join(folder, "new"), path)
		},
		"a rename with the old time": func(t *testing.T, folder, path string) {
			info, err := os.Stat(path)
			if err != nil {
				t.Fatal(err)
			}
			write(t, filepath.Join(folder, "new"), documentFor(b))
			if err := os.Chtimes(filepath.Join(folder, "new"), info.ModTime(), info.ModTime()); err != nil {
				t.Fatal(err)
			}
			rename(t, filepath.Join(folder, "new"), path)
		},
		"a new link": func(t *testing.T, folder, path string) {
			write(t, filepath.Join(folder, "new"), documentFor(b))
			link(t, filepath.Join(folder, "new"), path)
		},
	} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			path := filepath.Join(folder, "policy.json")
			write(t, path, documentFor(a))
			live, logged := watched(t, path)
			change(t, folder, path)
			eventually(t, "the new document is in force", func() bool { return allows(live, b) && !allows(live, a) })
			line := "level=INFO msg=\"onecors: loaded the changed policy " + path + "\" file=" + path + "\n"
			eventually(t, "that is logged", func() bool { return strings.Contains(logged.String(), line) })
		})
	}
}

// Kubernetes swaps a link in the path: policy.json leads to ..data/policy.json, and ..data to a folder.
func TestWatchFollowsALinkOfAParentFolder(t *testing.T) {
	folder := t.TempDir()
	for _, version := range []string{"a", "b"} {
		if err := os.Mkdir(filepath.Join(folder, version), 0o777); err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(folder, version, "policy.json"), documentFor("https://"+version+".example"))
	}
	link(t, "a", filepath.Join(folder, "..data"))
	link(t, "..data/policy.json", filepath.Join(folder, "policy.json"))
	live, _ := watched(t, filepath.Join(folder, "policy.json"))
	if !allows(live, "https://a.example") {
		t.Error("the first document is not in force")
	}
	link(t, "b", filepath.Join(folder, "..data"))
	eventually(t, "the new document is in force", func() bool { return allows(live, "https://b.example") })
}

func TestWatchSurvivesBadAndMissingFiles(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "policy.json")
	write(t, path, documentFor("https://a.example"))
	live, logged := watched(t, path)

	write(t, path, []byte(`{"allow_origins": ["https://b.example/"], "max_age": -1}`))
	eventually(t, "the problems are logged", func() bool { return strings.Contains(logged.String(), "level=ERROR") })
	cannotReload := "level=ERROR msg=\"onecors: keeping the current policy: cannot reload " + path + ": "
	for _, text := range []string{cannotReload + "the policy document has 2 problems", "/allow_origins/0", "/max_age"} {
		if !strings.Contains(logged.String(), text) {
			t.Errorf("%s is not in the log: %s", text, logged)
		}
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	missing := cannotReload + "no such file or directory\" error="
	eventually(t, "the missing file is logged", func() bool { return strings.Contains(logged.String(), missing) })
	if !allows(live, "https://a.example") {
		t.Error("the policy in force did not stay")
	}
	// Six looks at the missing file, and six at a bad one: one line for each.
	time.Sleep(1500 * time.Millisecond)
	write(t, path, []byte("{"))
	eventually(t, "the bad file is logged", func() bool { return strings.Count(logged.String(), "level=ERROR") == 3 })
	time.Sleep(1500 * time.Millisecond)
	if lines := strings.Count(logged.String(), "\n"); lines != 3 {
		t.Errorf("the log has %d lines:\n%s", lines, logged)
	}
	write(t, path, documentFor("https://c.example"))
	eventually(t, "a good file is loaded after a bad one", func() bool { return allows(live, "https://c.example") })
}

// What was put in force by hand stays until the file changes, and a file that says the same is no change.
func TestWatchMindsChangesOnly(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "policy.json")
	write(t, path, documentFor("https://a.example"))
	live, logged := watched(t, path)
	if err := live.Replace(documentFor("https://b.example")); err != nil {
		t.Fatal(err)
	}
	byHand := live.Current()
	time.Sleep(600 * time.Millisecond)
	write(t, path, documentFor("https://a.example"))
	time.Sleep(600 * time.Millisecond)
	write(t, path, documentFor("https://b.example"))
	time.Sleep(600 * time.Millisecond)
	if live.Current() != byHand || logged.String() != "" {
		t.Errorf("another policy is in force; logged is %q", logged)
	}
	write(t, path, documentFor("https://c.example"))
	eventually(t, "the new document is in force", func() bool { return allows(live, "https://c.example") })
}

func TestCloseEndsWatching(t *testing.T) {
	path := filepath.Join(t.TempDir(), "policy.json")
	write(t, path, documentFor("https://a.example"))
	live, logged := watched(t, path)
	for range 2 {
		if err := live.Close(); err != nil {
			t.Error(err)
		}
	}
	eventually(t, "no goroutine watches", func() bool {
		stacks := make([]byte, 1<<20)
		return !strings.Contains(string(stacks[:runtime.Stack(stacks, true)]), "(*watcher).run")
	})
	write(t, path, documentFor("https://b.example"))
	time.Sleep(time.Second)
	if !allows(live, "https://a.example") || logged.String() != "" {
		t.Errorf("the file is watched still: %s", logged)
	}
	if err := live.Replace(documentFor("https://b.example")); err != nil || !allows(live, "https://b.example") {
		t.Errorf("the policy cannot be replaced any more: %v", err)
	}
}

func TestWatchFailsAsLoadDoes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "policy.json")
	live, err := onecors.Watch(path)
	if live != nil || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a missing file gives %v, %v", live, err)
	}
	write(t, path, []byte(`{"allow_origins": []}`))
	live, err = onecors.Watch(path)
	if problems := problemsOf(t, err); live != nil || len(problems) != 1 || !strings.HasPrefix(fmt.Sprint(err), path) {
		t.Errorf("a bad file gives %v, %v", live, err)
	}
}
