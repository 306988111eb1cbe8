.DEFAULT_GOAL := help
PORT ?= 6543
DATA ?= $(CURDIR)/var
PYTHON ?= python3
BIN := .venv/bin
export CRMTENANT_PORT := $(PORT)
export CRMTENANT_DATA := $(abspath $(DATA))

help: ## show this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.venv/run: setup.py
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "Installing crmtenant into .venv ..."
	@$(BIN)/pip install --quiet --disable-pip-version-check -e .
	@touch $@

.venv/test: setup.py
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "Installing crmtenant and its test tools into .venv ..."
	@$(BIN)/pip install --quiet --disable-pip-version-check -e ".[test]"
	@touch $@ .venv/run

run: .venv/run ## run everything: API, page, embedded PostgreSQL, demo company (PORT=, DATA=)
	@exec $(BIN)/pserve development.ini

test: .venv/test ## run every test against real PostgreSQL, started by the tests themselves
	$(BIN)/pytest -n 2 --dist loadgroup

format: .venv/test ## rewrite the code in its one format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lint: .venv/test ## check format, style, types and layers
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

sure: lint test ## the one word before pushing: format, lint, types, layers, all tests

bench: .venv/test ## measure, as ratios to controls in the same run; writes bench/RESULTS.md
	$(BIN)/python -m bench

clean: ## remove what can be built again (never your data)
	rm -rf .venv build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis

.PHONY: help run test format lint sure bench clean
