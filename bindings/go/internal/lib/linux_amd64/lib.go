//go:build linux && amd64

// Package linux_amd64 links the C library. It has no code: a Go file is what makes `go mod vendor`
// take the library along.
package linux_amd64

/*
// Without -static-libgcc a program would need libgcc_s.so.1, which small container images lack.
#cgo LDFLAGS: ${SRCDIR}/libonecors.a -static-libgcc -lm -ldl -lpthread

#if !__has_include("libonecors.a")
#error "onecors: libonecors.a is missing. A checkout of the repository does not have it: run `make -C bindings/go build`. To use onecors, get the published module, which does."
#endif
*/
import "C"
