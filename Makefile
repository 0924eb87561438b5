# Everything a person or CI does with this project. `make` alone lists it.
# The interpreter: name one (make demo PYTHON=/path/to/python3.12), or the first that fits is taken.
FITS := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
PYTHON ?= $(shell for p in .venv/bin/python python3.13 python3.12 python3.11 python3; do \
	"$$p" -c '$(FITS)' 2>/dev/null && echo "$$p" && break; done)
BIN := .venv/bin
CONFIG ?= anmin.toml
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help demo run test lint bench corpus nightly docs clean ready

help: ## list what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

demo: ready ## start everything with a small simulated community; Ctrl-C ends it (ARGS="--for 60 --json")
	@$(BIN)/anmin demo $(ARGS)

run: ready ## run the service with CONFIG=anmin.toml
	@$(BIN)/anmin run --config $(CONFIG) $(ARGS)

test: lint ## lint, then every test; what needs a missing service is skipped with its reason
	$(BIN)/python -m pytest $(ARGS)

lint: ready ## ruff, its formatter, mypy, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy scripts
	$(BIN)/lint-imports

bench: ready ## measure publish to hand-off beside its peer (minutes); more: python -m bench.decode, .history, .upkeep
	$(BIN)/python -m bench.engine
	$(BIN)/python -m bench $(ARGS)

corpus: ready ## decode every recorded message of real devices in ../shared and print what is right
	@$(BIN)/python -m tests.corpus

nightly: ready ## the long tests: a hundred kills of process and broker, fuzzing of every decoder (two hours)
	@$(or $(PYTHON),python3) scripts/bootstrap.py fuzz
	$(BIN)/python -m pytest -m nightly $(ARGS)

docs: ready ## write the generated parts of docs/reference again
	$(BIN)/python scripts/reference.py

clean: ## remove the environment and what tools left; data directories stay
	rm -rf .venv .tools dist .mypy_cache .ruff_cache .import_linter_cache .hypothesis .pytest_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

ready:
	@command -v $(or $(PYTHON),python3) >/dev/null || { \
	echo 'anmin: no Python found. What to do: install Python 3.11, 3.12 or 3.13 (Debian: apt install python3).'; \
	echo 'anmin：未找到 Python。怎么办：请安装 Python 3.11、3.12 或 3.13（Debian：apt install python3）。'; \
	exit 3; } >&2
	@$(or $(PYTHON),python3) scripts/bootstrap.py
