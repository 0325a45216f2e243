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
	// maxDenials is how many denials a policy remembers, and so how many are logged.
	maxDenials = 1000
	// maxKeyBytes is how much of an origin tells one denial from another.
	maxKeyBytes = 512
)

// denial is what is logged once. The plan in the verdict stands for the rule.
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

// denialLog remembers which denials of a policy have been logged. The set is replaced and never changed,
// so that a denial that has been logged waits for nobody. It is copied maxDenials times at most.
type denialLog struct {
	logged atomic.Pointer[map[denial]struct{}]
	// adding is held by who replaces the set.
	adding sync.Mutex
}

func (l *denialLog) set() map[denial]struct{} {
	if logged := l.logged.Load(); logged != nil {
		return *logged
	}
	return nil
}

// passesOver returns whether d is not to be logged: it has been, or there were too many.
func (l *denialLog) passesOver(d denial) bool {
	set := l.set()
	if len(set) >= maxDenials {
		return true
	}
	_, logged := set[d]
	return logged
}

// add remembers d. It returns whether d is to be logged, and whether it is the last one that is.
func (l *denialLog) add(d denial) (added, last bool) {
	l.adding.Lock()
	defer l.adding.Unlock()
	if l.passesOver(d) {
		return false, false
	}
	set := maps.Clone(l.set())
	if set == nil {
		set = map[denial]struct{}{}
	}
	d.origin = strings.Clone(d.origin) // It may be a part of a longer one.
	set[d] = struct{}{}
	l.logged.Store(&set)
	return true, len(set) == maxDenials
}

// logDenial logs a denial that has not been logged yet, with what explain says of it, which is
// escaped.
func (h *handler) logDenial(policy *Policy, verdict Verdict, request *Request, others []string, r *http.Request) {
	origin, present := joined(request.Origin)
	if !present || policy == nil {
		return
	}
	d := denialOf(verdict, origin)
	if policy.denials.passesOver(d) {
		return
	}
	// A page of the server itself may send an Origin, too, and needs no permission.
	if verdict.Reason() == OriginNotAllowed && policy.checkOriginOnAll(request, others, r.Host) {
		return
	}
	added, last := policy.denials.add(d)
	if !added {
		return
	}
	text, attributes := policy.tell(verdict, request)
	logSafely(r.Context(), h.logger, slog.LevelWarn, text, attributes...)
	if last {
		logSafely(r.Context(), h.logger, slog.LevelWarn,
			"onecors: 1000 distinct denials have been logged; no more are until the policy is replaced")
	}
}

// tell returns the text and the attributes of a denial.
func (p *Policy) tell(verdict Verdict, request *Request) (string, []slog.Attr) {
	story, err := p.Explain(*request)
	if err != nil {
		return "onecors: denied everything, because of: " + strings.TrimPrefix(err.Error(), "onecors: "), nil
	}
	if verdict == verdictAmbiguous {
		text := "onecors: denied a request whose path can be read in several ways, with different rules"
		return text, []slog.Attr{
			slog.String("path", received(story, "path")),
			slog.String("origin", received(story, "origin")),
		}
	}
	attributes := []slog.Attr{
		slog.String("reason", story.Reason.String()),
		slog.String("origin", received(story, "origin")),
	}
	if rule := story.Rule; rule != nil && rule.Name+rule.Pointer != "" {
		attributes = append(attributes, slog.String("rule", cmp.Or(rule.Name, rule.Pointer)))
	}
	if miss := story.NearestMiss; miss != nil {
		attributes = append(attributes, slog.String("nearest_miss", printable(miss.Pattern)+" ("+miss.Difference+")"))
	}
	return "onecors: " + story.Summary, attributes
}

// received returns what came with the request for a check, escaped.
func received(story Explanation, name string) string {
	for _, check := range story.Checks {
		if check.Check == name && check.Received != nil {
			return *check.Received
		}
	}
	return ""
}

// logSafely logs by logger, or else by the default one. A panic of a handler of the logger must not
// become one of the request.
func logSafely(ctx context.Context, logger *slog.Logger, level slog.Level, text string, attributes ...slog.Attr) {
	defer func() { _ = recover() }()
	if logger == nil {
		logger = slog.Default()
	}
	logger.LogAttrs(ctx, level, text, attributes...)
}
