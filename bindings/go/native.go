package onecors

/*
#include "onecors.h"

// The request is put together on C's side: a struct of Go's that holds pointers to Go's strings
// must not be passed to C by its address.
static inline onecors_request go_request(onecors_str method, onecors_str path, onecors_str origin,
                                         onecors_str access_control_request_method,
                                         onecors_str access_control_request_headers) {
    onecors_request request = ONECORS_REQUEST_INIT;
    request.method = method;
    request.path = path;
    request.origin = origin;
    request.access_control_request_method = access_control_request_method;
    request.access_control_request_headers = access_control_request_headers;
    return request;
}

static inline uint32_t go_decide(const onecors_policy *policy, onecors_str method, onecors_str path,
                                 onecors_str origin, onecors_str access_control_request_method,
                                 onecors_str access_control_request_headers) {
    const onecors_request request = go_request(method, path, origin, access_control_request_method,
                                               access_control_request_headers);
    uint32_t verdict;
    if (onecors_decide(policy, &request, &verdict) != ONECORS_OK) {
        return ONECORS_VERDICT_FAILED;
    }
    return verdict;
}

static inline onecors_result go_explain(const onecors_policy *policy, onecors_str method,
                                        onecors_str path, onecors_str origin,
                                        onecors_str access_control_request_method,
                                        onecors_str access_control_request_headers,
                                        onecors_string **explanation) {
    const onecors_request request = go_request(method, path, origin, access_control_request_method,
                                               access_control_request_headers);
    return onecors_explain(policy, &request, explanation);
}

static inline uint32_t go_check_origin(const onecors_policy *policy, onecors_str path, onecors_str origin,
                                       onecors_str host) {
    onecors_request request = ONECORS_REQUEST_INIT;
    request.path = path;
    request.origin = origin;
    return onecors_check_origin(policy, &request, host);
}

static inline uint64_t go_nearest_pattern(const onecors_policy *policy, onecors_str path, onecors_str origin) {
    onecors_request request = ONECORS_REQUEST_INIT;
    request.path = path;
    request.origin = origin;
    return onecors_nearest_pattern(policy, &request);
}

// Where there is nothing, the pointers are NULL: those of empty vectors of Rust are no addresses, and Go
// ends a program that has such a one on a stack.
static inline uint32_t go_uniform(const onecors_policy *policy, onecors_uniform *uniform) {
    const uint32_t found = onecors_policy_uniform(policy, uniform);
    if (uniform->count == 0) {
        uniform->origins = NULL;
        uniform->ends = NULL;
    }
    return found;
}

// The strings stay where they are, on Go's stack too, and C never calls back into Go.
#cgo noescape go_decide
#cgo nocallback go_decide
#cgo noescape go_check_origin
#cgo nocallback go_check_origin
#cgo noescape go_nearest_pattern
#cgo nocallback go_nearest_pattern
*/
import "C"

import (
	"errors"
	"fmt"
	"runtime"
	"unsafe"
)

// maxDocumentBytes is the size of the largest document that the engine reads.
const maxDocumentBytes = C.ONECORS_MAX_DOCUMENT_BYTES

// native owns a policy of the C library and frees it when it becomes unreachable.
//
// That may be earlier than expected. The garbage collector does not track C's pointers, so once a method
// has read n.policy and does not use n again, n may be collected and the policy freed while C still uses
// it. Every method therefore ends in runtime.KeepAlive(n). The tests with the build tag onecors_gc catch a
// missing one: there pointer() collects all garbage between the read and the use.
type native struct {
	policy *C.onecors_policy
	// uniform borrows from policy. It is nil where every request needs the engine.
	uniform *uniform
	// An object of up to 16 bytes without Go pointers may share its memory with others, and a cleanup
	// would wait for all of them.
	_ [2]uintptr
}

func (n *native) pointer() *C.onecors_policy {
	policy := n.policy
	maybeGC()
	return policy
}

// compile makes a policy of a document. The error is a *PolicyError where the document has
// problems.
func compile(document []byte) (*native, error) {
	if err := builtFor.check(linkedLibrary()); err != nil {
		return nil, err
	}
	var policy *C.onecors_policy
	var failure *C.onecors_error
	data := (*C.char)(unsafe.Pointer(unsafe.SliceData(document)))
	result := C.onecors_policy_new(data, C.size_t(len(document)), &policy, &failure)
	if result != C.ONECORS_OK {
		defer C.onecors_error_free(failure)
		return nil, documentError(result, failure)
	}
	n := &native{policy: policy, uniform: uniformOf(policy)}
	runtime.AddCleanup(n, func(policy *C.onecors_policy) { C.onecors_policy_release(policy) }, policy)
	return n, nil
}

// uniformOf returns what can be decided without C, or nil.
func uniformOf(policy *C.onecors_policy) *uniform {
	var found C.onecors_uniform
	if C.go_uniform(policy, &found) != 1 {
		return nil
	}
	ends := unsafe.Slice((*uint32)(found.ends), int(found.count))
	length := 0
	if len(ends) > 0 {
		length = int(ends[len(ends)-1])
	}
	return &uniform{
		notCORS:         Verdict(found.not_cors),
		actualAllowed:   Verdict(found.actual_allowed),
		actualDenied:    Verdict(found.actual_denied),
		preflightDenied: Verdict(found.preflight_denied),
		origins:         newOriginIndex(unsafe.String((*byte)(unsafe.Pointer(found.origins)), length), ends),
	}
}

