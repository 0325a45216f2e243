package onecors

// Problem is one thing that is wrong with a policy document.
type Problem struct {
	// Code is what kind of problem: a stable code, such as "trailing_slash".
	Code string `json:"code"`
	// Pointer is where: a JSON pointer (RFC 6901) into the document, "" for the whole of it. A
	// missing key is reported at the pointer it would have. The keys in it are as they are in the
	// document, whatever their characters.
	Pointer string `json:"pointer"`
	// Message is what is wrong, and what a browser would do. Text of the document in it is escaped and
	// cut.
	Message string `json:"message"`
	// Help is what to write instead, or "" where nothing can be said.
	Help string `json:"help,omitempty"`
}

// PolicyError is the error of a policy document that has problems. It lists every one, and a policy
// with any problem is never built. Find it with [errors.As].
type PolicyError struct {
	// Path is the file that the document came from, or "".
	Path string
	// Problems are the problems, in the document's order. There is at least one.
	Problems []Problem

	text string
}

// Error returns all problems, each on a line of its own with its place, behind the path. What is not seen
// in print is escaped.
func (e *PolicyError) Error() string {
	if e.Path == "" {
		return e.text
	}
	return printable(e.Path) + ": " + e.text
}
