// Package routers tests the policy in front of routers that the module itself does not need.
package routers

import (
	"bufio"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"
	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
	echo4 "github.com/labstack/echo/v4"
	"github.com/labstack/echo/v5"

	onecors "github.com/onecors/onecors/bindings/go"
)

const (
	app  = "https://app.example.com"
	evil = "https://evil.example"
)

// rules expose a header that tells which of them was applied. "/{other}/*" stands for a handler of
// whatever is not spelled as the others are.
var rules = []string{"/app/*", "/app/a/*", "/open/*", "/{other}/*", "/{single}", "/"}

func newPolicy(t *testing.T) *onecors.Policy {
	t.Helper()
	var config onecors.Config
	for _, pattern := range rules {
		config.Rules = append(config.Rules, onecors.Config{
			Paths: []string{pattern}, AllowOrigins: []string{app}, ExposeHeaders: []string{exposed(pattern)},
		})
	}
	policy, err := onecors.New(config)
	if err != nil {
		t.Fatal(err)
	}
	return policy
}

// exposed turns a pattern into the name of a header.
func exposed(pattern string) string {
	return "x" + strings.NewReplacer("/", "-", "*", "all", "{", "", "}", "").Replace(pattern)
}

var quiet = onecors.WithLogger(slog.New(slog.DiscardHandler))

// routers are the routers, each with a handler for every rule that answers with its pattern.
var routers = map[string]func() http.Handler{
	"ServeMux": func() http.Handler {
		mux := http.NewServeMux()
		for _, pattern := range rules {
			route := strings.Replace(strings.Replace(pattern, "/*", "/{rest...}", 1), "*", "", 1)
			if pattern == "/" {
				route = "/{$}"
			}
			mux.HandleFunc(route, answering(pattern))
		}
		return mux
	},
	"chi": func() http.Handler {
		router := chi.NewRouter()
		register(func(pattern string) { router.Get(pattern, answering(pattern)) })
		return router
	},
	"chi with CleanPath": func() http.Handler {
		router := chi.NewRouter()
		router.Use(middleware.CleanPath)
		register(func(pattern string) { router.Get(pattern, answering(pattern)) })
		return router
	},
	"chi, mounted": func() http.Handler {
		router := chi.NewRouter()
		for _, prefix := range []string{"/app", "/open"} {
			router.Mount(prefix, answering(prefix+"/*"))
		}
		return router
	},
	"gin":                       func() http.Handler { return newGin(func(*gin.Engine) {}) },
	"gin with UseRawPath":       func() http.Handler { return newGin(func(e *gin.Engine) { e.UseRawPath = true }) },
	"gin with UseEscapedPath":   func() http.Handler { return newGin(func(e *gin.Engine) { e.UseEscapedPath = true }) },
	"gin with RemoveExtraSlash": func() http.Handler { return newGin(func(e *gin.Engine) { e.RemoveExtraSlash = true }) },
	"echo 4": func() http.Handler {
		router := echo4.New()
		register(func(pattern string) { router.GET(colons(pattern), echo4.WrapHandler(answering(pattern))) })
		return router
	},
	"echo 5": func() http.Handler {
		router := echo.New()
		register(func(pattern string) { router.GET(colons(pattern), echo.WrapHandler(answering(pattern))) })
		return router
	},
}

func newGin(set func(*gin.Engine)) http.Handler {
	gin.SetMode(gin.ReleaseMode)
	router := gin.New()
	set(router)
	// gin has no two parameters of different names, and a rest must have one.
	for pattern, route := range map[string]string{
		"/app/*": "/app/*rest", "/open/*": "/open/*rest", "/{other}/*": "/:first/*rest", "/{single}": "/:first", "/": "/",
	} {
		router.GET(route, gin.WrapF(answering(pattern)))
	}
	return router
}

func register(add func(pattern string)) {
	for _, pattern := range rules {
		add(pattern)
	}
}

