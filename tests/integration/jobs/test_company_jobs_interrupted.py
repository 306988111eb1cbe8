"""What owners ask for is done once, wherever a worker is stopped or killed, or not at all where it is called off."""

from __future__ import annotations

import threading

import pytest

from crmtenant import advisory_locks
from crmtenant.services.jobs.company_jobs import CompanyJobRunner
from tests.integration.jobs.asking import ended
from tests.integration.killing import do_jobs_and_die, wait_until_its_lock_is_free
from tests.nouns import NOUNS


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


def _until(condition):
    deadline = threading.Event()
    for _ in range(2000):
        if condition():
            return []
        deadline.wait(0.01)
    raise AssertionError("it was not broken off")
