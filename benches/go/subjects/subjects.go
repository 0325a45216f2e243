package subjects

import (
	"errors"
	"log/slog"
	"net/http"
	"regexp"

	onecors "github.com/onecors/onecors/bindings/go"
	rs "github.com/rs/cors"
)

// Middleware puts a policy in front of a handler.
type Middleware = func(http.Handler) http.Handler

// Subject is one way to put a policy in front of a handler.
type Subject struct {
	Name string
	// Module is the module that it comes from.
	Module string
	// New makes the middleware of a document. The error is ErrNotExpressible where there is none.
	New func(*Document) (Middleware, error)
}

// ErrNotExpressible says that a middleware has no form for the origins of a document.
var ErrNotExpressible = errors.New("it has no form for such origins")

// All are the subjects, onecors first.
var All = append([]Subject{
	{"onecors", "github.com/onecors/onecors/bindings/go", newOnecors},
	{"rs/cors", "github.com/rs/cors", newRS},
}, others...)

func newOnecors(document *Document) (Middleware, error) {
	policy, err := onecors.Parse(document.Text)
	if err != nil {
		return nil, err
	}
	return policy.Middleware(onecors.WithLogger(slog.New(slog.DiscardHandler))), nil
}

func newRS(document *Document) (Middleware, error) {
	options := rs.Options{
		// It asks for the safelisted ones, too.
		AllowedMethods:   append([]string{"GET", "HEAD", "POST"}, document.AllowMethods...),
		AllowedHeaders:   document.AllowHeaders,
		ExposedHeaders:   document.ExposeHeaders,
		AllowCredentials: document.AllowCredentials,
		MaxAge:           document.MaxAge,
	}
	origins, plain := document.texts()
	if plain {
		options.AllowedOrigins = origins
	} else {
		allowed, err := anyRegexOf(document)
		if err != nil {
			return nil, err
		}
		options.AllowOriginFunc = allowed
	}
	return rs.New(options).Handler, nil
}

// anyRegexOf is what its users write for regular expressions, for which it has no form of its own.
func anyRegexOf(document *Document) (func(string) bool, error) {
	var expressions []*regexp.Regexp
	for _, pattern := range document.AllowOrigins {
		if pattern.Regex == "" {
			return nil, ErrNotExpressible
		}
		expression, err := regexp.Compile("^(?:" + pattern.Regex + ")$")
		if err != nil {
			return nil, err
		}
		expressions = append(expressions, expression)
	}
	return func(origin string) bool {
		for _, expression := range expressions {
			if expression.MatchString(origin) {
				return true
			}
		}
		return false
	}, nil
}
