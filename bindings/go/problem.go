package onecors

// Problem is one problem in a policy document.
type Problem struct {
	// Code is the kind of problem, as a stable code such as "trailing_slash".
	Code string `json:"code"`
	// Pointer is the place: a JSON pointer (RFC 6901) into the document, "" for the whole document. A
	// missing key is reported at the pointer it would have. Keys are exactly as in the document, not
	// escaped.
	Pointer string `json:"pointer"`
	// Message says what is wrong, and what a browser would do. Text from the document is escaped and
	// truncated.
	Message string `json:"message"`
	// Help is what to write instead, or "" if unknown.
	Help string `json:"help,omitempty"`
}

// PolicyError is the error for a policy document that has problems. It lists all of them. A document with
// any problem is never compiled. Use [errors.As] to find it.
type PolicyError struct {
	// Path is the file that the document came from, or "".
	Path string
	// Problems are the problems in document order: at least one and at most 1,000. The error text
	// counts the rest.
	Problems []Problem

	text string
}

// Error returns the path and all problems, each on its own line with its place. Unprintable characters are
// escaped.
func (e *PolicyError) Error() string {
	if e.Path == "" {
		return e.text
	}
	return printable(e.Path) + ": " + e.text
}
