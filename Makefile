# Eendracht: every target does its own set-up. Needs Python 3.11 or newer, git, make and a C compiler.

VENV := .venv
BIN := $(VENV)/bin
TOOLS := .tools
INSTALLED := $(VENV)/.installed
WORKERS ?= 2

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help setup setup-tools lint test demo docs bench clean

help:
	@echo "make setup       make $(VENV) with the pinned packages"
	@echo "make test        set up, check style, types, layers and docstrings, run the tests (WORKERS=$(WORKERS), PYTEST_ARGS=...)"
	@echo "make lint        the checks alone"
	@echo "make demo        set up, make a demonstration node, print the briefing and serve it (NO_SERVE=1 stops there)"
	@echo "make docs        build the documentation site into site/"
	@echo "make bench       measure, beside peers, and write docs/reference/benchmarks.md"
	@echo "make clean       remove everything that these targets made, except data"

setup: $(INSTALLED)

$(INSTALLED): pyproject.toml constraints.txt scripts/create-environment hatch_build.py $(wildcard assets/* assets/.npmrc)
	@PYTHON="$(PYTHON)" scripts/create-environment $(VENV)
	@touch $@

# The stamp is missing when Node.js or the network was: then this tries again and says why.
setup-tools: $(INSTALLED)
	@if [ ! -e $(TOOLS)/.installed ] || [ tests/tools/package-lock.json -nt $(TOOLS)/.installed ]; then \
		scripts/install-node-tools $(TOOLS); \
	fi

lint: $(INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/interrogate --quiet src

test: setup setup-tools lint
	@scripts/install-system-packages postgresql chromium default-jre-headless
	@# The tests start hundreds of processes, and some machines keep no bytecode: compiled once, all of them use it.
	@$(BIN)/python -m compileall -q src tests
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile $(PYTEST_ARGS)

demo: setup
	$(BIN)/eendracht demo $(if $(filter 1,$(NO_SERVE)),--no-serve)

docs: setup
	$(BIN)/zensical build --clean --strict

bench: setup
	@scripts/install-system-packages postgresql wrk chromium
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --no-build-isolation --editable '.[bench]'
	$(BIN)/python -m tests.bench

clean:
	rm -rf $(VENV) $(TOOLS) dist site .cache .coverage .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find src tests scripts -name __pycache__ -type d -prune -exec rm -rf {} +