func colons(pattern string) string {
	return strings.NewReplacer("{other}", ":other", "{single}", ":single").Replace(pattern)
}

func answering(pattern string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, pattern) }
}

// Not "/app" itself, which the rule "/app/*" governs and the routes of that spelling do not serve.
var targets = []string{
	"/app/item", "/open/item", "/app/a/item", "/else/item", "/%61pp/item", "/app%2Fitem", "/open%2Fitem", "/app/%61/item",
	"/app/a%2Fitem", "/open/../app/item", "/open/%2e%2e/app/item", "/open/..%2fapp/item", "/open%2f..%2fapp%2fitem",
	"/app;x=1/item", "//app/item", "/app//item", "/open//../app/item", "/open/%2F../app/item", "/%2fapp/item",
	"/app/a%2F..%2Fitem", "/app/a%2F../item", "/app/b/../a/item", "/app//a/item", "/app/%2Fa/item", "/open/..\\app\\item",
	"/app/item%00", "/app/caf%c3%a9", "/APP/item", "/", "/%2e/app/item", "/.//app/item",
}

// The rule that is applied is that of the path whose handler answers, or none.
func TestTheRuleIsTheOneOfTheHandler(t *testing.T) {
	for name, router := range routers {
		t.Run(name, func(t *testing.T) {
			handler := newPolicy(t).Middleware(quiet)(router())
			applied := 0
			for _, target := range targets {
				message := "GET " + target + " HTTP/1.1\r\nHost: api.example.com\r\nOrigin: " + app + "\r\n\r\n"
				r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(message)))
				if err != nil {
					t.Fatal(err)
				}
				recorder := httptest.NewRecorder()
				handler.ServeHTTP(recorder, r)
				got := recorder.Header().Get("Access-Control-Expose-Headers")
				if got == "" || recorder.Code != http.StatusOK {
					continue
				}
				applied++
				pattern := recorder.Body.String()
				// gin's "/app/*rest", and chi's mount, serve what "/app/a/*" governs.
				if got != exposed(pattern) && !(pattern == "/app/*" && got == exposed("/app/a/*")) {
					t.Errorf("%s is handled by %s, and governed by the rule that exposes %s", target, pattern, got)
				}
			}
			if applied < 3 {
				t.Errorf("a rule was applied to %d requests", applied)
			}
		})
	}
}

// As a middleware of the router itself, where that is an option: chi's Use, and echo's WrapMiddleware.
func TestAsTheMiddlewareOfARouter(t *testing.T) {
	policy := newPolicy(t)
	withChi := chi.NewRouter()
	withChi.Use(policy.Handler)
	withChi.Get("/app/item", answering("item"))
	withChi.Get("/app/panic", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })

	withEcho4 := echo4.New()
	withEcho4.Pre(echo4.WrapMiddleware(policy.Handler))
	withEcho4.GET("/app/item", echo4.WrapHandler(answering("item")))

	withEcho5 := echo.New()
	withEcho5.Pre(echo.WrapMiddleware(policy.Handler))
	withEcho5.GET("/app/item", echo.WrapHandler(answering("item")))

	for name, handler := range map[string]http.Handler{"chi": withChi, "echo 4": withEcho4, "echo 5": withEcho5} {
		t.Run(name, func(t *testing.T) {
			for target, status := range map[string]int{
				"GET /app/item": 200, "POST /app/item": 405, "GET /app/missing": 404, "OPTIONS /app/item": 204,
			} {
				method, path, _ := strings.Cut(target, " ")
				r := httptest.NewRequest(method, path, nil)
				r.Header.Set("Origin", app)
				r.Header.Set("Access-Control-Request-Method", "GET")
				recorder := httptest.NewRecorder()
				handler.ServeHTTP(recorder, r)
				header := recorder.Header()
				if recorder.Code != status || len(header["Access-Control-Allow-Origin"]) != 1 || len(header["Vary"]) != 1 {
					t.Errorf("%s is answered %d with %v", target, recorder.Code, header)
				}
			}
		})
	}
}
