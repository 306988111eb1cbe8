"""What owners ask for is done by a worker, once, wherever one is killed, and only for those who still own the company."""

from __future__ import annotations

import json
import threading

import pytest
from sqlalchemy import ARRAY, Text
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR

from crmtenant import advisory_locks
from crmtenant.errors import Conflict, NotFound
from crmtenant.models.tenant import metadata
from crmtenant.services.crm.masking import EMPTIED, KEPT, masked_columns
from crmtenant.services.jobs.company_jobs import CompanyJobRunner
from crmtenant.services.tenants.company_jobs import Asker, CompanyJobs, JobLimits
from tests.integration.installation import new_company
from tests.integration.killing import do_jobs_and_die, wait_until_its_lock_is_free
from tests.integration.saving import address_of, busy_company, contents_of
from tests.nouns import NOUNS


@pytest.fixture
def operations(installation, tmp_path):
    return installation.operations(tmp_path / "backups")


@pytest.fixture
def owner(installation):
    return Asker(*busy_company(installation))


@pytest.fixture
def jobs(installation):
    return CompanyJobs(installation.catalog, JobLimits(backups=3, restores=1, sandboxes=2))


@pytest.fixture
def runner(installation, operations):
    return CompanyJobRunner(installation.catalog, operations.apart, NOUNS)


def ended(jobs, owner, job):
    return jobs.get(owner.company_id, job.id)


def test_a_backup_is_made_and_proven(operations, owner, jobs, runner):
    job = jobs.ask_backup(owner)
    assert (job.state, job.progress) == ("waiting", 0)
    assert runner.run_waiting() == 1
    job = ended(jobs, owner, job)
    assert (job.state, job.progress, job.problem) == ("done", 100, None)
    (entry,) = operations.backups.entries()
    assert entry.proven_at is not None
    assert runner.run_waiting() == 0


def test_a_backup_becomes_a_new_company_and_the_living_one_stays(installation, owner, jobs, runner):
    before = contents_of(installation, owner.company_id)
    backup_id = _backed_up(jobs, owner, runner)
    job = jobs.ask_restore(owner, backup_id, "Northwind in spring")
    runner.run_waiting()
    job = ended(jobs, owner, job)
    assert (job.state, job.company_name, job.company_expires_at) == ("done", "Northwind in spring", None)
    assert contents_of(installation, owner.company_id) == before
    assert contents_of(installation, job.company_id).tables.keys() == before.tables.keys()
    assert installation.company_rows(job.company_id)[0][:3] == (
        job.company_id,
        "Northwind in spring",
        owner.user_id,
    )
    installation.assert_no_orphans()


def test_only_who_asked_enters_the_copy_and_the_others_are_known_by_name(installation, owner, jobs, runner):
    colleague = installation.registrar.register(new_company("Other"))
    _join(installation, owner, colleague.user_id)
    job = _sandbox(jobs, owner, runner)
    members = installation.rows(
        "SELECT login_id, role, state FROM user_company_map WHERE tenant_id = :id", id=job.company_id
    )
    assert set(members) == {(owner.user_id, "owner", "active"), (colleague.user_id, "admin", "removed")}


def test_who_does_not_own_the_company_any_more_gets_no_copy_of_it(installation, owner, jobs, runner):
    job = jobs.ask_sandbox(owner, "Trial", is_masked=False, days=3)
    with installation.catalog.begin() as session:
        session.connection().exec_driver_sql("UPDATE user_company_map SET role = 'admin'")
    runner.run_waiting()
    job = ended(jobs, owner, job)
    assert (job.state, job.problem, job.company_id) == ("failed", "not_owner", None)
    assert installation.rows("SELECT count(*) FROM tenant") == [(1,)]
    assert installation.rows("SELECT count(*) FROM set_aside") == [(0,)]


def test_a_sandbox_sends_no_mails_and_expires(installation, owner, jobs, runner):
    job = _sandbox(jobs, owner, runner)
    ((is_neutral, days),) = installation.rows(
        "SELECT is_neutral, expires_at::date - now()::date FROM tenant WHERE id = :id", id=job.company_id
    )
    assert (is_neutral, days) == (True, 14)


