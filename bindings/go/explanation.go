package onecors

import (
	"cmp"
	"encoding/json"
	"fmt"
)

// Explanation is the story of a decision, for people and for logs: what came with the request is
// escaped in it, and cut but for the headers that go out, so that it cannot forge a line of a log. What
// is of the document is exact in the fields that hold nothing else, and escaped in all texts. Where the
// JSON has null, a field is its zero value.
type Explanation struct {
	// Outcome is what kind of answer the request gets.
	Outcome Outcome `json:"outcome"`
	// Reason is why the request was refused.
	Reason Reason `json:"reason"`
	// Summary is the whole story on one line, for a log.
	Summary string `json:"summary"`
	// Rule is the rule that governs the path.
	Rule *ExplainedRule `json:"rule"`
	// OriginPattern is the origin pattern that covers the origin.
	OriginPattern *ExplainedPattern `json:"origin_pattern"`
	// Checks are what was checked, in order, up to the check that failed.
	Checks []Check `json:"checks"`
	// NearestMiss is the origin pattern that nearly covers the origin.
	NearestMiss *NearestMiss `json:"nearest_miss"`
	// Status is the status of the answer to a preflight.
	Status int `json:"status"`
	// Headers are the header lines that go out, name and value.
	Headers [][2]string `json:"headers"`
	// BrowserMessage is the sentence that a browser's console shows, when the page does not get the
	// answer.
	BrowserMessage string `json:"browser_message"`
	// Advice is what to change, and where.
	Advice string `json:"advice"`

	text string
}

// ExplainedRule is the rule that governs a path.
type ExplainedRule struct {
	// Name is the rule's name, if it has one, exactly as in the document.
	Name string `json:"name"`
	// Pointer is where it stands in the document, as a JSON pointer; "" when the document is the
	// rule.
	Pointer string `json:"pointer"`
	// PathPattern is the path pattern that the path matched, exactly as in the document; "" when the
	// document is the rule.
	PathPattern string `json:"path_pattern"`
}

// ExplainedPattern is an origin pattern of the document.
type ExplainedPattern struct {
	// Pattern is the pattern, or the regex, exactly as in the document.
	Pattern string `json:"pattern"`
	// Pointer is where it stands in the document, as a JSON pointer.
	Pointer string `json:"pointer"`
}

// Check is one check of a decision.
type Check struct {
	// Check is what was checked: "path", "origin", "method" or "headers".
	Check string `json:"check"`
	// Passed is whether it passed.
	Passed bool `json:"passed"`
	// Expected is what would pass.
	Expected string `json:"expected"`
	// Received is what came, escaped and cut; nil when it was absent.
	Received *string `json:"received"`
}

// NearestMiss is the origin pattern that nearly covers an origin.
type NearestMiss struct {
	// Pattern is the pattern, or the regex, exactly as in the document.
	Pattern string `json:"pattern"`
	// Pointer is where it stands in the document, as a JSON pointer.
	Pointer string `json:"pointer"`
	// Difference is what the origin has that the pattern does not want, such as "differs only in the
	// port".
	Difference string `json:"difference"`
	// DifferenceCode is the stable code of the difference, such as "port".
	DifferenceCode string `json:"difference_code"`
	// CoveredOrigin is the origin that the pattern covers.
	CoveredOrigin string `json:"covered_origin"`
}

func parseExplanation(text string) (Explanation, error) {
	explanation := Explanation{text: text}
	if err := json.Unmarshal([]byte(text), &explanation); err != nil {
		return Explanation{}, fmt.Errorf("onecors: the engine's explanation is not what this module knows: %w", err)
	}
	return explanation, nil
}

// String returns the story as the engine tells it: one JSON object on one line, the same in every
// language.
func (e Explanation) String() string {
	return cmp.Or(e.text, "null")
}

// MarshalJSON returns what String does.
func (e Explanation) MarshalJSON() ([]byte, error) {
	return []byte(e.String()), nil
}
