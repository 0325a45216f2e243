//go:build !onecors_gc

package onecors

// maybeGC does nothing; see native.
func maybeGC() {}
