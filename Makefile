# Every command a developer needs; `make` alone lists them.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
CODE := dialer partner provision sandbox service workers outdial migrations tests benchmarks

# Tests and demo start programs of this tree by the hundred: each would compile it anew.
unexport PYTHONDONTWRITEBYTECODE

SEED ?= 1
MODEL ?= 1000000
PROCESS ?= 500

.PHONY: help install lock demo up test check format lint types imports deps faults-long year mutants bench clean

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

$(STAMP): requirements.lock requirements-dev.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("Outdial needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Set PYTHON=python3.11 (or newer).") if sys.version_info < (3, 11) else None'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements-dev.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(STAMP)

install: $(STAMP) ## a virtual environment with everything, pinned and hashed

lock: ## compile the hash-pinned requirements anew
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --output-file requirements.lock pyproject.toml
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --group build --output-file requirements-build.lock
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --constraint requirements.lock --group dev --output-file requirements-dev.lock pyproject.toml

demo: $(STAMP) ## 300 real-looking leads, dialed against the sandbox (KEEP=1 leaves it running)
	$(BIN)/outdial demo $(if $(KEEP),--keep)

up: $(STAMP) ## the whole system in one foreground process tree
	$(BIN)/outdial up

test: $(STAMP) ## the tests, on a real PostgreSQL, a real Valkey and real HTTP
	$(BIN)/pytest -n 3 --dist worksteal

check: $(STAMP) lint types imports deps test ## everything that CI runs

format: $(STAMP) ## rewrite the code in the house format
	$(BIN)/ruff format $(CODE)
	$(BIN)/ruff check --fix $(CODE)

lint: $(STAMP) ## format, lint, Dockerfile lint
	$(BIN)/ruff format --check $(CODE)
	$(BIN)/ruff check $(CODE)
	$(BIN)/hadolint Dockerfile

types: $(STAMP) ## mypy, strict, on code and tests
	$(BIN)/mypy

imports: $(STAMP) ## who may import whom
	$(BIN)/lint-imports

deps: $(STAMP) ## declared and used dependencies agree
	$(BIN)/deptry .

faults-long: $(STAMP) ## a million schedules of the model, 500 of real processes (SEED=, MODEL=, PROCESS=)
	$(BIN)/python -m tests.faults.campaign.run --seed $(SEED) --count $(PROCESS)
	$(BIN)/python -m tests.model.run --seed $(SEED) --count $(MODEL)

year: $(STAMP) ## a campaign's whole year, by the sandbox's own record (SEED=)
	$(BIN)/python -m tests.year.run --seed $(SEED) --leads 5000

mutants: $(STAMP) ## take each guard away in turn: some test must notice
	$(BIN)/python -m tests.mutants.run

bench: $(STAMP) ## the measures, each beside its peer or its limit
	$(BIN)/python -m benchmarks

clean: ## remove the environment and all local data
	rm -rf $(VENV) .outdial .mypy_cache .ruff_cache .pytest_cache .hypothesis