func documentError(result C.onecors_result, failure *C.onecors_error) error {
	text := goString(C.onecors_error_text(failure))
	if result != C.ONECORS_BAD_DOCUMENT {
		if text == "" {
			text = goString(C.onecors_result_text(result))
		}
		return errors.New("onecors: " + text)
	}
	problems := make([]Problem, C.onecors_problem_count(failure))
	for i := range problems {
		problems[i] = Problem{
			Code:    goString(C.onecors_problem_code(failure, C.size_t(i))),
			Pointer: goString(C.onecors_problem_pointer(failure, C.size_t(i))),
			Message: goString(C.onecors_problem_message(failure, C.size_t(i))),
			Help:    goString(C.onecors_problem_help(failure, C.size_t(i))),
		}
	}
	return &PolicyError{Problems: problems, text: text}
}

// decideWithoutC returns what [uniform.decide] does.
func (n *native) decideWithoutC(request *Request) (verdict Verdict, known bool) {
	uniform := n.uniform
	if uniform == nil {
		return 0, false
	}
	maybeGC()
	verdict, known = uniform.decide(request)
	runtime.KeepAlive(n)
	return verdict, known
}

func (n *native) decide(request *Request) Verdict {
	verdict := C.go_decide(
		n.pointer(),
		part(request.Method),
		part(request.Path),
		field(request.Origin),
		field(request.AccessControlRequestMethod),
		field(request.AccessControlRequestHeaders),
	)
	runtime.KeepAlive(n)
	return Verdict(verdict)
}

func (n *native) checkOrigin(request *Request, host string) bool {
	passes := C.go_check_origin(n.pointer(), part(request.Path), field(request.Origin), part(host))
	runtime.KeepAlive(n)
	return passes == 1
}

// nearestPattern returns a number for the pattern that covers the origin, or nearly does, and for the
// difference; 0 where none comes near.
func (n *native) nearestPattern(request *Request) uint64 {
	number := C.go_nearest_pattern(n.pointer(), part(request.Path), field(request.Origin))
	runtime.KeepAlive(n)
	return uint64(number)
}

func (n *native) explain(request *Request) (string, error) {
	var explanation *C.onecors_string
	result := C.go_explain(
		n.pointer(),
		part(request.Method),
		part(request.Path),
		field(request.Origin),
		field(request.AccessControlRequestMethod),
		field(request.AccessControlRequestHeaders),
		&explanation,
	)
	runtime.KeepAlive(n)
	if result != C.ONECORS_OK {
		return "", errors.New("onecors: " + goString(C.onecors_result_text(result)))
	}
	return takeString(explanation), nil
}

func (n *native) plans() ([]Plan, error) {
	table := C.onecors_plans_json(n.pointer())
	runtime.KeepAlive(n)
	if table == nil {
		return nil, errors.New("onecors: " + goString(C.onecors_result_text(C.ONECORS_PANIC)))
	}
	return parsePlans(takeString(table))
}

// part is the method, the path or the host, for C to borrow. Empty is absent, and decided on alike.
func part(text string) C.onecors_str {
	if text == "" {
		return C.onecors_str{len: C.ONECORS_ABSENT}
	}
	return borrowed(text)
}

// field is the value of a header, for C to borrow.
func field(lines []string) C.onecors_str {
	value, present := joined(lines)
	if !present {
		return C.onecors_str{len: C.ONECORS_ABSENT}
	}
	return borrowed(value)
}

func borrowed(text string) C.onecors_str {
	// Where text is empty, data may be anything, and C does not look at it.
	return C.onecors_str{
		data: (*C.char)(unsafe.Pointer(unsafe.StringData(text))),
		len:  C.size_t(len(text)),
	}
}

// printable returns a text that somebody else chose as it is fit for a message or a log: an ordinary one
// unchanged, and one with characters that are not seen in quotes and escaped.
func printable(text string) string {
	return takeString(C.onecors_printable(borrowed(text)))
}

func goString(text C.onecors_str) string {
	return C.GoStringN(text.data, C.int(text.len))
}

func takeString(text *C.onecors_string) string {
	defer C.onecors_string_free(text)
	return goString(C.onecors_string_view(text))
}

// Version returns the version of the engine, such as "0.1.0", which every package of onecors
// shares.
func Version() string {
	return linkedLibrary().version
}

// library says which C library this is.
type library struct {
	version string
	abi     uint32
}

// builtFor is the library whose header this module was compiled with.
var builtFor = library{C.ONECORS_VERSION, C.ONECORS_ABI_VERSION}

func linkedLibrary() library {
	return library{C.GoString(C.onecors_version()), uint32(C.onecors_abi_version())}
}

// check returns an error unless the linked library is the one that the header describes.
func (header library) check(linked library) error {
	if linked == header {
		return nil
	}
	return fmt.Errorf("onecors: this module was compiled for version %s of its C library (ABI %d), "+
		"but version %s (ABI %d) was linked. The matching library comes with the module: "+
		"remove other copies of libonecors from CGO_LDFLAGS, or download the module again with "+
		"`go clean -modcache` and `go get github.com/onecors/onecors/bindings/go@v%s`",
		header.version, header.abi, linked.version, linked.abi, header.version)
}
