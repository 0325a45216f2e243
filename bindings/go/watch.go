package onecors

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"strings"
	"syscall"
	"time"
)

const (
	// pollInterval is how often a watched file is checked. Polling also works where file events do not:
	// when a link in the path is swapped, as Kubernetes does, and on network and overlay mounts.
	pollInterval = 250 * time.Millisecond
	// settlingTime is how long a file is read again after a change: a second change within the same
	// tick of the file system's clock would not be visible.
	settlingTime = time.Second
)

// Watch loads the policy document in a file, and reloads it within a second of each change: a write, a
// rename, or a swapped link in its path.
//
// The errors of the first load are those of [Load]. If a later load fails, because the document has
// problems or the file cannot be read, Watch keeps the current policy and logs the error once, at level
// error. A new policy is logged at level info. Transient states, such as a half-written file, are not
// logged.
//
// [LivePolicy.Close] stops watching. Watching does not keep the process alive.
func Watch(path string, options ...Option) (*LivePolicy, error) {
	state, _ := stateOf(path)
	document, err := readDocument(path)
	if err != nil {
		return nil, err
	}
	policy, err := parseFile(path, document)
	if err != nil {
		return nil, err
	}
	live := &LivePolicy{closed: make(chan struct{})}
	live.inForce.Store(&inForce{policy, document})
	w := &watcher{live: live, path: path, logger: settingsOf(options).logger, last: state, document: document}
	go w.run()
	return live, nil
}

// watcher is the state of the goroutine that watches a file.
type watcher struct {
	live   *LivePolicy
	path   string
	logger *slog.Logger
	// seen is the state of the file when it was last read; zero if it must be read again.
	seen fileState
	// last is the state of the file at the last poll; zero if there was no file.
	last fileState
	// document is the last document that was loaded or rejected; nil if the file could not be read.
	document []byte
	// complaint is the last error that was logged; empty after a successful load.
	complaint string
}

func (w *watcher) run() {
	ticker := time.NewTicker(pollInterval)
	defer ticker.Stop()
	for {
		select {
		case <-w.live.closed:
			return
		case <-ticker.C:
			w.poll()
		}
	}
}

func (w *watcher) poll() {
	state, err := stateOf(w.path)
	if err == nil && state == w.seen {
		return
	}
	unchanged := state == w.last
	w.last = state
	var document []byte
	if err == nil {
		document, err = readDocument(w.path)
	}
	if err == nil && !bytes.Equal(document, w.document) {
		err = w.take(document)
	}
	if err != nil {
		w.seen = fileState{}
		// The file may be half written, or about to be moved into place.
		if now, _ := stateOf(w.path); unchanged && now == state {
			w.document = document
			w.complain(err)
		}
		return
	}
	w.document = document
	w.complaint = ""
	if state.isSettled() {
		w.seen = state
	}
}

// take puts a new document in force.
func (w *watcher) take(document []byte) error {
	if current := w.live.inForce.Load(); current != nil && bytes.Equal(document, current.document) {
		return nil
	}
	policy, err := parseFile(w.path, document)
	if err != nil {
		return err
	}
	if w.live.replaceUnlessClosed(&inForce{policy, document}) {
		w.log(slog.LevelInfo, "onecors: loaded the changed policy "+printable(w.path), slog.String("file", w.path))
	}
	return nil
}

func (w *watcher) complain(err error) {
	if err.Error() != w.complaint {
		w.complaint = err.Error()
		text := "onecors: keeping the current policy: cannot reload " + printable(w.path) + ": " + detailOf(err)
		w.log(slog.LevelError, text, slog.Any("error", err))
	}
}

// detailOf returns the text of err without the path of the file.
func detailOf(err error) string {
	var bad *PolicyError
	if errors.As(err, &bad) {
		return bad.text
	}
	var unreadable *fs.PathError
	if errors.As(err, &unreadable) {
		return unreadable.Err.Error()
	}
	return strings.TrimPrefix(err.Error(), "onecors: ")
}

func (w *watcher) log(level slog.Level, text string, attribute slog.Attr) {
	logSafely(context.Background(), w.logger, level, text, attribute)
}

// fileState identifies one state of a file.
type fileState struct {
	device, inode     uint64
	size              int64
	modified, changed syscall.Timespec
}

func stateOf(path string) (fileState, error) {
	info, err := os.Stat(path)
	if err != nil {
		return fileState{}, err
	}
	stat := info.Sys().(*syscall.Stat_t)
	return fileState{stat.Dev, stat.Ino, stat.Size, stat.Mtim, stat.Ctim}, nil
}

func (s fileState) isSettled() bool {
	return time.Since(time.Unix(s.changed.Unix())) > settlingTime
}
