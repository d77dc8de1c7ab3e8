# `make demo` shows it, `make check` judges it. Needs python3 (3.11 or newer) with venv, and make.

SHELL := /bin/bash
PYTHON ?= python3
CASES ?= ../shared/data/cases
BIN := .venv/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check install
DEMO = $(strip $(if $(filter 0,$(SERVE)),--no-serve) $(if $(PORT),--port $(PORT)) \
  $(if $(TALLYPORT_HOME),--home "$(TALLYPORT_HOME)") $(if $(NETWORK),--network $(NETWORK)))
PURE := src/tallyport/kernel,src/tallyport/ledger,src/tallyport/contracts

.PHONY: help demo test test-slow test-browser test-shuffled coverage check format docs cases bench \
  chaos chaos-network fabric scale compiled fuzz lock clean

help:  ## list the targets
	@sed -nE 's/^([a-z-]+):.*## /\1|/p' Makefile | awk -F'|' '{ printf "  make %-14s %s\n", $$1, $$2 }'

demo: .venv/ready  ## the whole job, then the portal [SERVE=0 PORT=n NETWORK=4 TALLYPORT_HOME=folder]
	$(BIN)/tallyport demo $(DEMO)

test: .venv/ready-dev  ## the test suite, less what is slow or needs a browser [ARGS="-k split"]
	$(BIN)/pytest -n auto $(ARGS)

test-slow: .venv/ready-dev  ## only the slow tests
	$(BIN)/pytest -m "slow and not browser" $(ARGS)

test-browser: .venv/ready-dev  ## only the tests that drive Chromium
	$(BIN)/pytest -m browser $(ARGS)

test-shuffled: .venv/ready-dev  ## the test suite in another order [SEED=n]
	$(BIN)/pytest -n auto --shuffle $(or $(SEED),$(shell date +%s)) $(ARGS)

chaos: .venv/ready-dev  ## bad years of the ledger, each from one integer [SEED=n ROUNDS=n]
	cd tests && ../$(BIN)/python -m support.simulation $(or $(SEED),$(shell date +%s)) \
	  $(or $(ROUNDS),100)

chaos-network: .venv/ready-dev  ## bad days of four real nodes; needs CometBFT [SEED=n ROUNDS=n FAULT=ALL]
	cd tests && TALLYPORT_COMETBFT=$(or $(TALLYPORT_COMETBFT),$(CURDIR)/var/bin/cometbft) \
	  ../$(BIN)/python -m support.network_chaos $(or $(SEED),$(shell date +%s)) $(or $(ROUNDS),100) \
	  $(FAULT)

fuzz: .venv/ready-fuzz  ## bad input for every reader, guided by coverage [SECONDS=n TARGET=name]
	cd tests && ../$(BIN)/python -m support.fuzz.run $(or $(SECONDS),60) $(TARGET)

coverage: .venv/ready-dev  ## branch coverage of the pure packages
	$(BIN)/coverage run --branch --source=$(PURE) -m pytest $(ARGS)
	$(BIN)/coverage report --show-missing --skip-covered

check: .venv/ready-dev  ## everything that a change must pass
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/pyright
	$(BIN)/lint-imports --no-logo
	$(BIN)/pytest

format: .venv/ready-dev  ## lay out the code and mend what a machine can mend
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: .venv/ready-dev  ## write the pages that are made from the code
	$(BIN)/python tools/docs_tables.py

cases: .venv/ready  ## suites of other programs and of standards [CASES=folder]
	@$(BIN)/tallyport cases "$(CASES)"

bench: .venv/ready-dev  ## one benchmark: JSON on standard output, a table on standard error [BENCH=name]
	@test -f "bench/$(BENCH).py" || { echo "expected BENCH=name of: $(patsubst bench/%.py,%,$(wildcard bench/*.py))" >&2; exit 2; }
	@if [ "$(BENCH)" = ledger ]; then $(MAKE) -s compiled >&2 || true; fi  # Measured both ways.
	@$(BIN)/python "bench/$(BENCH).py"

