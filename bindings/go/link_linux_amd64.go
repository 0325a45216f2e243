//go:build cgo

package onecors

import _ "github.com/onecors/onecors/bindings/go/internal/lib/linux_amd64"
