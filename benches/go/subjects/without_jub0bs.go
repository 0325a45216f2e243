//go:build without_jub0bs

package subjects

var others []Subject