compiled: var/compiled/ready  ## the core as machine code, into var/compiled; needs a C compiler, a minute

var/compiled/ready: .venv/ready-dev tools/compiled.py $(shell find src -name '*.py')
	@$(BIN)/python tools/compiled.py
	@touch $@

PINNED := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
  --exclude-newer "7 days" --no-emit-index-url --no-emit-find-links --no-header --no-annotate
LOCK := $(PINNED) pyproject.toml requirements-build.in

lock: .venv/ready-dev  ## pin again after pyproject.toml has changed [UP=--upgrade]
	$(LOCK) $(UP) --output-file requirements.txt
	$(LOCK) $(UP) --output-file requirements-dev.txt --extra documents --extra fabric --extra hsm \
	  --extra linkage-peers --group dev
	$(subst pyproject.toml,--group chaincode,$(LOCK)) $(UP) --output-file requirements-fabric.txt
	$(LOCK) $(UP) --output-file requirements-spark.txt --extra spark
	$(PINNED) $(UP) --output-file requirements-fuzz.txt --group fuzz

scale: .venv-scale/ready  ## candidates of matching on Spark too; needs Java 17 [WORLDS="folder ..."]
	@.venv-scale/bin/python bench/scale.py $(WORLDS)

fabric: .venv/ready-dev .venv-fabric/ready  ## checkpoints into a real Hyperledger Fabric; needs Go
	bash tools/install_fabric.sh
	cd tests && ../$(BIN)/python -m support.fabric_trial

clean:  ## forget everything that was made here
	rm -rf .venv .venv-fabric .venv-scale var dist .coverage .pytest_cache .mypy_cache .ruff_cache .hypothesis \
	  .import_linter_cache
	find src tests tools -name __pycache__ -type d -prune -exec rm -rf {} +

# What is installed is what the files say: a changed file installs again, else nothing is done.
.venv/ready: requirements.txt pyproject.toml
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || PYTHON="$(PYTHON)" bash tools/new_venv.sh
	@echo "tallyport: installing into .venv (a few minutes the first time)" >&2
	@$(PIP) --require-hashes --requirement requirements.txt >&2
	@$(PIP) --no-deps --no-build-isolation --editable . >&2
	@touch $@

.venv/ready-dev: requirements-dev.txt .venv/ready
	@echo "tallyport: installing the developers' tools into .venv" >&2
	@$(PIP) --require-hashes --requirement requirements-dev.txt >&2
	@touch $@

# The chaincode's environment: its pins conflict with others.
.venv-fabric/ready: requirements-fabric.txt .venv/ready
	@echo "tallyport: installing the chaincode's environment into .venv-fabric" >&2
	@test -x .venv-fabric/bin/pip || $(BIN)/python -m venv .venv-fabric
	@.venv-fabric/bin/python -m pip --quiet --disable-pip-version-check install --require-hashes \
	  --requirement requirements-fabric.txt >&2
	@.venv-fabric/bin/python -m pip --quiet --disable-pip-version-check install --no-deps \
	  --no-build-isolation --editable . >&2
	@touch $@

# Spark is half a gigabyte: it has an environment of its own.
.venv-scale/ready: requirements-spark.txt .venv/ready
	@command -v java >/dev/null || { echo "tallyport: expected Java 17 for Spark, found none" >&2; exit 1; }
	@echo "tallyport: installing Spark into .venv-scale" >&2
	@test -x .venv-scale/bin/pip || $(BIN)/python -m venv .venv-scale
	@.venv-scale/bin/python -m pip --quiet --disable-pip-version-check install --require-hashes \
	  --requirement requirements-spark.txt >&2
	@.venv-scale/bin/python -m pip --quiet --disable-pip-version-check install --no-deps \
	  --no-build-isolation --editable . >&2
	@touch $@

.venv/ready-fuzz: requirements-fuzz.txt .venv/ready-dev
	@echo "tallyport: installing the fuzzer into .venv" >&2
	@$(PIP) --require-hashes --requirement requirements-fuzz.txt >&2
	@touch $@
