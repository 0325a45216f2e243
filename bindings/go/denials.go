package onecors

import (
	"cmp"
	"context"
	"log/slog"
	"maps"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
)

const (
	// maxDenials limits the logged denials of strangers, and the other origins that are remembered.
	maxDenials = 1000
	// maxKeyBytes is how much of an origin distinguishes denials.
	maxKeyBytes = 512
)

// denial is the key of a denial that needs no second look. The plan in the verdict stands for the rule.
type denial struct {
	verdict Verdict
	origin  string
}

// denialOf returns the denial that a verdict is. A reason that the origin alone gives is left out, as it
// tells nothing more, and is not known where the engine was not asked.
func denialOf(verdict Verdict, origin string) denial {
	if reason := verdict.Reason(); reason == MalformedOrigin || reason == OriginNotAllowed {
		verdict = verdict.withoutReason()
	}
	return denial{verdict, origin[:min(len(origin), maxKeyBytes)]}
}

// denialLog remembers which denials of a policy have been logged.
//
// A denial whose origin a pattern covers, or nearly covers, is logged once for each verdict, pattern and
// difference: the document bounds their number, so that nobody can use them up. Any other is a stranger's.
// It is logged once for each verdict and origin, up to 1,000 of them.
type denialLog struct {
	// known has the denials that need no second look, strangers' or not. The set is replaced and never
	// changed, so that such a denial waits for no lock. It has at most three times maxDenials of them, and is
	// copied no more often.
	known atomic.Pointer[map[denial]struct{}]
	// adding guards the replacement of the set, and the fields below.
	adding    sync.Mutex
	near      map[nearDenial]struct{}
	strangers int
}

// nearDenial is the key of a denial whose origin a pattern covers or nearly covers. The number stands for
// the pattern and the difference.
type nearDenial struct {
	verdict Verdict
	pattern uint64
}

func (l *denialLog) set() map[denial]struct{} {
	if known := l.known.Load(); known != nil {
		return *known
	}
	return nil
}

// knows returns whether d needs no second look.
func (l *denialLog) knows(d denial) bool {
	_, known := l.set()[d]
	return known
}

// isFull returns whether no more strangers are logged.
func (l *denialLog) isFull() bool {
	l.adding.Lock()
	defer l.adding.Unlock()
	return l.strangers == maxDenials
}

// add remembers d. The number is that of [Policy.nearestPattern]; it is 0 for a stranger. add returns
// whether to log d, and whether d is the last stranger that is logged.
func (l *denialLog) add(d denial, pattern uint64) (added, last bool) {
	l.adding.Lock()
	defer l.adding.Unlock()
	if l.knows(d) {
		return false, false
	}
	if pattern == 0 {
		if l.strangers == maxDenials {
			return false, false
		}
		l.strangers++
		l.remember(d)
		return true, l.strangers == maxDenials
	}
	if len(l.set()) < 2*maxDenials {
		l.remember(d)
	}
	if l.near == nil {
		l.near = map[nearDenial]struct{}{}
	}
	before := len(l.near)
	l.near[nearDenial{d.verdict, pattern}] = struct{}{}
	return len(l.near) > before, false
}

func (l *denialLog) remember(d denial) {
	set := maps.Clone(l.set())
	if set == nil {
		set = map[denial]struct{}{}
	}
	d.origin = strings.Clone(d.origin) // It may be a part of a longer one.
	set[d] = struct{}{}
	l.known.Store(&set)
}

// logDenial logs a denial once, with its explanation, which is escaped.
func (h *handler) logDenial(policy *Policy, verdict Verdict, request *Request, others []string, r *http.Request) {
	origin, present := joined(request.Origin)
	if !present || policy == nil {
		return
	}
	d := denialOf(verdict, origin)
	if policy.denials.knows(d) {
		return
	}
	pattern := policy.nearestPattern(request)
	if pattern == 0 && policy.denials.isFull() {
		return
	}
	// A page of the server itself may send an Origin, too, and needs no permission.
	if verdict.Reason() == OriginNotAllowed && policy.checkOriginOnAll(request, others, r.Host) {
		return
	}
	added, last := policy.denials.add(d, pattern)
	if !added {
		return
	}
	text, attributes := policy.describeDenial(verdict, request)
	logSafely(r.Context(), h.logger, slog.LevelWarn, text, attributes...)
	if last {
		logSafely(r.Context(), h.logger, slog.LevelWarn,
			"onecors: 1000 denials of unknown origins were logged, and no more are until the policy is replaced; "+
				"near misses are")
	}
}

// describeDenial returns the text and the attributes of a denial's log line.
func (p *Policy) describeDenial(verdict Verdict, request *Request) (string, []slog.Attr) {
	explanation, err := p.Explain(*request)
	if err != nil {
		return "onecors: denied the request: " + strings.TrimPrefix(err.Error(), "onecors: "), nil
	}
	if verdict == verdictAmbiguous {
		text := "onecors: denied a request whose path can be read in several ways, with different rules"
		// If no rule governs the path, the explanation has no origin.
		origin := request.Origin[0]
		return text, []slog.Attr{
			slog.String("path", received(explanation, "path")),
			slog.String("origin", printable(origin[:min(len(origin), maxKeyBytes)])),
		}
	}
	attributes := []slog.Attr{
		slog.String("reason", explanation.Reason.String()),
		slog.String("origin", received(explanation, "origin")),
	}
	if rule := explanation.Rule; rule != nil && rule.Name+rule.Pointer != "" {
		attributes = append(attributes, slog.String("rule", cmp.Or(rule.Name, rule.Pointer)))
	}
	if miss := explanation.NearestMiss; miss != nil {
		attributes = append(attributes, slog.String("nearest_miss", printable(miss.Pattern)+" ("+miss.Difference+")"))
	}
	return "onecors: " + explanation.Summary, attributes
}

// received returns the escaped value that a check received from the request.
func received(explanation Explanation, name string) string {
	for _, check := range explanation.Checks {
		if check.Check == name && check.Received != nil {
			return *check.Received
		}
	}
	return ""
}

// logSafely logs through logger, or the default one if it is nil. A panic in the logger must not fail the
// request.
func logSafely(ctx context.Context, logger *slog.Logger, level slog.Level, text string, attributes ...slog.Attr) {
	defer func() { _ = recover() }()
	if logger == nil {
		logger = slog.Default()
	}
	logger.LogAttrs(ctx, level, text, attributes...)
}
