module example.com/benches

go 1.25.0

require (
	github.com/jub0bs/cors v1.0.2
	github.com/onecors/onecors/bindings/go v0.0.0
	github.com/rs/cors v1.11.1
)

require (
	golang.org/x/net v0.53.0 // indirect
	golang.org/x/text v0.36.0 // indirect
)

replace github.com/onecors/onecors/bindings/go => ../../bindings/go
