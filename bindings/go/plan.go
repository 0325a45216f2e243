package onecors

import (
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"strings"
)

// Plan is the answer that a verdict names: what to do to the response. It cannot be changed, so
// the plans of a policy may be used from any number of goroutines. The zero Plan does nothing.
type Plan struct {
	status   int
	headers  []Header
	vary     []string
	varyLine string
}

// Status returns the status to answer a preflight with, without a body and without asking the
// application. It is 0 where the application answers.
func (p Plan) Status() int { return p.status }

// Headers yields the header lines to set, in this order, each replacing every line of its name.
func (p Plan) Headers() iter.Seq[Header] { return slices.Values(p.headers) }

// Vary yields the tokens to merge into Vary, in this order. There are none where Vary is to be left
// alone.
func (p Plan) Vary() iter.Seq[string] { return slices.Values(p.vary) }

// Lines yields the name and value of each header line of a response that has no header yet, in
// order, Vary last. The request must be the one that was decided on.
func (p Plan) Lines(request Request) iter.Seq2[string, string] {
	return func(yield func(name, value string) bool) {
		for _, header := range p.headers {
			if !yield(header.Name, header.Render(request)) {
				return
			}
		}
		if p.varyLine != "" {
			yield("Vary", p.varyLine)
		}
	}
}

// Header is one header line of a [Plan].
type Header struct {
	// Name is the name in the Fetch standard's spelling, such as Access-Control-Allow-Origin.
	Name string
	// Value is the value, if Echo is NoSlot.
	Value string
	// Echo is the part of the request that is the value.
	Echo Slot
}

// Render returns the value to send in answer to request, which must be the one that was decided on.
func (h Header) Render(request Request) string {
	var lines []string
	switch h.Echo {
	case SlotOrigin:
		lines = request.Origin
	case SlotAccessControlRequestMethod:
		lines = request.AccessControlRequestMethod
	case SlotAccessControlRequestHeaders:
		lines = request.AccessControlRequestHeaders
	default:
		return h.Value
	}
	value, _ := joined(lines)
	return value
}

// echoes holds the values that header lines may echo, indexed by Slot.
type echoes [len(slotCodes)]string

func (r *Request) echoes() (values echoes) {
	values[SlotOrigin], _ = joined(r.Origin)
	values[SlotAccessControlRequestMethod], _ = joined(r.AccessControlRequestMethod)
	values[SlotAccessControlRequestHeaders], _ = joined(r.AccessControlRequestHeaders)
	return values
}

// Slot is a part of the request that a plan echoes.
type Slot uint8

const (
	// NoSlot means that the value is fixed text.
	NoSlot Slot = 0
	// SlotOrigin is the request's Origin.
	SlotOrigin Slot = 1
	// SlotAccessControlRequestMethod is the request's Access-Control-Request-Method.
	SlotAccessControlRequestMethod Slot = 2
	// SlotAccessControlRequestHeaders is the request's Access-Control-Request-Headers.
	SlotAccessControlRequestHeaders Slot = 3
)

var slotCodes = [...]string{
	NoSlot:                          "",
	SlotOrigin:                      "origin",
	SlotAccessControlRequestMethod:  "access_control_request_method",
	SlotAccessControlRequestHeaders: "access_control_request_headers",
}

// String returns the stable code, such as "origin", and "" for NoSlot.
func (s Slot) String() string {
	return codeOf(slotCodes[:], s)
}

// MarshalText returns the stable code, as String does.
func (s Slot) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText accepts the codes that String returns.
func (s *Slot) UnmarshalText(text []byte) error { return findCode(slotCodes[:], text, s) }

// echoesOriginOnly returns whether the lines fit a response that knows only the origin of its request.
func echoesOriginOnly(headers []Header) bool {
	return !slices.ContainsFunc(headers, func(h Header) bool { return h.Echo > SlotOrigin })
}

// parsePlans reads the table of plans as the engine writes it.
func parsePlans(text string) ([]Plan, error) {
	var table []struct {
		Status  *int
		Headers []Header
		Vary    []string
	}
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&table); err != nil {
		return nil, fmt.Errorf("onecors: internal error: cannot decode the engine's plans: %w", err)
	}
	plans := make([]Plan, len(table))
	for i, row := range table {
		plans[i] = Plan{headers: row.Headers, vary: row.Vary, varyLine: strings.Join(row.Vary, ", ")}
		if row.Status != nil {
			plans[i].status = *row.Status
		} else if !echoesOriginOnly(row.Headers) {
			return nil, fmt.Errorf("onecors: internal error: cannot decode the engine's plans: plan %d echoes more than the origin", i)
		}
	}
	return plans, nil
}
