.DEFAULT_GOAL := help
PORT ?= 6543
DATA ?= $(CURDIR)/var
PYTHON ?= python3
# Tests wait more than they compute: three at a time keep two cores busy, four are slower.
AT_ONCE ?= 3
BIN := .venv/bin
# Side by side, each one's output in one piece, and all of them also when one fails.
BESIDE := $(MAKE) --no-print-directory --jobs 2 --keep-going --output-sync=target
# Some containers forbid it; then each of the many processes of a test run would compile everything anew.
unexport PYTHONDONTWRITEBYTECODE
export CRMTENANT_PORT := $(PORT)
export CRMTENANT_DATA := $(abspath $(DATA))

help: ## show this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## /{printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

PAGE_SOURCES := $(shell find frontend -name node_modules -prune -o -type f -print 2>/dev/null)

.venv/python:
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@touch $@

.venv/run: .venv/python setup.py build_page.py $(PAGE_SOURCES)
	@echo "Installing crmtenant into .venv and building its page ..."
	@$(BIN)/pip install --quiet --disable-pip-version-check -e .
	@touch $@

.venv/test: .venv/python setup.py build_page.py $(PAGE_SOURCES)
	@echo "Installing crmtenant and its test tools into .venv and building its page ..."
	@$(BIN)/pip install --quiet --disable-pip-version-check -e ".[test]"
	@touch $@ .venv/run

run: .venv/run ## run everything: API, page, embedded PostgreSQL, demo company (PORT=, DATA=)
	@exec $(BIN)/pserve development.ini

dev: .venv/run ## run everything, reloading what is changed (page on PORT + 1)
	@exec $(BIN)/python build_page.py dev

page: .venv/python ## build the page, showing what npm says
	$(BIN)/python build_page.py

wheel: export CRMTENANT_PAGE := required
wheel: .venv/python ## build a wheel to release, with the page or not at all
	$(BIN)/pip wheel --quiet --no-deps --wheel-dir dist .

test: .venv/test ## run every test: real PostgreSQL, started by the tests themselves, and a real browser
	@.ci/parts server-test e2e

server-test: .venv/test ## run the tests that need no browser
	$(BIN)/pytest -n $(AT_ONCE) --dist loadgroup --ignore tests/e2e

# What can depend on PostgreSQL's version or on who administers it: roles, databases, registration, backups,
# migrations, moving, isolation, figures, journal and receipts, every write of the API once, and the SQL of lists, filters and search. The rest of the
# tests ask Python (shapes, permissions, files, cells, days, pages) or start the PostgreSQL 18 that comes along. What is
# killed at each step sends the SQL that the whole operation sends, so of kills only those of registering, spares and
# moving are repeated.
ON_16 := tests/integration \
	--ignore tests/integration/db/embedded \
	--ignore tests/integration/db/test_postgresql_killed.py \
	--ignore tests/integration/backups/test_integrity.py \
	--ignore tests/integration/backups/test_killed.py \
	--ignore tests/integration/backups/test_under_load.py \
	--ignore tests/integration/fleet/test_going_back_killed.py \
	--ignore tests/integration/fleet/test_migration_killed.py \
	--ignore tests/integration/fleet/test_migration_by_python.py \
	--ignore tests/integration/transfer/test_odd_cells.py \
	--deselect tests/integration/transfer/test_import_identity.py::test_many_at_one_address_take_time_in_proportion \
	--deselect tests/integration/transfer/test_import_cost.py::test_thousands_of_rows_take_little_time \
	--deselect tests/integration/transfer/test_import_cost.py::test_three_times_the_rows_take_the_same_memory \
	--deselect tests/integration/transfer/test_import_cost.py::test_memory_does_not_grow_with_the_rows \
	--deselect tests/integration/fleet/test_catalog_recovery.py::test_a_recovery_that_was_killed_can_be_repeated \
	--deselect tests/integration/fleet/test_migration.py::test_a_migration_killed_anywhere_leaves_each_company_wholly_old_or_new \
	tests/functional/cli tests/functional/crm tests/functional/tenants \
	tests/functional/transfer/test_company_exported.py \
	tests/functional/test_durability.py tests/functional/test_isolation.py \
	tests/functional/serving/test_fleet_page.py tests/functional/serving/test_role_secret_renewed.py \
	tests/functional/serving/test_secrets_rotated.py tests/functional/serving/test_without_rights.py

test-16: .venv/test ## run the tests that can depend on the version on a PostgreSQL 16 by TCP, as no superuser
	PYTHONPATH=. $(BIN)/python tests/postgres16.py $(BIN)/pytest -n $(AT_ONCE) --dist loadgroup $(ON_16)

format: .venv/test ## rewrite the code in its one format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

e2e: .venv/test ## run the tests that use a real browser
	$(BIN)/pytest -n 2 tests/e2e

torture: .venv/test ## the promises about kills, load and odd input, whole and many times over (less than 30 minutes)
	CRMTENANT_TORTURE=1 $(BIN)/pytest --timeout=1200 -n 2 --dist loadgroup \
		tests/integration/backups/test_under_load.py tests/integration/backups/test_integrity.py \
		tests/integration/backups/test_making.py tests/integration/backups/test_killed.py \
		tests/integration/fleet/test_migration.py tests/integration/fleet/test_migration_killed.py \
		tests/integration/fleet/test_moving.py tests/integration/fleet/test_spares.py \
		tests/integration/fleet/test_catalog_recovery.py tests/integration/fleet/test_going_back_killed.py \
		tests/integration/db/test_postgresql_killed.py \
		tests/integration/tenants/test_registration_saga.py tests/functional/serving/test_under_load.py \
		tests/functional/serving/test_role_secret_renewed.py tests/functional/identity/test_revocation.py \
		tests/functional/docs/test_schemathesis.py tests/functional/web/test_odd_headers.py \
		tests/e2e/test_accessibility.py

lint: .venv/test ## check format, style, types and layers
	@$(BESIDE) style types layers

style: .venv/test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: .venv/test
	$(BIN)/mypy

layers: .venv/test
	$(BIN)/lint-imports

page-check: .venv/test ## check the page's types and style, and run its unit tests
	$(BIN)/python build_page.py run check
	$(BIN)/python build_page.py run test

check: .venv/test ## lint and page-check, side by side
	@$(BESIDE) page-check types style layers

sure: .venv/test ## the one word before pushing: format, lint, types, layers, the page, all tests
	@.ci/parts check test

bench: .venv/test ## measure, as ratios to controls in the same run; writes bench/RESULTS.md
	$(BIN)/python -m bench

page-bench: .venv/test ## measure the page in a browser; writes bench/PAGE.md
	$(BIN)/python -m bench.page

clean: ## remove what can be built again (never your data)
	rm -rf .venv build dist *.egg-info crmtenant/page frontend/node_modules .pytest_cache .mypy_cache .ruff_cache .hypothesis

.PHONY: help run dev page wheel test test-16 server-test torture e2e format lint style types layers \
	page-check check sure bench page-bench clean
