package onecors

import (
	"net/http"
	"slices"
	"strings"
)

// apply applies the plan to the header of a response that is about to start: it removes the application's
// CORS fields, sets the plan's lines, and merges its tokens into Vary. It is idempotent.
//
// The values are kept in store, one after the other, so that responses share no memory and a handler that
// writes into its header changes no other response.
func (p *Plan) apply(header http.Header, echoes *echoes, store []string) {
	vary := p.varyLine
	if len(header) > 0 {
		prepare(header)
		vary = p.mergedVary(header["Vary"])
	}
	for i := range p.headers {
		line := &p.headers[i]
		value := line.Value
		if line.Echo != NoSlot {
			value = echoes[line.Echo]
		}
		store = append(store, value)
		header[line.Name] = store[i : i+1 : i+1]
	}
	if vary != "" {
		store = append(store, vary)
		header["Vary"] = store[len(store)-1 : len(store) : len(store)]
	}
}

// prepare removes the fields that belong to the policy, and joins differently spelled Vary fields. It
// ignores case, because names that a handler sets without [http.Header.Set] are sent as spelled.
func prepare(header http.Header) {
	for name := range header {
		switch {
		case isOwned(name):
			delete(header, name)
		case name != "Vary" && strings.EqualFold(name, "Vary"):
			header["Vary"] = slices.Concat(header["Vary"], header[name])
			delete(header, name)
		}
	}
}

func isOwned(name string) bool {
	const allow = "Access-Control-Allow-"
	switch {
	case len(name) < len(allow):
		return false
	case strings.EqualFold(name[:len(allow)], allow):
		return true
	default:
		return strings.EqualFold(name, "Access-Control-Expose-Headers") ||
			strings.EqualFold(name, "Access-Control-Max-Age")
	}
}

// mergedVary returns the value of Vary with the plan's tokens after those in its lines, or "" if the lines
// need no change.
func (p *Plan) mergedVary(lines []string) string {
	value := strings.Join(lines, ", ")
	if p.varyLine == "" || hasToken(value, "*") {
		return ""
	}
	if strings.TrimSpace(value) == "" {
		return p.varyLine
	}
	merged := value
	for _, token := range p.vary {
		if !hasToken(value, token) {
			merged += ", " + token
		}
	}
	if merged == value {
		return ""
	}
	return merged
}

// hasToken returns whether a token is in a comma-separated list, in whatever case.
func hasToken(list, token string) bool {
	for element := range strings.SplitSeq(list, ",") {
		if strings.EqualFold(strings.Trim(element, " \t"), token) {
			return true
		}
	}
	return false
}
