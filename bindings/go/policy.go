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

// Policy is a compiled policy document. It is immutable and safe for concurrent use. To replace the
// document while requests are served, use a [LivePolicy]; the garbage collector frees the old policy when
// the last request no longer uses it.
type Policy struct {
	native  atomic.Pointer[native]
	plans   []Plan
	denials denialLog
}

// New compiles a policy that is written in Go. If it has problems, the error is a [*PolicyError].
func New(config Config) (*Policy, error) {
	text, err := json.Marshal(config.document())
	if err != nil {
		return nil, fmt.Errorf("onecors: %w", err)
	}
	return Parse(text)
}

// Parse compiles a policy document: JSON in UTF-8. If it has problems, the error is a [*PolicyError].
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

// Load compiles the policy document in a file. If the file cannot be read, the error is an
// [*fs.PathError]; if the document has problems, it is a [*PolicyError] that names the file.
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

// readDocument reads a file, but stops one byte past the size limit, at which the engine rejects it.
func readDocument(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(io.LimitReader(file, maxDocumentBytes+1))
}

// Decide decides on a request. It never fails and never panics: a malformed request is denied with a
// reason, and if no decision is possible the verdict is [VerdictFailed], which also denies.
//
// It does not allocate, unless a header has several lines (see [Request]). Its time does not depend on the
// number of origins.
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

// Explain decides on a request and explains the decision. The error is [ErrClosed] if the policy is nil or
// closed; any other error is a bug in the engine.
func (p *Policy) Explain(request Request) (Explanation, error) {
	native := p.open()
	if native == nil {
		return Explanation{}, ErrClosed
	}
	text, err := native.explain(&request)
	if err != nil {
		return Explanation{}, err
	}
	return parseExplanation(text)
}

// Plan returns the plan of a verdict of this policy. If the policy has no such plan, as for
// [VerdictFailed], that is the zero Plan, which grants nothing.
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

// Plans returns every plan of this policy. [Verdict.Plan] is an index into it.
func (p *Policy) Plans() []Plan {
	if p == nil {
		return nil
	}
	return slices.Clone(p.plans)
}

// Close ends the use of a policy: from now on it denies every request. It does not disturb decisions in
// progress in other goroutines; the garbage collector frees the memory after the last of them. Close is
// optional: an unreachable policy is freed anyway. It may be called more than once and always returns nil.
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
