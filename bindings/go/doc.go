// Package onecors answers requests with the CORS headers of one policy document, by the same engine
// that serves Python, Node.js, Java and C++.
//
// A [Policy] comes from a document ([Load], [Parse]) or from Go ([New]), and goes in front of a service:
//
//	policy, err := onecors.Load("policy.json")
//	if err != nil {
//		log.Fatal(err) // every problem of the document, each with its place and what to write instead
//	}
//	log.Fatal(http.ListenAndServe(":8000", policy.Handler(router)))
//
// [Policy.Handler] answers preflights and puts the policy's headers on every other response. A
// [LivePolicy] does so with a policy that can be replaced; [Watch] loads it from a file, again and
// again.
//
// Other frameworks ask [Policy.Decide]. A [Verdict] is an integer: the outcome, the reason and the
// number of a [Plan], of which a policy has a small table. [Policy.Explain] tells why.
//
// # Security
//
// A request's headers are chosen by whoever sends it. Decide takes any bytes, never panics, and
// denies what it does not allow. A policy that is nil or closed denies everything.
//
// # Goroutines and memory
//
// A Policy and its plans never change, so any number of goroutines may use them at once. The
// compiled policy is memory of the C library, which the garbage collector frees with the Policy;
// [Policy.Close] is there for those who want to end its use.
//
// # Building
//
// The package calls a C library that the module carries, so a build needs cgo (CGO_ENABLED=1) and a
// C compiler. There is a library for linux/amd64 only.
package onecors
