include scripts/settings.mk

PACKAGES := ffi bindings/python bindings/node bindings/java bindings/go gateway/envoy gateway/nginx

# What has API documentation. That of the crates is with the crate of Rust users.
DOCUMENTED := bindings/rust ffi bindings/python bindings/node bindings/java bindings/go
BINDINGS := python node java go

.PHONY: help setup tools check check-rust check-cpp $(BINDINGS:%=check-%) test test-all docs demo bench dist \
	version clean $(PACKAGES:%=setup-of-%)

help: ## list the targets
	@sed -En 's/^(# )?([A-Za-z-]+):.*## /\2\t/p' Makefile | expand -t 16

setup: ## install what the others need, in a minute: Debian packages, Python tools, each language's libraries
	@echo "Everything is kept inside the checkout, in .venv, .cache, node_modules, target and dist;"
	@echo "but Debian packages go into the system, and what cargo downloads goes where it always does."
	@scripts/setup
	@$(MAKE) -s $(VENV_READY)
	@$(MAKE) -s -j4 $(PACKAGES:%=setup-of-%)

$(PACKAGES:%=setup-of-%): setup-of-%:
	@echo "setup of $*"
	@$(MAKE) -s -C $* setup

tools: $(VENV_READY)

check: ## the quick loop, in a minute: formats, lints of what changed, the engine's tests and the conformance cases
	@scripts/test --check

# check-LANGUAGE: ## lint and test python, node, java, go, rust or cpp alone, in a minute and a half
$(BINDINGS:%=check-%): check-%:
	@$(MAKE) -s -C bindings/$* check

check-cpp:
	@$(MAKE) -s -C ffi check

# The command is in Rust, too.
check-rust:
	@$(MAKE) -s -C bindings/rust check
	@cargo clippy --quiet --locked --package onecors-cli --all-targets -- --deny warnings
	@cargo test --quiet --locked --package onecors-cli

test: setup ## check and test everything that the README promises, in half an hour
	@scripts/test

test-all: setup ## add what takes long, in about two hours: the soak at full length, every case in valgrind, fuzzing, benches
	@scripts/test --all

docs: ## build the API documentation of every language into target/docs, in a few minutes
	@for part in $(DOCUMENTED); do echo "documentation of $$part"; $(MAKE) -s -C $$part docs; done

demo: setup dist ## run the three architectures, send each the same requests, and compare the answers
	@$(MAKE) -s -C examples demo

bench: setup dist ## measure everything beside what people use today, in about 40 minutes, and write the results
	@$(MAKE) -s -C benches bench

dist: ## build the packages into dist/, in two minutes
	@for part in $(PACKAGES); do echo "package of $$part"; $(MAKE) -s -C $$part dist; done

version: ## make version NEW=x.y.z: change the version number everywhere
	$(if $(NEW),,$(error say which: make version NEW=1.2.3))
	@scripts/version $(NEW)
	@cargo metadata --quiet --offline --format-version 1 >/dev/null
	@$(MAKE) -C ffi bless

.PHONY: release-files deny public-suffixes
release-files: dist ## make release-files TAG=v1.2.3: collect the files of a release, with checksums, in dist/release
	$(if $(TAG),,$(error say which: make release-files TAG=v1.2.3))
	@scripts/release-files $(TAG)

deny: ## check the licences, sources and advisories of Rust's dependencies
	@scripts/deny

public-suffixes: $(VENV_READY) ## update core/data/public_suffixes.txt
	@scripts/update-public-suffixes

clean: ## remove everything that was built or downloaded
	rm -rf target dist .cache .venv
	find . -name node_modules -prune -exec rm -rf {} +
	find . -name __pycache__ -prune -exec rm -rf {} +
