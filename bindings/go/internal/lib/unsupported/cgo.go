//go:build !cgo

// Package unsupported does not compile, and says why onecors cannot be built here.
package unsupported

var _ int = "onecors needs cgo: set CGO_ENABLED=1 and install a C compiler"
