package onecors

import (
	"net/http"
	"net/url"
	"strings"
)

// Request is the part of an HTTP request that a decision looks at. [NewRequest] makes one from an
// [http.Request].
//
// The three header fields take the lines of a header as [http.Header] holds them, so that a header
// that is absent (nil) and one that is empty ([]string{""}) stay apart: an empty Origin is
// malformed, and without an Origin there is no CORS request. Index the header, as in
// r.Header["Origin"]; [http.Header.Get] answers "" in both cases. Several lines are joined with
// ", " (RFC 9110, section 5.3), and only then does a decision allocate, up to 16 KiB.
//
// Values are bytes and need not be UTF-8. Nothing is trimmed.
type Request struct {
	// Method is the request method, as received; compared case-sensitively.
	Method string
	// Path is the path that the framework routes on, without the query. A policy that is a single
	// rule ignores it.
	Path string
	// Origin has the lines of Origin.
	Origin []string
	// AccessControlRequestMethod has the lines of Access-Control-Request-Method.
	AccessControlRequestMethod []string
	// AccessControlRequestHeaders has the lines of Access-Control-Request-Headers.
	AccessControlRequestHeaders []string
}

// NewRequest returns the view of r that a decision needs. The Path is the one that [http.ServeMux]
// routes on: percent-decoded, but for encoded slashes, which separate no segments there. For a
// router that sees another path, set Path to that one.
//
// The Request shares memory with r, so use it before r's headers change.
func NewRequest(r *http.Request) Request {
	return Request{
		Method:                      r.Method,
		Path:                        routedPath(r.URL),
		Origin:                      r.Header["Origin"],
		AccessControlRequestMethod:  r.Header["Access-Control-Request-Method"],
		AccessControlRequestHeaders: r.Header["Access-Control-Request-Headers"],
	}
}

// routedPath returns the decoded path with its encoded slashes still encoded. Were they decoded
// too, "/public%2Fkeys" would be decided on as "/public/keys" and yet be served by "/{name}".
func routedPath(u *url.URL) string {
	// RawPath is empty where Path says it all; with an encoded slash it never is.
	if u.RawPath == "" {
		return u.Path
	}
	escaped := u.EscapedPath()
	path, err := url.PathUnescape(encodedSlash.Replace(escaped))
	if err != nil {
		return escaped
	}
	return path
}

var encodedSlash = strings.NewReplacer("%2F", "%252F", "%2f", "%252f")

// joined returns the value of a header from its lines, and whether there is one.
func joined(lines []string) (value string, present bool) {
	switch len(lines) {
	case 0:
		return "", false
	case 1:
		return lines[0], true
	default:
		return join(lines), true
	}
}

// maxJoined is the size in bytes of the longest value that is joined. It is beyond what the engine
// allows in any header.
const maxJoined = 16 << 10

// tooLong stands for a longer value, and gets the verdict that it would get. So whoever sends the
// lines does not choose how much memory is allocated.
var tooLong = strings.Repeat(", ", maxJoined/2+1)

func join(lines []string) string {
	length := 0
	for _, line := range lines {
		length += len(line) + len(", ")
		if length > maxJoined {
			return tooLong
		}
	}
	return strings.Join(lines, ", ")
}
