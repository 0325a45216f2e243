package main

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v5"
	"github.com/labstack/echo/v5/middleware"

	onecors "github.com/onecors/onecors/bindings/go"
)

func withEcho(live *onecors.LivePolicy) http.Handler {
	e := echo.New()
	e.Pre(middleware.RemoveTrailingSlashWithConfig(middleware.RemoveTrailingSlashConfig{
		RedirectCode: http.StatusPermanentRedirect,
	}))

	app := e.Group("/app")
	item := func(c *echo.Context) error {
		setItemHeader(c.Response().Header())
		return c.String(http.StatusOK, "item")
	}
	app.Match([]string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"}, "/item", item)
	app.OPTIONS("/item", func(c *echo.Context) error {
		setOptionsHeader(c.Response().Header())
		return c.NoContent(http.StatusNoContent)
	})
	app.GET("/get-only", wrapped(text("get only")))
	app.Any("/throw", wrapped(throw))
	app.Any("/throw-late", wrapped(throwLate))
	app.Any("/reset", func(c *echo.Context) error {
		c.Response().Header().Set("X-Before", "1")
		return errors.New("echo's error handler answers this")
	})
	app.Any("/private", wrapped(text("private")), middleware.KeyAuthWithConfig(middleware.KeyAuthConfig{
		KeyLookup: "header:Authorization:Bearer ",
		Validator: func(_ *echo.Context, key string, _ middleware.ExtractorSource) (bool, error) {
			return key == "token", nil
		},
		ErrorHandler: func(c *echo.Context, _ error) error {
			c.Response().Header().Set("WWW-Authenticate", "Bearer")
			return echo.ErrUnauthorized
		},
	}))
	app.GET("/redirect", func(c *echo.Context) error { return c.Redirect(http.StatusFound, "/app/item") })
	app.GET("/slash", wrapped(text("slash")))
	app.GET("/stream", wrapped(stream))
	app.GET("/vary", wrapped(vary))
	app.GET("/vary-star", wrapped(varyStar))
	app.GET("/own", func(c *echo.Context) error {
		setOwnHeader(c.Response().Header())
		return c.String(http.StatusOK, "own")
	})
	app.POST("/upload", wrapped(upload), middleware.BodyLimit(maxUpload))
	app.GET("/slow", wrapped(slow))
	app.GET("/ws", wrapped(echoWebSocket))

	e.GET("/open/item", func(c *echo.Context) error { return c.String(http.StatusOK, "open") })
	e.Any("/plain", wrapped(plain))
	e.POST("/-/replace", wrapped(replace(live)))
	return e
}

func wrapped(handler http.HandlerFunc) echo.HandlerFunc { return echo.WrapHandler(handler) }
