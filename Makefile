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

# What can depend on PostgreSQL's version or on who administers it: roles and their passwords, making and dropping
# databases, registration, migrations, dumps, moving, what the doctor sees in the system's catalogs, who is isolated from
# whom, figures, quotas, journal and receipts, every endpoint of the API once, and the SQL of lists, filters, search,
# imports and masking. The rest of the tests ask Python (which steps follow which, shapes, permissions, files, days,
# pages), or start the PostgreSQL 18 that comes along. Killed operations have sent the SQL that whole ones send, so only registrations and spares are killed here.
TRANSFER_16 := test_imports.py test_exports.py
BACKUPS_16 := test_making.py test_restoring.py
FLEET_16 := test_migration.py test_migration_verbatim.py test_moving.py test_servers.py test_spares.py \
	test_moves_interrupted.py \
	test_going_back.py::test_a_migrated_company_goes_back_and_what_was_written_is_kept \
	test_going_back.py::test_databases_are_cloned_where_the_server_is_set_up_to
JOBS_16 := test_essentials_copies.py test_measuring.py test_reconciler.py \
	test_masked_copies.py \
	test_company_jobs.py::test_a_backup_becomes_a_new_company_and_the_living_one_stays
CRM_16 := test_items.py test_lists.py test_filters.py test_overview.py test_bulk.py test_boards.py test_views.py \
	test_similar_contacts.py test_change_log.py test_entries.py test_timeline.py
SERVING_16 := test_without_rights.py \
	test_role_secret_renewed.py::test_every_role_gets_a_new_password_and_nobody_at_work_is_refused
# What operators have: one test of each thing that has SQL of its own.
OPERATORS_16 := integration/fleet/test_identity.py::test_nobody_is_served_a_database_that_another_one_replaced \
	integration/jobs/test_broken_off.py \
	integration/cli/test_commands.py::test_a_company_from_its_beginning_to_its_end \
	functional/cli/test_figures.py \
	functional/cli/test_journal.py::test_lines_are_neither_changed_nor_removed \
	functional/cli/test_receipts.py::test_a_receipt_says_what_when_by_whom_and_of_which_backup \
	functional/serving/test_fleet_page.py::test_an_operator_signs_in_and_sees_the_fleet \
	functional/tenants/test_quotas.py::test_rows_beyond_the_quota_are_refused_and_the_rest_goes_on \
	functional/tenants/test_support.py::test_an_operator_is_somebody_of_their_own_and_what_they_do_is_theirs
ON_16 := tests/integration/crm tests/integration/db tests/integration/identity tests/integration/members \
	tests/integration/monitoring tests/integration/tenants \
	tests/integration/recovery/test_catalog_recovery.py::test_nothing_is_lost_with_the_catalog \
	tests/integration/doctor/test_doctor.py tests/integration/doctor/test_doctor_catalog.py \
	$(BACKUPS_16:%=tests/integration/backups/%) $(FLEET_16:%=tests/integration/fleet/%) \
	$(JOBS_16:%=tests/integration/jobs/%) $(TRANSFER_16:%=tests/integration/transfer/%) \
	$(CRM_16:%=tests/functional/crm/%) $(SERVING_16:%=tests/functional/serving/%) \
	$(OPERATORS_16:%=tests/%) tests/functional/transfer/test_company_exported.py \
	tests/functional/test_durability.py tests/functional/test_isolation.py \
	--ignore tests/integration/db/embedded \
	--ignore tests/integration/db/test_postgresql_killed.py \
	--deselect tests/integration/fleet/test_migration.py::test_a_migration_killed_anywhere_leaves_each_company_wholly_old_or_new \
	--deselect tests/integration/fleet/test_moves_interrupted.py::test_a_move_killed_anywhere_leaves_the_company_whole \
	--deselect tests/functional/crm/test_bulk.py::test_a_thousand_rows_at_once \
	--deselect tests/functional/test_isolation.py::test_threads_never_meet_the_other_company

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
		tests/integration/fleet/test_moves_interrupted.py tests/integration/fleet/test_spares.py \
		tests/integration/recovery/test_catalog_recovery.py tests/integration/fleet/test_going_back.py \
		tests/integration/fleet/test_going_back_killed.py \
		tests/integration/fleet/test_older_catalog.py tests/integration/jobs/test_company_jobs_interrupted.py \
		tests/functional/test_isolation.py tests/functional/crm/test_occurrences.py \
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
