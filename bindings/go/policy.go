package onecors

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"sync/atomic"
)

// VerdictFailed is the verdict where none could be had: the [Policy] is nil or closed, or the
// engine failed, which is a bug. It denies: its outcome is [ActualDenied], and its plan, which no
// policy has in its table, is the zero [Plan].
const VerdictFailed Verdict = 0xFFFF_0003

// ErrClosed is the error of a [Policy] that is nil or closed.
var ErrClosed = errors.New("onecors: the policy is closed")

// Policy is a compiled policy document. It never changes, and any number of goroutines may use it
// at once. To put a new document in force while requests are served, use a [LivePolicy]; the garbage
// collector frees the old policy when the last request is done with it.
type Policy struct {
	native  atomic.Pointer[native]
	plans   []Plan
	denials denialLog
}

// New compiles a policy. What is wrong with it is a [*PolicyError].
func New(config Config) (*Policy, error) {
	text, err := json.Marshal(config.document())
	if err != nil {
		return nil, fmt.Errorf("onecors: %w", err)
	}
	return Parse(text)
}

// Parse compiles a policy document: JSON in UTF-8. What is wrong with it is a [*PolicyError].
func Parse(document []byte) (*Policy, error) {
	native, err := compile(document)
	if err != nil {
		return nil, err
	}
	plans, err := native.plans()
	if err != nil {
		return nil, err
	}
	policy := &Policy{plans: plans}
	policy.native.Store(native)
	return policy, nil
}

// Load compiles the policy document in a file. A file that cannot be read is an [*fs.PathError];
// what is wrong with the document is a [*PolicyError] that names the file.
func Load(path string) (*Policy, error) {
	document, err := readDocument(path)
	if err != nil {
		return nil, err
	}
	return parseFile(path, document)
}

func parseFile(path string, document []byte) (*Policy, error) {
	policy, err := Parse(document)
	var bad *PolicyError
	if errors.As(err, &bad) {
		bad.Path = path
	}
	return policy, err
}

// readDocument reads no more of a file than it takes to see that it is too large.
func readDocument(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(io.LimitReader(file, maxDocumentBytes+1))
}

// Decide decides on a request. It never fails and never panics: a bad request is denied, with a
// reason, and where no decision could be had the verdict is [VerdictFailed], which denies too.
//
// It allocates nothing, unless the request has a header in several lines (see [Request]), and the
// time it takes does not depend on the number of origins.
func (p *Policy) Decide(request Request) Verdict {
	return p.decide(&request)
}

func (p *Policy) decide(request *Request) Verdict {
	native := p.open()
	if native == nil {
		return VerdictFailed
	}
	verdict, known := native.decideWithoutC(request)
	if known && !verdict.denies() {
		return verdict
	}
	return native.decide(request)
}

// decideWithoutC returns the verdict on a request of any path, without the reason of a denial, and
// whether it is known without the engine.
func (p *Policy) decideWithoutC(request *Request) (verdict Verdict, known bool) {
	native := p.open()
	if native == nil {
		return VerdictFailed, false
	}
	return native.decideWithoutC(request)
}

// nearestPattern returns what [native.nearestPattern] does, and 0 where there is no policy.
func (p *Policy) nearestPattern(request *Request) uint64 {
	native := p.open()
	if native == nil {
		return 0
	}
	return native.nearestPattern(request)
}

// Explain decides on a request and tells the story. The error is [ErrClosed], unless the engine
// failed, which is a bug.
func (p *Policy) Explain(request Request) (Explanation, error) {
	native := p.open()
	if native == nil {
		return Explanation{}, ErrClosed
	}
	story, err := native.explain(&request)
	if err != nil {
		return Explanation{}, err
	}
	return parseExplanation(story)
}

// Plan returns the plan that a verdict of this policy names. Where the policy has none of its
// number, as for [VerdictFailed], that is the zero Plan, which lets nothing through.
func (p *Policy) Plan(verdict Verdict) Plan {
	return *p.plan(verdict)
}

// noPlan is the zero plan. It is never written to.
var noPlan Plan

func (p *Policy) plan(verdict Verdict) *Plan {
	if p == nil || verdict.Plan() >= len(p.plans) {
		return &noPlan
	}
	return &p.plans[verdict.Plan()]
}

// Plans returns every answer that this policy can give. [Verdict.Plan] is an index into it.
func (p *Policy) Plans() []Plan {
	if p == nil {
		return nil
	}
	return slices.Clone(p.plans)
}

// Close ends the use of a policy: from now on it denies every request. A decision under way in
// another goroutine is not disturbed; the memory is freed by the garbage collector once the last
// one is done. Close need not be called: a policy that nobody refers to is freed all the same. It
// may be called more than once, and always returns nil.
func (p *Policy) Close() error {
	if p != nil {
		p.native.Store(nil)
	}
	return nil
}

// open returns the engine's policy, or nil where p is nil or closed.
func (p *Policy) open() *native {
	if p == nil {
		return nil
	}
	return p.native.Load()
}
