package onecors

import (
	"cmp"
	"encoding/json"
	"fmt"
)

// Explanation explains a decision, for people and for logs. Text from the request is escaped and, except
// in the response headers, truncated, so that it cannot forge a log line. Text from the document is exact
// in the fields that hold nothing else, and escaped in sentences. A null in the JSON is the zero value of
// the field.
type Explanation struct {
	// Outcome is the kind of response that the request gets.
	Outcome Outcome `json:"outcome"`
	// Reason is why the request was refused.
	Reason Reason `json:"reason"`
	// Summary is the explanation on one line, for a log.
	Summary string `json:"summary"`
	// Rule is the rule that governs the path.
	Rule *ExplainedRule `json:"rule"`
	// OriginPattern is the origin pattern that covers the origin.
	OriginPattern *ExplainedPattern `json:"origin_pattern"`
	// Checks are the checks that were made, in order, up to the one that failed.
	Checks []Check `json:"checks"`
	// NearestMiss is the origin pattern that nearly covers the origin.
	NearestMiss *NearestMiss `json:"nearest_miss"`
	// Status is the status of the response to a preflight.
	Status int `json:"status"`
	// Headers are the header lines of the response, each a name and a value.
	Headers [][2]string `json:"headers"`
	// BrowserMessage is the message that a browser's console shows when the page cannot read the
	// response.
	BrowserMessage string `json:"browser_message"`
	// Advice is what to change, and where.
	Advice string `json:"advice"`

	text string
}

// ExplainedRule is the rule that governs a path.
type ExplainedRule struct {
	// Name is the rule's name, if it has one, exactly as in the document.
	Name string `json:"name"`
	// Pointer is the rule's place in the document, as a JSON pointer; "" if the document is a single
	// rule.
	Pointer string `json:"pointer"`
	// PathPattern is the path pattern that the path matched, exactly as in the document; "" if the
	// document is a single rule.
	PathPattern string `json:"path_pattern"`
}

// ExplainedPattern is an origin pattern of the document.
type ExplainedPattern struct {
	// Pattern is the pattern, or the regex, exactly as in the document.
	Pattern string `json:"pattern"`
	// Pointer is the pattern's place in the document, as a JSON pointer.
	Pointer string `json:"pointer"`
}

// Check is one check of a decision.
type Check struct {
	// Check is what was checked: "path", "origin", "method" or "headers".
	Check string `json:"check"`
	// Passed is whether it passed.
	Passed bool `json:"passed"`
	// Expected describes what would pass.
	Expected string `json:"expected"`
	// Received is the value in the request, escaped and truncated; nil if it was absent.
	Received *string `json:"received"`
}

// NearestMiss is the origin pattern that nearly covers an origin.
type NearestMiss struct {
	// Pattern is the pattern, or the regex, exactly as in the document.
	Pattern string `json:"pattern"`
	// Pointer is the pattern's place in the document, as a JSON pointer.
	Pointer string `json:"pointer"`
	// Difference is how the origin differs from the pattern, such as "differs only in the port".
	Difference string `json:"difference"`
	// DifferenceCode is the stable code of the difference, such as "port".
	DifferenceCode string `json:"difference_code"`
	// CoveredOrigin is the origin that the pattern covers.
	CoveredOrigin string `json:"covered_origin"`
}

func parseExplanation(text string) (Explanation, error) {
	explanation := Explanation{text: text}
	if err := json.Unmarshal([]byte(text), &explanation); err != nil {
		return Explanation{}, fmt.Errorf("onecors: internal error: cannot decode the engine's explanation: %w", err)
	}
	return explanation, nil
}

// String returns the explanation as the engine writes it: one JSON object on one line, the same in every
// language.
func (e Explanation) String() string {
	return cmp.Or(e.text, "null")
}

// MarshalJSON returns the JSON object that String returns.
func (e Explanation) MarshalJSON() ([]byte, error) {
	return []byte(e.String()), nil
}
