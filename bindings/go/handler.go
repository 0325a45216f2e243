package onecors

import (
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
)

// Option is a setting of [Policy.Middleware], [LivePolicy.Middleware] and [Watch].
type Option func(*settings)

type settings struct {
	logger *slog.Logger
	path   func(*http.Request) string
}

func settingsOf(options []Option) (s settings) {
	for _, option := range options {
		option(&s)
	}
	return s
}

// WithLogger sets the logger for denials and for the messages of [Watch]. The default is [slog.Default],
// looked up for each message.
func WithLogger(logger *slog.Logger) Option {
	return func(s *settings) { s.logger = logger }
}

// WithPath sets the path that selects a rule: the one that the router routes on. It is needed only if
// something behind the middleware rewrites paths before routing, such as a middleware that strips a
// trailing slash. By default, every path that a router may derive from the URL counts; if these paths have
// different rules, the request is denied.
func WithPath(path func(*http.Request) string) Option {
	return func(s *settings) { s.path = path }
}

// Handler puts the policy in front of next. It answers preflights, refuses WebSocket handshakes from
// origins that the policy does not allow, and adds the policy's headers to every other response, whoever
// writes it. Requests to paths that no rule governs are passed on unchanged.
//
// Make it the outermost handler, so that nothing responds before it:
//
//	http.ListenAndServe(addr, policy.Handler(router))
//
// A panic of next is re-raised. If the response has not started by then, Handler first sends a 500 with
// the policy's headers: net/http would send no response, and the browser would report a CORS error instead
// of the failure. [http.ErrAbortHandler], which asks for no response, gets none.
func (p *Policy) Handler(next http.Handler) http.Handler {
	return p.Middleware()(next)
}

// Middleware returns [Policy.Handler] as a middleware, with options.
func (p *Policy) Middleware(options ...Option) func(next http.Handler) http.Handler {
	return middleware(func() *Policy { return p }, options)
}

func middleware(policy func() *Policy, options []Option) func(http.Handler) http.Handler {
	settings := settingsOf(options)
	return func(next http.Handler) http.Handler {
		return &handler{policy: policy, settings: settings, next: next}
	}
}

type handler struct {
	policy func() *Policy
	settings
	next http.Handler
}

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	policy := h.policy() // Once: a request uses one policy from start to end.
	request := Request{Method: r.Method, Origin: r.Header["Origin"]}
	if r.Method == http.MethodOptions { // Only preflights have these.
		request.AccessControlRequestMethod = r.Header["Access-Control-Request-Method"]
		request.AccessControlRequestHeaders = r.Header["Access-Control-Request-Headers"]
	}
	if h.serveWithoutC(w, r, policy, &request) {
		return
	}
	var others []string
	request.Path, others = h.paths(r)
	verdict := policy.decideOnAll(&request, others)
	refused := len(request.Origin) > 0 && isHandshake(r) && !policy.checkOriginOnAll(&request, others, r.Host)
	if refused && !verdict.denies() {
		// Another reading of the path leads to a rule that does not allow the origin.
		verdict = verdictAmbiguous
	}
	if verdict.Outcome() == Ungoverned {
		h.next.ServeHTTP(w, r)
		return
	}
	plan := policy.plan(verdict)
	denied := verdict.denies()
	if denied {
		h.logDenial(policy, verdict, &request, others, r)
	}
	switch {
	case plan.status != 0:
		plan.answer(w, &request, plan.status)
	case refused:
		plan.answer(w, &request, http.StatusForbidden)
	default:
		h.serve(w, r, plan, request.Origin)
	}
}

// serveWithoutC serves a request that can be decided without the engine. If the engine is needed, for the
// verdict, for the reason of a denial to log, or for a handshake, it does nothing and returns false.
func (h *handler) serveWithoutC(w http.ResponseWriter, r *http.Request, policy *Policy, request *Request) bool {
	verdict, known := policy.decideWithoutC(request)
	if !known {
		return false
	}
	plan := policy.plan(verdict)
	if verdict.denies() {
		if !policy.denials.knows(denialOf(verdict, request.Origin[0])) || isHandshake(r) {
			return false
		}
		if plan.status != 0 {
			plan.answer(w, request, plan.status)
			return true
		}
	}
	h.serve(w, r, plan, request.Origin)
	return true
}

// paths returns the path to decide on, and the other paths that r may be routed on.
func (h *handler) paths(r *http.Request) (path string, others []string) {
	if h.path != nil {
		return h.path(r), nil
	}
	return routedPath(r.URL), otherPaths(r.URL)
}

// answer responds without a body and without the application.
func (p *Plan) answer(w http.ResponseWriter, request *Request, status int) {
	echoes := request.echoes()
	p.apply(w.Header(), &echoes, make([]string, 0, len(p.headers)+1))
	w.WriteHeader(status)
}

// isHandshake returns whether a request opens a WebSocket, by RFC 6455 or, in HTTP/2, by RFC 8441.
func isHandshake(r *http.Request) bool {
	switch r.Method {
	case http.MethodGet:
		upgrade, present := joined(r.Header["Upgrade"])
		return present && hasToken(upgrade, "websocket")
	case http.MethodConnect:
		protocol, _ := joined(r.Header[":protocol"])
		return strings.EqualFold(protocol, "websocket")
	default:
		return false
	}
}

func (h *handler) serve(w http.ResponseWriter, r *http.Request, plan *Plan, origin []string) {
	outer, response := newResponse(w)
	response.inner, response.plan = w, plan
	response.origin, _ = joined(origin)
	defer response.finish(r.ProtoMajor)
	h.next.ServeHTTP(outer, r)
	response.returned = true
}

// finish is deferred while the application works on the response.
func (w *response) finish(protoMajor int) {
	if w.returned {
		w.place() // If the handler wrote nothing, the server sends the header.
		return
	}
	reason := recover()
	if reason == nil {
		return // By runtime.Goexit.
	}
	if reason != http.ErrAbortHandler {
		w.fail(protoMajor)
	}
	panic(reason)
}

// fail answers 500, unless the response has started.
func (w *response) fail(protoMajor int) {
	if w.started || w.hijacked {
		return
	}
	const text = "Internal Server Error\n"
	header := w.inner.Header()
	// These described the response that is discarded.
	for _, name := range []string{"Cache-Control", "Content-Encoding", "Etag", "Last-Modified", "Trailer"} {
		header.Del(name)
	}
	header.Set("Content-Type", "text/plain; charset=utf-8")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Content-Length", strconv.Itoa(len(text)))
	if protoMajor == 1 {
		header.Set("Connection", "close") // The server closes it on a panic.
	}
	w.WriteHeader(http.StatusInternalServerError)
	_, err := io.WriteString(w, text)
	if err == nil {
		// The server discards what it has not sent.
		_ = w.FlushError()
	}
}
