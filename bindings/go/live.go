package onecors

import (
	"bytes"
	"net/http"
	"sync"
	"sync/atomic"
)

// LivePolicy holds the policy in force, which can be replaced while requests are served: each request
// sees one policy from start to end. Any number of goroutines may use it at once. The zero LivePolicy
// has no policy yet, and denies everything.
type LivePolicy struct {
	inForce atomic.Pointer[inForce]

	// closed is when the watching ends; nil where nothing is watched.
	closed chan struct{}
	// closing is held while a watched file is put in force, and while watching is ended.
	closing sync.Mutex
}

type inForce struct {
	policy *Policy
	// document is what the policy was made of, if known.
	document []byte
}

// NewLive returns a holder of policy.
func NewLive(policy *Policy) *LivePolicy {
	live := &LivePolicy{}
	live.Set(policy)
	return live
}

// Current returns the policy in force.
func (l *LivePolicy) Current() *Policy {
	if current := l.inForce.Load(); current != nil {
		return current.policy
	}
	return nil
}

// Replace puts a policy document in force. What is wrong with it is a [*PolicyError]; the policy in
// force then stays.
func (l *LivePolicy) Replace(document []byte) error {
	policy, err := Parse(document)
	if err == nil {
		l.inForce.Store(&inForce{policy, bytes.Clone(document)})
	}
	return err
}

// Set puts a policy in force. The old one is not closed: requests under way may need it.
func (l *LivePolicy) Set(policy *Policy) {
	l.inForce.Store(&inForce{policy: policy})
}

// Close ends the watching of [Watch]. The policy in force stays. Close may be called more than once,
// and always returns nil.
func (l *LivePolicy) Close() error {
	l.closing.Lock()
	defer l.closing.Unlock()
	if l.closed != nil && !l.isClosed() {
		close(l.closed)
	}
	return nil
}

// replaceUnlessClosed is for the watcher: once Close has returned, it puts nothing in force.
func (l *LivePolicy) replaceUnlessClosed(next *inForce) bool {
	l.closing.Lock()
	defer l.closing.Unlock()
	if l.isClosed() {
		return false
	}
	l.inForce.Store(next)
	return true
}

func (l *LivePolicy) isClosed() bool {
	select {
	case <-l.closed:
		return true
	default:
		return false
	}
}

// CheckOrigin is [Policy.CheckOrigin] of the policy in force.
func (l *LivePolicy) CheckOrigin(r *http.Request) bool {
	return l.Current().CheckOrigin(r)
}

// Handler is [Policy.Handler], with the policy that is in force when a request comes.
func (l *LivePolicy) Handler(next http.Handler) http.Handler {
	return l.Middleware()(next)
}

// Middleware returns [LivePolicy.Handler] with options.
func (l *LivePolicy) Middleware(options ...Option) func(next http.Handler) http.Handler {
	return middleware(l.Current, options)
}
