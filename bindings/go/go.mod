module github.com/onecors/onecors/bindings/go

go 1.24.0
