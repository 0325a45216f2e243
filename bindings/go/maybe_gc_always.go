//go:build onecors_gc

package onecors

import (
	"runtime"
	"time"
)

// maybeGC frees everything that can be freed, so that a use after free shows; see native.
func maybeGC() {
	runtime.GC()
	// The cleanups run in a goroutine of their own.
	time.Sleep(time.Millisecond)
}