def test_one_at_a_time_and_within_the_allowance(owner, jobs, runner):
    jobs.ask_backup(owner)
    with pytest.raises(Conflict, match="not ended"):
        jobs.ask_backup(owner)
    with pytest.raises(Conflict, match="not ended"):
        jobs.ask_sandbox(owner, "Trial", is_masked=True, days=3)
    runner.run_waiting()
    for _ in range(2):
        _backed_up(jobs, owner, runner)
    with pytest.raises(Conflict, match="today"):
        jobs.ask_backup(owner)
    assert jobs.allowances(owner)["backup"].used == 3


def test_sandboxes_count_as_long_as_they_live_and_have_none_themselves(installation, owner, jobs, runner):
    first = _sandbox(jobs, owner, runner)
    _sandbox(jobs, owner, runner)
    with pytest.raises(Conflict, match="as many sandboxes"):
        jobs.ask_sandbox(owner, "Third", is_masked=True, days=3)
    with installation.catalog.begin() as session:
        session.connection().exec_driver_sql(
            "UPDATE tenant SET state = 'deleting' WHERE id = %s", (first.company_id,)
        )
    assert jobs.allowances(owner)["sandbox"].used == 1
    in_it = Asker(first.company_id, owner.user_id, first.company_expires_at)
    with pytest.raises(Conflict, match="cannot be copied"):
        jobs.ask_sandbox(in_it, "Copy of a copy", is_masked=True, days=3)


def test_nothing_of_another_company_can_be_asked_for(installation, owner, jobs, runner):
    backup_id = _backed_up(jobs, owner, runner)
    stranger = installation.registrar.register(new_company("Stranger"))
    other = Asker(stranger.tenant_id, stranger.user_id)
    ((job_id,),) = installation.rows("SELECT id FROM company_job")
    for attempt in (
        lambda: jobs.ask_restore(other, backup_id, "Mine"),
        lambda: jobs.get(other.company_id, job_id),
        lambda: jobs.cancel(other.company_id, job_id),
    ):
        with pytest.raises(NotFound):
            attempt()
    assert jobs.newest(other.company_id) == []


def test_a_damaged_backup_is_refused_and_one_that_is_gone_is_said_to_be(installation, owner, jobs, runner):
    backup_id = _backed_up(jobs, owner, runner)
    job = jobs.ask_restore(owner, backup_id, "Again")
    with installation.catalog.begin() as session:
        session.connection().exec_driver_sql("DELETE FROM backup")
    runner.run_waiting()
    assert ended(jobs, owner, job).problem == "backup_gone"
    backup_id = _backed_up(jobs, owner, runner)
    with installation.catalog.begin() as session:
        session.connection().exec_driver_sql("UPDATE backup SET problem = 'torn'")
    with pytest.raises(Conflict, match="damaged"):
        jobs.ask_restore(owner, backup_id, "Again")


def test_a_job_that_has_not_begun_is_cancelled_at_once(owner, jobs, runner):
    job = jobs.ask_backup(owner)
    assert jobs.cancel(owner.company_id, job.id).state == "cancelled"
    assert runner.run_waiting() == 0
    with pytest.raises(Conflict, match="ended"):
        jobs.cancel(owner.company_id, job.id)
    jobs.ask_backup(owner)


@pytest.mark.parametrize("kind", ["backup", "sandbox"])
def test_a_job_that_is_being_done_is_broken_off(kind, installation, operations, owner, jobs, monkeypatch):
    """Here in the middle of proving or of the copy, which would never end."""
    begun = threading.Event()

    def endless(self, database, *_):
        begun.set()
        with self._snapshot(self._server.admin(database)) as (_, cursor):
            cursor.execute("SELECT pg_sleep(100)")

    monkeypatch.setattr("crmtenant.db.admin.dumps.Dumps.compare", endless)
    monkeypatch.setattr("crmtenant.services.jobs.company_jobs.LOOK_SECONDS", 0.05)
    job = (
        jobs.ask_backup(owner)
        if kind == "backup"
        else jobs.ask_sandbox(owner, "Trial", is_masked=True, days=3)
    )
    runner = CompanyJobRunner(installation.catalog, operations.apart, NOUNS)
    running = threading.Thread(target=runner.run_waiting)
    running.start()
    assert begun.wait(20)
    assert jobs.cancel(owner.company_id, job.id).is_cancelled
    running.join(20)
    assert ended(jobs, owner, job).state == "cancelled"
    assert operations.backups.entries() == []
    assert list((operations.backups.directory).glob("*")) == []
    installation.assert_no_orphans()


