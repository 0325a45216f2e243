package onecors

import (
	"fmt"
	"slices"
)

// Outcome is what kind of answer a request gets.
type Outcome uint8

const (
	// Ungoverned: no rule governs the path. Leave the response alone.
	Ungoverned Outcome = 0
	// NotCORS: the request has no Origin, so it is not a CORS request.
	NotCORS Outcome = 1
	// ActualAllowed: an actual request from an allowed origin.
	ActualAllowed Outcome = 2
	// ActualDenied: an actual request whose answer the page will not get to read.
	ActualDenied Outcome = 3
	// PreflightAllowed: a CORS-preflight request to be answered with the plan's status.
	PreflightAllowed Outcome = 4
	// PreflightDenied: a CORS-preflight request to be refused with the plan's status.
	PreflightDenied Outcome = 5
)

var outcomeCodes = [...]string{
	Ungoverned:       "ungoverned",
	NotCORS:          "not_cors",
	ActualAllowed:    "actual_allowed",
	ActualDenied:     "actual_denied",
	PreflightAllowed: "preflight_allowed",
	PreflightDenied:  "preflight_denied",
}

// String returns the stable code, such as "actual_allowed".
func (o Outcome) String() string {
	return codeOf(outcomeCodes[:], o)
}

// MarshalText returns what String does.
func (o Outcome) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

// UnmarshalText takes what String returns.
func (o *Outcome) UnmarshalText(text []byte) error { return findCode(outcomeCodes[:], text, o) }

// Reason is why a request was refused.
type Reason uint8

const (
	// NoReason stands beside every outcome but ActualDenied and PreflightDenied.
	NoReason Reason = 0
	// MalformedOrigin: Origin is not what the Fetch standard's serialising a request origin
	// produces.
	MalformedOrigin Reason = 1
	// OriginNotAllowed: no origin pattern of the rule covers the origin.
	OriginNotAllowed Reason = 2
	// MalformedRequestMethod: Access-Control-Request-Method is not one token.
	MalformedRequestMethod Reason = 3
	// MethodNotAllowed: the method is neither safelisted nor listed, or browsers forbid it.
	MethodNotAllowed Reason = 4
	// TooManyHeaders: Access-Control-Request-Headers has more than 8,192 bytes or 64 names.
	TooManyHeaders Reason = 5
	// MalformedRequestHeaders: Access-Control-Request-Headers is not a list of tokens.
	MalformedRequestHeaders Reason = 6
	// HeaderNotAllowed: a requested header name is not listed.
	HeaderNotAllowed Reason = 7
)

var reasonCodes = [...]string{
	NoReason:                "",
	MalformedOrigin:         "malformed_origin",
	OriginNotAllowed:        "origin_not_allowed",
	MalformedRequestMethod:  "malformed_request_method",
	MethodNotAllowed:        "method_not_allowed",
	TooManyHeaders:          "too_many_headers",
	MalformedRequestHeaders: "malformed_request_headers",
	HeaderNotAllowed:        "header_not_allowed",
}

// String returns the stable code, such as "origin_not_allowed", and "" for NoReason.
func (r Reason) String() string {
	return codeOf(reasonCodes[:], r)
}

// MarshalText returns what String does.
func (r Reason) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText takes what String returns.
func (r *Reason) UnmarshalText(text []byte) error { return findCode(reasonCodes[:], text, r) }

// codeOf returns the code of a number, which is its place in codes.
func codeOf[T ~uint8](codes []string, number T) string {
	if int(number) < len(codes) {
		return codes[number]
	}
	return fmt.Sprintf("%T(%d)", number, uint8(number))
}

// findCode sets number to the place of a code in codes.
func findCode[T ~uint8](codes []string, text []byte, number *T) error {
	place := slices.Index(codes, string(text))
	if place < 0 {
		return fmt.Errorf("%q is no %T", text, *number)
	}
	*number = T(place)
	return nil
}

// Verdict is the answer to one request, packed into an integer: the outcome in the low byte, the
// reason in the next, the number of the plan in the upper half. It means something only beside the
// policy that gave it.
type Verdict uint32

// Outcome returns what kind of answer the request gets.
func (v Verdict) Outcome() Outcome { return Outcome(v & 0xff) }

// Reason returns why the request was refused, or NoReason.
func (v Verdict) Reason() Reason { return Reason(v >> 8 & 0xff) }

// Plan returns the number of the plan: an index into [Policy.Plans], unless the verdict is
// [VerdictFailed]. [Policy.Plan] looks it up.
func (v Verdict) Plan() int { return int(v >> 16) }

func (v Verdict) denies() bool {
	return v.Outcome() == ActualDenied || v.Outcome() == PreflightDenied
}

// withoutReason returns the verdict as if it had none.
func (v Verdict) withoutReason() Verdict { return v &^ 0xff00 }

// String returns the outcome, and the reason if there is one, such as
// "actual_denied: origin_not_allowed".
func (v Verdict) String() string {
	if v.Reason() == NoReason {
		return v.Outcome().String()
	}
	return v.Outcome().String() + ": " + v.Reason().String()
}
