# Settings that every Makefile of the project shares. Everything that is downloaded or built stays
# inside the checkout: under .cache/, .venv/, target/ and dist/.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
MAKEFLAGS += --no-print-directory

ROOT := $(patsubst %/scripts/settings.mk,%,$(realpath $(lastword $(MAKEFILE_LIST))))
CACHE := $(ROOT)/.cache
DIST := $(ROOT)/dist
VENV := $(ROOT)/.venv
VERSION := $(shell sed -n 's/^version = "\(.*\)"/\1/p' $(ROOT)/Cargo.toml | head -n 1)

export CARGO_TARGET_DIR := $(ROOT)/target
export CARGO_ZIGBUILD_CACHE_DIR := $(CACHE)/zigbuild
export ZIG_GLOBAL_CACHE_DIR := $(CACHE)/zig
export PIP_CACHE_DIR := $(CACHE)/pip
export GOPATH := $(CACHE)/go
export GOCACHE := $(CACHE)/go-build
export GOFLAGS := -modcacherw -buildvcs=false
export npm_config_cache := $(CACHE)/npm
MVN := mvn -B -q -Dmaven.repo.local=$(CACHE)/m2
PYTHON := $(VENV)/bin/python

# The virtual environment with the Python tools of scripts/requirements.txt. A target that needs one of
# them depends on $(VENV_READY).
VENV_READY := $(VENV)/.requirements-installed
$(VENV_READY): $(ROOT)/scripts/requirements.txt
	@echo "installing the Python tools of scripts/requirements.txt into .venv"
	@test -x $(PYTHON) || python3 -m venv $(VENV)
	@$(PYTHON) -m pip install --quiet --requirement $<
	@touch $@

# What released libraries are built with: the tools of the virtual environment, and names in the place
# of the paths of the machine that builds them.
FOR_RELEASE := PATH=$(VENV)/bin:$$PATH \
	RUSTFLAGS="--remap-path-prefix=$${CARGO_HOME:-$$HOME/.cargo}/registry/src=registry --remap-path-prefix=$(ROOT)=onecors"

# The rule above must not be what a bare `make` does.
.DEFAULT_GOAL :=