def test_a_worker_that_stops_leaves_the_job_to_the_next(installation, operations, owner, jobs, monkeypatch):
    runner = CompanyJobRunner(installation.catalog, operations.apart, NOUNS)
    job = jobs.ask_backup(owner)
    monkeypatch.setattr(runner, "_is_cancelled", lambda _: runner.stop() or False)
    monkeypatch.setattr("crmtenant.services.jobs.company_jobs.LOOK_SECONDS", 0.0)
    monkeypatch.setattr(
        "crmtenant.db.admin.dumps.Dumps.compare",
        lambda self, database, _: self._interrupts.is_set or _until(lambda: self._interrupts.is_set),
    )
    runner.run_waiting()
    assert ended(jobs, owner, job).state == "waiting"
    monkeypatch.undo()
    CompanyJobRunner(installation.catalog, operations.apart, NOUNS).run_waiting()
    assert ended(jobs, owner, job).state == "done"
    assert len(operations.backups.entries()) == 1  # it was not made twice, only proven by the second


STEPS = [
    ("crmtenant.services.backups.saving:Backups.make", "before"),
    ("crmtenant.services.backups.saving:Backups.make", "after"),
    ("crmtenant.services.backups.restoring:Restorer._fill", "before"),
    ("crmtenant.services.backups.restoring:Restorer._finish", "after"),
    ("crmtenant.db.admin.provisioning:Provisioner.label_database", "before"),
]


@pytest.mark.sampled(2)
@pytest.mark.parametrize(("where", "moment"), STEPS)
def test_a_killed_job_is_done_once(where, moment, installation, operations, owner, jobs, runner):
    is_backup = "saving" in where
    job = jobs.ask_backup(owner) if is_backup else jobs.ask_sandbox(owner, "Trial", is_masked=False, days=3)
    do_jobs_and_die(installation, operations.backups.directory, where, moment)
    wait_until_its_lock_is_free(installation, advisory_locks.company_job(job.id))
    runner.run_waiting()
    operations.cleanup.sweep()
    reconciler = installation.reconciler()
    reconciler.reconcile()
    job = ended(jobs, owner, job)
    assert job.state == "done"
    companies = installation.rows("SELECT count(*) FROM tenant")
    assert companies == [(1 if is_backup else 2,)]
    installation.assert_no_orphans()


def test_a_job_that_kills_its_workers_fails_after_two(installation, operations, owner, jobs, runner):
    job = jobs.ask_backup(owner)
    for _ in range(2):
        do_jobs_and_die(
            installation,
            operations.backups.directory,
            "crmtenant.services.backups.saving:Backups.make",
            "before",
        )
        wait_until_its_lock_is_free(installation, advisory_locks.company_job(job.id))
    runner.run_waiting()
    job = ended(jobs, owner, job)
    assert (job.state, job.problem) == ("failed", "interrupted")


WORDS = "Zanzibar"


def test_nothing_that_people_wrote_is_in_a_masked_copy(installation, owner, jobs, runner):
    with installation.broker.begin(address_of(installation, owner.company_id)) as session:
        connection = session.connection()
        for statement in PLANTED:
            connection.exec_driver_sql(statement.replace("W!", WORDS))
    job = _sandbox(jobs, owner, runner, is_masked=True)
    original = _everything(installation, owner.company_id)
    copy = _everything(installation, job.company_id)
    assert WORDS.lower() in original.lower()
    assert WORDS.lower() not in copy.lower()
    for table in ("contact", "project", "task", "board_column"):
        counts = (
            _rows(installation, company, f"SELECT count(*), count(deleted_at) FROM {table}")
            for company in (owner.company_id, job.company_id)
        )
        first, second = counts
        assert first == second


def test_a_masked_copy_can_be_searched_and_its_tags_still_tell_rows_apart(installation, owner, jobs, runner):
    job = _sandbox(jobs, owner, runner, is_masked=True)
    found = _rows(
        installation,
        job.company_id,
        "SELECT id, name, name_key, emails->0->>'value', email_keys[1], phones->0->>'e164', phone_keys[1]"
        " FROM contact WHERE kind = 'person' AND emails <> '[]' AND phones <> '[]'"
        " AND search @@ 'person'::tsquery ORDER BY id LIMIT 1",
    )
    ((row_id, name, key, email, email_key, dialled, phone_key),) = found
    assert (name, key, email, email_key) == (
        f"Person {row_id}",
        f"person {row_id}",
        f"person{row_id}@example.com",
        f"person{row_id}@example.com",
    )
    assert dialled == phone_key
    by_tag = "SELECT tag, count(*) FROM {}, unnest({}) AS tag GROUP BY tag ORDER BY count(*)"
    for table, column in (("contact", "tags"), ("task", "labels")):
        question = by_tag.format(table, column)
        before, after = (
            [count for _, count in _rows(installation, company, question)]
            for company in (owner.company_id, job.company_id)
        )
        assert before == after


