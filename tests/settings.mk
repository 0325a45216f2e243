# Settings that every Makefile of the project shares. Everything that is downloaded or built stays
# inside the checkout: under .cache/, .venv/, target/ and dist/.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
MAKEFLAGS += --no-print-directory

ROOT := $(patsubst %/tests/settings.mk,%,$(realpath $(lastword $(MAKEFILE_LIST))))
CACHE := $(ROOT)/.cache
DIST := $(ROOT)/dist
VENV := $(ROOT)/.venv
VERSION := $(shell sed -n 's/^version = "\(.*\)"/\1/p' $(ROOT)/Cargo.toml | head -n 1)

export CARGO_TARGET_DIR := $(ROOT)/target
export GOPATH := $(CACHE)/go
export GOCACHE := $(CACHE)/go-build
export GOFLAGS := -modcacherw
export npm_config_cache := $(CACHE)/npm
MVN := mvn -B -q -Dmaven.repo.local=$(CACHE)/m2
PYTHON := $(VENV)/bin/python
