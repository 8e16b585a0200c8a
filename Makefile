# The commands of this repository. They need git, make and Python 3.11 or newer; the rest they install into .venv.
# A finished step leaves a stamp there, so that the next time is quick and needs no network.

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input install --quiet
SITE := src/liveblog/web/site
PYTHONS := python3 python3.11 python3.12 python3.13 python3.14

# The tests start some hundreds of processes, which should not compile everything anew.
unexport PYTHONDONTWRITEBYTECODE

.DELETE_ON_ERROR:
.PHONY: help run scripts test check lint format types floors migrations fuzz chaos bench screenshots recordings requirements clean

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST)

run: $(VENV)/.run ## serve the demo; options of `liveblog demo` in ARGS
	@exec $(BIN)/liveblog demo $(ARGS)

scripts: $(VENV)/.node ## make what readers fetch of the pages' scripts and sheets anew, after a change of one
	@$(BIN)/node tests/node/scripts.mjs $(VENV)/node $(SITE)/static $(SITE)/built

test: $(VENV)/.dev $(VENV)/.node $(VENV)/.browser ## run the tests; options of pytest in ARGS
	@$(BIN)/python -m pytest --numprocesses=2 --dist=loadfile $(ARGS)

check: lint format types floors migrations ## style, types, floors, and that models and migrations agree

lint: $(VENV)/.dev
	@$(BIN)/ruff check .

format: $(VENV)/.dev
	@$(BIN)/ruff format --check .

types: $(VENV)/.dev
	@$(BIN)/python -m mypy

floors: $(VENV)/.dev
	@$(BIN)/lint-imports

migrations: $(VENV)/.dev
	@$(BIN)/python -m pytest tests/storage/test_migrations.py -q

fuzz: $(VENV)/.dev ## feed whatever takes bytes from strangers with bad ones; targets, --seconds and --seed in ARGS
	@PYTHONPATH=tests $(BIN)/python -m fuzz $(ARGS)

chaos: $(VENV)/.dev ## ten minutes of faults on each database, and the reckoning; --seconds, --seed, --database in ARGS
	@PYTHONPATH=tests $(BIN)/python -m chaos $(ARGS)

bench: $(VENV)/.dev ## measure; what to measure in ARGS
	@$(BIN)/python -m benchmarks $(ARGS)

screenshots: $(VENV)/.dev $(VENV)/.browser ## pictures of every page in every state into build/screenshots; names of tours in ARGS
	@PYTHONPATH=tests $(BIN)/python -m browser.screenshots $(ARGS)

recordings: $(VENV)/.run ## make the recordings in replay/ anew from the coverages in seeds/
	@$(BIN)/python replay/make.py

# Everything is resolved once, as dev.txt; the other files follow its versions. `make requirements ARGS=--upgrade` renews.
COMPILE := $(BIN)/python -m uv --quiet pip compile --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --custom-compile-command "make requirements"

requirements: $(VENV)/.dev ## write the hashed requirement files anew
	@$(COMPILE) $(ARGS) pyproject.toml requirements/build.in --all-extras --group test --group check --group build \
		--output-file requirements/dev.txt
	@$(COMPILE) --no-annotate pyproject.toml --constraint requirements/dev.txt --output-file requirements/run.txt
	@$(COMPILE) --no-annotate requirements/build.in --constraint requirements/dev.txt --output-file requirements/build.txt

clean: ## remove what these commands made, .venv included
	@rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .fuzz .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/.made:
	@for python in $(PYTHONS); do \
		if $$python -c 'import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
			$$python -m venv $(VENV) && touch $@; exit; \
		fi; \
	done; \
	echo "liveblog needs Python 3.11 or newer with its venv module, under one of these names: $(PYTHONS)" >&2; \
	exit 1

$(VENV)/.run: requirements/run.txt requirements/build.txt pyproject.toml | $(VENV)/.made
	@echo "Installing what liveblog runs on into $(VENV)"
	@$(PIP) --require-hashes --requirement requirements/run.txt --requirement requirements/build.txt
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

# What makes the scripts, judges the contracts and the pages, and a client of the stream. Node.js is a Python package.
$(VENV)/.node: tests/node/package.json tests/node/package-lock.json | $(VENV)/.dev
	@echo "Installing what the tests and the scripts need of Node.js into $(VENV)"
	@mkdir -p $(VENV)/node
	@cp tests/node/package.json tests/node/package-lock.json $(VENV)/node/
	@$(BIN)/npm ci --prefix $(VENV)/node --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null
	@touch $@

# The browser that the tests of the pages drive: the system's, where there is one; else it is installed.
$(VENV)/.browser: | $(VENV)/.dev
	@$(BIN)/python tests/browser/chromium.py
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.run
	@echo "Installing what the tests and checks need into $(VENV)"
	@$(PIP) --require-hashes --requirement requirements/dev.txt
	@touch $@