TEXTS = (Text, JSONB, ARRAY, TSVECTOR)


def test_every_column_that_holds_words_is_replaced_or_kept_with_a_reason():
    """Whoever adds a column decides whether it is personal."""
    masked = masked_columns("salt")
    for table in metadata.sorted_tables:
        if table.name in EMPTIED:
            continue
        words = {
            column.name
            for column in table.columns
            if isinstance(column.type, TEXTS) or column.name == "search"
        }
        decided = masked.get(table.name, {}).keys() | KEPT.get(table.name, frozenset())
        assert words - decided == set(), f"{table.name}: is it personal?"
        assert decided - {column.name for column in table.columns} == set()


PLANTED = (
    (
        "UPDATE contact SET name = 'W! ' || id, prefix = 'W!', given_name = 'W!', middle_name = 'W!', family_name = 'W!',"
        " suffix = 'W!', nickname = 'W!', job_title = 'W!', department = 'W!', note = 'W!', source = 'W!', tags = '{W!,b}',"
        ' custom = \'{"W!": "W!"}\', emails = \'[{"label": "W!", "value": "W!@w.example", "is_primary": true}]\','
        ' phones = \'[{"label": "W!", "value": "W!", "e164": "W!", "is_primary": true}]\','
        " addresses = '[{\"street\": \"W!\"}]', urls = '[{\"value\": \"W!\"}]', name_key = 'W!', match_key = 'W!',"
        " email_keys = '{W!}', phone_keys = '{W!}', countries = '{W!}', source_keys = '{W!}',"
        " search = to_tsvector('simple', 'W!')"
    ),
    (
        "UPDATE project SET name = 'W!', description = 'W!', tags = '{W!}', name_key = 'W!',"
        " search = to_tsvector('simple', 'W!')"
    ),
    "UPDATE board_column SET name = 'W!'",
    (
        "UPDATE task SET title = 'W!', description = 'W!', labels = '{W!}', title_key = 'W!',"
        " search = to_tsvector('simple', 'W!')"
    ),
    (
        "INSERT INTO saved_view (name, page, query, is_shared, name_key, created_at, updated_at, created_by, updated_by,"
        " version) VALUES ('W!', 'tasks', '{\"q\": \"W!\"}', true, 'W!', now(), now(), 'u', 'u', 1)"
    ),
    "INSERT INTO answer (user_id, key, request_hash, body, created_at) VALUES ('u', 'W!', '\\x00', 'W!', now())",
)


def _rows(installation, company_id, statement):
    ((database,),) = installation.rows("SELECT database FROM tenant WHERE id = :id", id=company_id)
    return installation.admin(statement, database=database)


def _everything(installation, company_id):
    """All rows of all tables as text."""
    found = []
    for table in metadata.sorted_tables:
        question = f"SELECT row_to_json(line)::text FROM {table.name} AS line"
        found += [text for (text,) in _rows(installation, company_id, question)]
    answers = _rows(
        installation, company_id, "SELECT convert_from(body, 'UTF8') FROM answer WHERE body IS NOT NULL"
    )
    return json.dumps([found, answers])


def _backed_up(jobs, owner, runner):
    job = jobs.ask_backup(owner)
    runner.run_waiting()
    job = ended(jobs, owner, job)
    assert job.state == "done"
    return job.backup_id


def _sandbox(jobs, owner, runner, *, is_masked=False):
    job = jobs.ask_sandbox(owner, "Northwind sandbox", is_masked=is_masked, days=14)
    runner.run_waiting()
    job = ended(jobs, owner, job)
    assert (job.state, job.problem) == ("done", None)
    return job


def _join(installation, owner, user_id):
    with installation.catalog.begin() as session:
        session.connection().exec_driver_sql(
            "INSERT INTO user_company_map (login_id, tenant_id, role, state, created_at, changed_at)"
            " VALUES (%s, %s, 'admin', 'active', now(), now())",
            (user_id, owner.company_id),
        )


def _until(condition):
    deadline = threading.Event()
    for _ in range(2000):
        if condition():
            return []
        deadline.wait(0.01)
    raise AssertionError("it was not broken off")
