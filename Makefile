# Every target that needs the environment makes it first; `make setup` costs a tenth of a second when there is nothing to do.
PYTHON ?= python3
ARGS ?=
BIN := .venv/bin
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-emit-find-links --no-header --no-annotate $(if $(UPGRADE),--upgrade)

# Some images say that Python keeps no bytecode; then each of the hundreds of programs that tests start is compiled again.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup demo undo test test-heavy test-lowest lint style format lock render docs measure measure-against clean

help: ## Show the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

setup: ## Make .venv with everything pinned, and mmcompose in it
	@command -v "$(PYTHON)" >/dev/null || { echo "setup: no $(PYTHON) here: install Python 3.11 or newer" >&2; exit 1; }
	@"$(PYTHON)" tools/setup.py

demo: setup ## Render the shipped profiles, check them with real Compose, and show what came out
	@$(BIN)/python tools/demo.py

undo: ## Remove what make set up outside this checkout: a Docker, its packages (asks before volumes)
	@$(or $(wildcard $(BIN)/python),"$(PYTHON)") -m tests.bed undo $(ARGS)

test: style ## Check format, lint and types, and run every test that is not heavy (ARGS="-k word")
	@$(BIN)/python -m tests.bed ready
	@$(BIN)/mypy >.venv/types.log 2>&1 & types=$$!; \
	$(BIN)/python -m pytest -m "not heavy" -n auto $(ARGS); tests=$$?; \
	wait $$types || { cat .venv/types.log; exit 1; }; exit $$tests
	@echo "make test: everything passed"

test-heavy: setup ## Run the heavy tests too: real engines, long scenarios
	@$(BIN)/python -m pytest -m heavy $(ARGS)

test-lowest: setup ## Run the tests that need no Docker against the oldest dependencies we allow
	@$(BIN)/python tools/lowest.py $(ARGS)

lint: style ## Check format, lint and types
	@$(BIN)/mypy

style: setup
	@$(BIN)/ruff format --check --quiet . || { echo "lint: run make format" >&2; exit 1; }
	@$(BIN)/ruff check --quiet .

format: setup ## Format the code and fix what can be fixed by machine
	@$(BIN)/ruff check --quiet --fix-only .
	@$(BIN)/ruff format --quiet .

lock: setup ## Pin every dependency with its hashes again (UPGRADE=1 takes newer versions)
	@$(LOCK) pyproject.toml --output-file requirements/core.lock
	@$(LOCK) pyproject.toml --group dev --output-file requirements/dev.lock
	@$(BIN)/python tools/hashes.py
	@$(MAKE) --no-print-directory setup

render: setup ## Write compose/ again from profiles/ and templates/
	@$(BIN)/mmcompose render

docs: setup ## Write the references again: commands from their help, keys from the schemas
	@$(BIN)/python tools/reference.py

measure: setup ## Measure how fast rendering is, beside others (ARGS="--profiles 10 --runs 3")
	@$(BIN)/python benchmarks/render/measure.py $(ARGS)

measure-against: setup ## Measure this checkout and another in turn, 40 pairs (OTHER=folder, ARGS="--job check")
	@$(BIN)/python benchmarks/render/pairs.py $(OTHER) $(ARGS)

clean: ## Remove .venv and the caches from this checkout (a Docker that make set up goes with make undo)
	@rm -rf .venv .venv-lowest .mypy_cache .pytest_cache .ruff_cache .hypothesis dist
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
