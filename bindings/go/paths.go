package onecors

import (
	"net/http"
	"net/url"
	"path"
	"strings"
)

// verdictAmbiguous is the verdict on a path that may be read in several ways, on which the policy
// decides differently. Like [VerdictFailed] it denies, and its plan is the zero [Plan].
const verdictAmbiguous Verdict = 0xFFFE_0003

// otherPaths returns the paths, beside the one of [NewRequest], that routers may route on: chi and
// echo take RawPath as it is, gin takes Path with its encoded slashes decoded, and some clean the
// path first. They differ only where a client writes a path in an unusual way, so there are hardly
// ever any.
func otherPaths(u *url.URL) []string {
	if u.RawPath == "" && !strings.Contains(u.Path, "//") {
		return nil
	}
	paths := []string{u.Path}
	if u.RawPath != "" {
		paths = append(paths, u.RawPath)
	}
	for _, p := range append(paths, routedPath(u)) {
		if strings.Contains(p, "//") {
			paths = append(paths, cleaned(p))
		}
	}
	return paths
}

// cleaned returns a path without empty and dot segments. Its last slash stays.
func cleaned(p string) string {
	clean := path.Clean(p)
	if strings.HasSuffix(p, "/") && clean != "/" {
		clean += "/"
	}
	return clean
}

// decideOnAll decides on a request that may also be routed on any of the other paths. A page must not
// reach a handler through another rule than the handler's own.
func (p *Policy) decideOnAll(request *Request, others []string) Verdict {
	verdict := p.decide(request)
	for _, other := range others {
		if p.decide(request.on(other)) != verdict {
			return verdictAmbiguous
		}
	}
	return verdict
}

// on returns the request with another path.
func (r *Request) on(path string) *Request {
	other := *r
	other.Path = path
	return &other
}

// CheckOrigin returns whether to accept a request that browsers do not check. That is above all a
// WebSocket handshake, which a page of any origin can send with its user's cookies. CheckOrigin fits the
// field CheckOrigin of gorilla/websocket's Upgrader. [Policy.Handler] already checks handshakes.
//
// A request is accepted if it has no Origin, and so does not come from a page; if no rule governs its
// path; if the rule allows its origin; or if its origin is the server's own: an http or https origin with
// the host and port of the Host header. A policy that is nil or closed refuses everything.
//
// Host is chosen by the client. A page whose domain resolves to this server (DNS rebinding) has the same
// origin by this rule, as it has for the browser. A server that must not be reached that way, such as one
// on a developer's machine, must first compare r.Host with its own names.
func (p *Policy) CheckOrigin(r *http.Request) bool {
	request := NewRequest(r)
	return p.checkOriginOnAll(&request, otherPaths(r.URL), r.Host)
}

func (p *Policy) checkOriginOnAll(request *Request, others []string, host string) bool {
	native := p.open()
	if native == nil || !native.checkOrigin(request, host) {
		return false
	}
	for _, other := range others {
		if !native.checkOrigin(request.on(other), host) {
			return false
		}
	}
	return true
}
