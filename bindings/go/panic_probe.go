//go:build onecors_panic_probe

package onecors

/*
#cgo LDFLAGS: ${SRCDIR}/../../target/ffi/probe/libonecors.a -lm -ldl -lpthread
#include <stdint.h>
void onecors_panic_probe(uint32_t armed);
*/
import "C"

// armPanicProbe makes every call of the engine panic (1), or not (0). For tests, and not published.
func armPanicProbe(armed uint32) {
	C.onecors_panic_probe(C.uint32_t(armed))
}
