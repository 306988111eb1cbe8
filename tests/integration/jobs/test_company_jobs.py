"""What owners ask for is done by a worker, and only for those who still own the company."""

from __future__ import annotations

import pytest

from crmtenant.errors import Conflict, NotFound
from crmtenant.services.tenants.company_jobs import Asker
from tests.integration.installation import new_company
from tests.integration.jobs.asking import backed_up, ended, sandbox
from tests.integration.saving import contents_of


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
    backup_id = backed_up(jobs, owner, runner)
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
    job = sandbox(jobs, owner, runner)
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
    job = sandbox(jobs, owner, runner)
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
        backed_up(jobs, owner, runner)
    with pytest.raises(Conflict, match="today"):
        jobs.ask_backup(owner)
    assert jobs.allowances(owner)["backup"].used == 3


def test_sandboxes_count_as_long_as_they_live_and_have_none_themselves(installation, owner, jobs, runner):
    first = sandbox(jobs, owner, runner)
    sandbox(jobs, owner, runner)
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
    backup_id = backed_up(jobs, owner, runner)
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
    backup_id = backed_up(jobs, owner, runner)
    job = jobs.ask_restore(owner, backup_id, "Again")
    with installation.catalog.begin() as session:
        session.connection().exec_driver_sql("DELETE FROM backup")
    runner.run_waiting()
    assert ended(jobs, owner, job).problem == "backup_gone"
    backup_id = backed_up(jobs, owner, runner)
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


def _join(installation, owner, user_id):
    with installation.catalog.begin() as session:
        session.connection().exec_driver_sql(
            "INSERT INTO user_company_map (login_id, tenant_id, role, state, created_at, changed_at)"
            " VALUES (%s, %s, 'admin', 'active', now(), now())",
            (user_id, owner.company_id),
        )
