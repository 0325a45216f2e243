module example.com/lantern

go 1.24.0

require github.com/onecors/onecors/bindings/go v0.1.0
