//go:build !cgo || !(linux && amd64)

package onecors

import _ "github.com/onecors/onecors/bindings/go/internal/lib/unsupported"
