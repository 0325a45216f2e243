// Package onecors answers requests with the CORS headers of one policy document, by the same engine
// that serves Python, Node.js, Java and C++.
//
// A [Policy] is compiled from a document ([Load], [Parse]) or from Go ([New]), and wraps a service:
//
//	policy, err := onecors.Load("policy.json")
//	if err != nil {
//		log.Fatal(err) // lists every problem in the document, its place and the correction
//	}
//	log.Fatal(http.ListenAndServe(":8000", policy.Handler(router)))
//
// [Policy.Handler] answers preflights and adds the policy's headers to every other response. A
// [LivePolicy] does the same with a policy that can be replaced; [Watch] reloads it whenever its file
// changes.
//
// Other frameworks call [Policy.Decide]. A [Verdict] is an integer: the outcome, the reason and an index
// into the policy's small table of [Plan] values. [Policy.Explain] explains a decision.
//
// # Security
//
// The headers of a request are untrusted. Decide accepts any bytes, never panics, and denies whatever it
// does not allow. A policy that is nil or closed denies everything.
//
// # Goroutines and memory
//
// A Policy and its plans are immutable and safe for concurrent use. The compiled policy is memory of the C
// library, which is freed when the garbage collector collects the Policy. [Policy.Close] ends its use
// earlier.
//
// # Building
//
// The package calls a C library that comes with the module, so a build needs cgo (CGO_ENABLED=1) and a C
// compiler. The library is built for linux/amd64 with glibc only.
package onecors
