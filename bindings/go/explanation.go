package onecors

// Explanation is the story of a decision.
type Explanation struct{ text string }

func parseExplanation(text string) (Explanation, error) { return Explanation{text}, nil }
