"""Forgetting what is old, once a day in each company."""

from contextlib import closing
from datetime import timedelta

import psycopg2
import pytest
from structlog.testing import capture_logs

from crmtenant.api.crm import ENTITIES
from crmtenant.api.entities.registration import entity_tree_of
from crmtenant.db.admin import log_pruning
from crmtenant.services.jobs import retention
from crmtenant.services.jobs.retention import Retention
from tests.integration.saving import address_of

DAY = timedelta(days=1)


class Forgetting:
    """Forgets in the companies of an installation at a certain time."""

    def __init__(self, morning):
        self.morning, self.installation = morning, morning.installation
        self.retention = self.process()

    def process(self):
        of = self.installation
        entities = entity_tree_of(ENTITIES).entities
        kept = {"trash_days": 90, "history_days": 730}
        return Retention(
            of.catalog, of.servers, of.addresses, entities, **kept, clock=lambda: self.morning.moment
        )

    def in_company(self, company, statement, *values):
        with closing(address_of(self.installation, company).connect()) as connection, connection:
            with connection.cursor() as cursor:
                cursor.execute(statement, values)
                return cursor.fetchall() if cursor.description else []

    def trashed(self, company, title, days_ago, **values):
        self.morning.task(company, title, deleted_at=self.morning.moment - days_ago * DAY, **values)

    def titles(self, company):
        return [title for (title,) in self.in_company(company, "SELECT title FROM task ORDER BY id")]

    def remember(self, company, days_ago, count=1):
        """A batch that long ago, with a line of the log and a row."""
        at = self.morning.moment - days_ago * DAY
        self.in_company(
            company,
            "WITH made AS (INSERT INTO batch (kind, at, by, noun, summary)"
            " VALUES ('bulk', %s, 'u', 'task', '{}') RETURNING id),"
            " rows AS (INSERT INTO batch_row SELECT id, 'task', row_id, 'changed', '{}', 2"
            " FROM made, generate_series(1, %s) AS row_id)"
            " INSERT INTO change (seq, number, at, by, cause, noun, row_id, version, verb, changes, contact_ids)"
            " SELECT (SELECT coalesce(max(seq), 0) + 1 FROM change), number, %s, 'u', 'person', 'task', 1, 1,"
            " 'changed', '{}', '{}' FROM generate_series(1, %s) AS number",
            at,
            count,
            at,
            count,
        )

    def counts(self, company):
        tables = ("change", "batch", "batch_row")
        return [self.in_company(company, f"SELECT count(*) FROM {table}")[0][0] for table in tables]


@pytest.fixture
def forgetting(morning):
    return Forgetting(morning)


def test_the_trash_is_emptied_of_what_is_older_and_the_log_says_so(morning, forgetting, monkeypatch):
    monkeypatch.setattr(retention, "ROWS_AT_ONCE", 2)
    company, _ = morning.company()
    morning.task(company, "live")
    for number in range(5):
        forgetting.trashed(company, f"old {number}", 91)
    forgetting.trashed(company, "young", 89)
    assert forgetting.retention.forget_due() == 1
    assert forgetting.titles(company) == ["live", "young"]
    told = "SELECT noun, verb, by, cause, changes FROM change WHERE verb = 'purged'"
    assert forgetting.in_company(company, told) == [("task", "purged", "worker", "retention", {})] * 5


def test_views_that_are_nobody_elses_go_too(morning, forgetting):
    company, _ = morning.company()
    forgetting.in_company(
        company,
        "INSERT INTO saved_view (created_at, updated_at, created_by, updated_by, version, name, name_key, page, query, is_shared,"
        " deleted_at, deleted_by) VALUES (now(), now(), 'u_a', 'u_a', 1, 'Mine', 'mine', 'tasks', '{}', false, %s, 'u_a')",
        morning.moment - 91 * DAY,
    )
    forgetting.retention.forget_due()
    assert forgetting.in_company(company, "SELECT * FROM saved_view") == []
    assert forgetting.in_company(company, "SELECT audience FROM change") == [("u_a",)]


def test_log_and_batches_are_pruned_in_slices(morning, forgetting, monkeypatch):
    monkeypatch.setattr(log_pruning, "AT_ONCE", 3)
    company, _ = morning.company()
    before = forgetting.counts(company)
    for days_ago, count in ((740, 4), (731, 1), (729, 2), (31, 5), (29, 1)):
        forgetting.remember(company, days_ago, count)
    assert forgetting.retention.forget_due() == 1
    changes, batches, rows = forgetting.counts(company)
    assert (changes - before[0], batches, rows) == (2 + 5 + 1, 3, 1)


def test_it_is_done_once_a_day_and_again_by_another_process(morning, forgetting):
    company, _ = morning.company()
    assert [forgetting.retention.forget_due() for _ in range(2)] == [1, 0]
    forgetting.trashed(company, "old", 91)
    assert forgetting.process().forget_due() == 1
    assert forgetting.titles(company) == []
    morning.moment += DAY
    assert forgetting.retention.forget_due() == 1


def test_a_company_that_cannot_be_read_holds_nobody_up(morning, forgetting):
    broken, fine = (morning.company(name)[0] for name in ("Broken", "Fine"))
    forgetting.trashed(fine, "old", 91)
    installation = forgetting.installation
    database = address_of(installation, broken).database
    installation.do("ALTER TABLE task RENAME TO task_elsewhere", database=database)
    with capture_logs() as logs:
        assert forgetting.retention.forget_due() == 1
    assert [line["tenant_id"] for line in logs if line["event"] == "company_not_forgotten"] == [broken]
    assert forgetting.titles(fine) == []
    installation.do("ALTER TABLE task_elsewhere RENAME TO task", database=database)
    assert forgetting.retention.forget_due() == 0
    morning.moment += timedelta(hours=1)
    assert forgetting.retention.forget_due() == 1


def test_only_active_companies_of_this_schema_are_visited(morning, forgetting):
    company, _ = morning.company()
    installation = forgetting.installation
    installation.rows("UPDATE tenant SET schema_revision = '0009' WHERE id = :id RETURNING 1", id=company)
    assert forgetting.retention.forget_due() == 0


def test_the_companys_role_prunes_nothing(morning, forgetting):
    company, _ = morning.company()
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        forgetting.in_company(company, "DELETE FROM change")
