module github.com/traefik/traefik/v3

go 1.26

require (
	github.com/rs/zerolog v1.34.0
	github.com/vulcand/oxy/v2 v2.1.0
)

require (
	github.com/mattn/go-colorable v0.1.13 // indirect
	github.com/mattn/go-isatty v0.0.19 // indirect
	golang.org/x/sys v0.12.0 // indirect
)
