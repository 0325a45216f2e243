package onecors

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"syscall"
	"time"
)

const (
	// pollInterval is how often a watched file is looked at. Looking is sure where being told is not:
	// when a link in the path is swapped, as Kubernetes does, and on network and overlay mounts.
	pollInterval = 250 * time.Millisecond
	// settlingTime is how long a file is read again after it has changed: another change in the same
	// tick of the file system's clock would not show.
	settlingTime = time.Second
)

// Watch loads the policy document in a file, and loads it again, within a second, whenever the file
// has changed: by a write, a rename, or a swapped link in its path.
//
// At first, errors are those of [Load]. Later a document with problems, or a file that cannot be read,
// is logged once, at level error, and the policy in force stays; a new policy is logged at level info.
// What is there for a moment only, as a file that is being written, is not logged.
//
// Watching ends with [LivePolicy.Close], and does not keep the process alive.
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

// watcher is what a goroutine knows of the file that it watches.
type watcher struct {
	live   *LivePolicy
	path   string
	logger *slog.Logger
	// seen is the state of the file when it was read; zero when it is to be read again.
	seen fileState
	// last is the state of the file at the last look; zero when there was no file.
	last fileState
	// document is what was loaded last, or complained of; nil when the file could not be read.
	document []byte
	// complaint is what was logged last; empty since the file was found good, or is known to be bad.
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
	stood := state == w.last
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
		// It may be half written, or about to be put in its place.
		if now, _ := stateOf(w.path); stood && now == state {
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
		w.log(slog.LevelInfo, "onecors: a new policy is in force", slog.String("file", w.path))
	}
	return nil
}

func (w *watcher) complain(err error) {
	if err.Error() != w.complaint {
		w.complaint = err.Error()
		w.log(slog.LevelError, "onecors: the policy in force stays, as the new one cannot be loaded",
			slog.Any("error", err))
	}
}

func (w *watcher) log(level slog.Level, text string, attribute slog.Attr) {
	logSafely(context.Background(), w.logger, level, text, attribute)
}

// fileState tells one state of a file from another.
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
