package onecors

import (
	"bytes"
	"net/http"
	"sync"
	"sync/atomic"
)

// LivePolicy holds a policy that can be replaced while requests are served. Each request uses one policy
// from start to end. A LivePolicy is safe for concurrent use. The zero LivePolicy has no policy and denies
// everything.
type LivePolicy struct {
	inForce atomic.Pointer[inForce]

	// closed is closed to stop watching; nil if no file is watched.
	closed chan struct{}
	// closing guards against loading a watched file after Close.
	closing sync.Mutex
}

type inForce struct {
	policy *Policy
	// document is the policy's document, if known.
	document []byte
}

// NewLive returns a LivePolicy that holds policy.
func NewLive(policy *Policy) *LivePolicy {
	live := &LivePolicy{}
	live.Set(policy)
	return live
}

// Current returns the current policy, or nil if there is none.
func (l *LivePolicy) Current() *Policy {
	if current := l.inForce.Load(); current != nil {
		return current.policy
	}
	return nil
}

// Replace compiles a policy document and makes it the current policy. If the document has problems, the
// error is a [*PolicyError] and the current policy stays.
func (l *LivePolicy) Replace(document []byte) error {
	policy, err := Parse(document)
	if err == nil {
		l.inForce.Store(&inForce{policy, bytes.Clone(document)})
	}
	return err
}

// Set replaces the current policy. It does not close the old one, which requests in progress may still use.
func (l *LivePolicy) Set(policy *Policy) {
	l.inForce.Store(&inForce{policy: policy})
}

// Close stops the watching that [Watch] started. The current policy stays. Close may be called more than
// once and always returns nil.
func (l *LivePolicy) Close() error {
	l.closing.Lock()
	defer l.closing.Unlock()
	if l.closed != nil && !l.isClosed() {
		close(l.closed)
	}
	return nil
}

// replaceUnlessClosed is for the watcher, which must not replace the policy after Close has returned.
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

// CheckOrigin is [Policy.CheckOrigin] of the current policy.
func (l *LivePolicy) CheckOrigin(r *http.Request) bool {
	return l.Current().CheckOrigin(r)
}

// Handler is [Policy.Handler], with the policy that is current when a request arrives.
func (l *LivePolicy) Handler(next http.Handler) http.Handler {
	return l.Middleware()(next)
}

// Middleware returns [LivePolicy.Handler] as a middleware, with options.
func (l *LivePolicy) Middleware(options ...Option) func(next http.Handler) http.Handler {
	return middleware(l.Current, options)
}
