package main

import (
	"io"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	onecors "github.com/onecors/onecors/bindings/go"
)

func withGin(live *onecors.LivePolicy) http.Handler {
	gin.SetMode(gin.ReleaseMode)
	router := gin.New()
	router.HandleMethodNotAllowed = true

	app := router.Group("/app")
	item := func(c *gin.Context) {
		setItemHeader(c.Writer.Header())
		c.String(http.StatusOK, "item")
	}
	app.Match([]string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"}, "/item", item)
	app.OPTIONS("/item", func(c *gin.Context) {
		setOptionsHeader(c.Writer.Header())
		c.Status(http.StatusNoContent)
	})
	app.GET("/get-only", func(c *gin.Context) { c.String(http.StatusOK, "get only") })
	app.Any("/throw", gin.WrapF(throw))
	app.Any("/throw-late", gin.WrapF(throwLate))
	app.Any("/reset", gin.Recovery(), func(c *gin.Context) {
		c.Header("X-Before", "1")
		panic("gin recovers from this")
	})
	private := app.Group("/private", func(c *gin.Context) {
		if !isAuthorized(c.Request) {
			c.Header("WWW-Authenticate", "Bearer")
			c.AbortWithStatus(http.StatusUnauthorized)
		}
	})
	private.Any("", func(c *gin.Context) { c.String(http.StatusOK, "private") })
	app.GET("/redirect", func(c *gin.Context) { c.Redirect(http.StatusFound, "/app/item") })
	app.GET("/slash/", func(c *gin.Context) { c.String(http.StatusOK, "slash") })
	app.GET("/stream", streamWithGin)
	app.GET("/vary", gin.WrapF(vary))
	app.GET("/vary-star", gin.WrapF(varyStar))
	app.GET("/own", func(c *gin.Context) {
		setOwnHeader(c.Writer.Header())
		c.String(http.StatusOK, "own")
	})
	app.POST("/upload", gin.WrapF(upload))
	app.GET("/slow", gin.WrapF(slow))
	app.GET("/ws", gin.WrapF(echoWebSocket))

	router.GET("/open/item", func(c *gin.Context) { c.String(http.StatusOK, "open") })
	router.Any("/plain", gin.WrapF(plain))
	router.POST("/-/replace", gin.WrapF(replace(live)))
	return router
}

// streamWithGin asks for http.CloseNotifier, by way of Stream.
func streamWithGin(c *gin.Context) {
	c.Header("Content-Type", "text/plain")
	chunks := []string{"one", "two", "three"}
	c.Stream(func(w io.Writer) bool {
		_, _ = io.WriteString(w, chunks[0])
		chunks = chunks[1:]
		c.Writer.Flush()
		pause(c.Request, 150*time.Millisecond)
		return len(chunks) > 0
	})
}
