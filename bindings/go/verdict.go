package onecors

import (
	"fmt"
	"slices"
)

// Outcome is the kind of response that a request gets.
type Outcome uint8

const (
	// Ungoverned means that no rule governs the path. Leave the response alone.
	Ungoverned Outcome = 0
	// NotCORS means that the request has no Origin, so it is not a CORS request.
	NotCORS Outcome = 1
	// ActualAllowed means an actual request from an allowed origin.
	ActualAllowed Outcome = 2
	// ActualDenied means an actual request whose response the page cannot read.
	ActualDenied Outcome = 3
	// PreflightAllowed means a CORS-preflight request to answer with the plan's status.
	PreflightAllowed Outcome = 4
	// PreflightDenied means a CORS-preflight request to refuse with the plan's status.
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

// MarshalText returns the stable code, as String does.
func (o Outcome) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

// UnmarshalText accepts the codes that String returns.
func (o *Outcome) UnmarshalText(text []byte) error { return findCode(outcomeCodes[:], text, o) }

// Reason is why a request was refused.
type Reason uint8

const (
	// NoReason is the reason of every outcome except ActualDenied and PreflightDenied.
	NoReason Reason = 0
	// MalformedOrigin means that Origin is not a serialised request origin (Fetch standard).
	MalformedOrigin Reason = 1
	// OriginNotAllowed means that no origin pattern of the rule covers the origin.
	OriginNotAllowed Reason = 2
	// MalformedRequestMethod means that Access-Control-Request-Method is not one token.
	MalformedRequestMethod Reason = 3
	// MethodNotAllowed means that the method is neither safelisted nor listed, or browsers forbid it.
	MethodNotAllowed Reason = 4
	// TooManyHeaders means that Access-Control-Request-Headers has more than 8,192 bytes or 64 names.
	TooManyHeaders Reason = 5
	// MalformedRequestHeaders means that Access-Control-Request-Headers is not a list of tokens.
	MalformedRequestHeaders Reason = 6
	// HeaderNotAllowed means that a requested header name is not listed.
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

// MarshalText returns the stable code, as String does.
func (r Reason) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText accepts the codes that String returns.
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
		return fmt.Errorf("onecors: %q is not a code of %T", text, *number)
	}
	*number = T(place)
	return nil
}

// Verdict is the decision on one request, packed into an integer: the outcome in the low byte, the
// reason in the next, the number of the plan in the upper half. It is valid only with the policy that
// returned it.
type Verdict uint32

// Outcome returns the kind of response that the request gets.
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
