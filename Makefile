# README's commands. Everything is set up on first use; nothing is installed outside .venv.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: demo test check check-static chaos bench fmt schemas clean help

help: ## list the commands
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

demo: $(VENV)/.run ## set everything up and run tierlink on sample data
	@$(BIN)/tierlink demo $(DEMO)

test: $(VENV)/.dev ## run all tests, on a real Kafka broker
	@$(BIN)/python -m pytest $(TESTS)

chaos: $(VENV)/.dev ## kill the stream workers a hundred times and compare: some minutes
	@$(BIN)/python -m pytest -s -m chaos tests/chaos

bench: $(VENV)/.bench ## the stream workers beside their peers (bench/streaming/README.md): an hour; Java and Maven for Kafka Streams
	@$(BIN)/python bench/streaming/run.py --write-readme $(BENCH)

check: check-static ## format, lint, types, import contracts, unit, contract and flow tests: under a minute
	@$(BIN)/python -m pytest -q -x -n auto -m "not kafka and not browser and not postgres and not packaging and not slow" tests/unit tests/contract tests/cases tests/flow tests/docs

check-static: $(VENV)/.dev ## the part of check that runs no test
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/python -m tierlink.schemas.generate --check

fmt: $(VENV)/.dev ## format and mend what can be mended
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format --quiet .

schemas: $(VENV)/.run ## rewrite JSON Schema and AsyncAPI files from the models
	@$(BIN)/python -m tierlink.schemas.generate

clean: ## remove the environment and the demo's data
	rm -rf $(VENV) tierlink-data

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "tierlink needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version). Use: make PYTHON=python3.12 demo"; exit 1; }
	@echo "creating the Python environment in $(VENV)"
	@$(PYTHON) -m venv $(VENV) || { echo "python3 cannot create environments here; on Debian and Ubuntu: apt-get install python3-venv"; rm -rf $(VENV); exit 1; }

$(VENV)/.run: pyproject.toml constraints.txt | $(VENV)/bin/python
	@echo "installing tierlink and its libraries (once, under a minute)"
	@$(PIP) install -c constraints.txt -e '.[broker]'
	@touch $@

$(VENV)/.dev: pyproject.toml constraints.txt | $(VENV)/bin/python
	@echo "installing the test tools (once)"
	@$(PIP) install -c constraints.txt -e '.[broker,postgres,dev]'
	@touch $@ $(VENV)/.run

$(VENV)/.bench: pyproject.toml constraints.txt | $(VENV)/.dev
	@echo "installing what the benchmarks need (once)"
	@$(PIP) install -c constraints.txt -e '.[broker,postgres,dev,bench]'
	@touch $@
