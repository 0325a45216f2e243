include scripts/settings.mk

PACKAGES := ffi bindings/python bindings/node bindings/java bindings/go gateway/envoy gateway/nginx

.PHONY: help setup test demo bench dist version clean $(PACKAGES:%=setup-of-%)

help: ## say what there is
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile | expand -t 10

setup: ## get what the others need: Debian packages, Python tools, each language's libraries
	@echo "Everything is kept inside the checkout, in .venv, .cache, node_modules, target and dist;"
	@echo "but Debian packages go into the system, and what cargo downloads goes where it always does."
	@scripts/setup
	@$(MAKE) -s $(VENV_READY)
	@$(MAKE) -s -j4 $(PACKAGES:%=setup-of-%)

$(PACKAGES:%=setup-of-%): setup-of-%:
	@echo "setup of $*"
	@$(MAKE) -s -C $* setup

test: setup ## run every check and test of every language, and count the conformance cases
	@scripts/test

demo: setup dist ## show the three architectures: send all of them the same requests, compare the answers
	@$(MAKE) -s -C examples demo

bench: setup dist ## measure everything beside what people use today, in about 40 minutes
	@$(MAKE) -s -C benches bench

dist: ## build the packages into dist/
	@for part in $(PACKAGES); do echo "package of $$part"; $(MAKE) -s -C $$part dist; done

version: ## make version NEW=x.y.z: change the version number wherever it stands
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
