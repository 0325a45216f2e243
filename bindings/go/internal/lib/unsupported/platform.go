//go:build !(linux && amd64)

package unsupported

var _ bool = "onecors has a library for linux/amd64 only, and this build is for another platform"
