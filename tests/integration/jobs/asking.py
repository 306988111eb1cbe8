"""Jobs that owners ask for, and what became of them."""

from __future__ import annotations


def ended(jobs, owner, job):
    return jobs.get(owner.company_id, job.id)


def backed_up(jobs, owner, runner):
    job = jobs.ask_backup(owner)
    runner.run_waiting()
    job = ended(jobs, owner, job)
    assert job.state == "done"
    return job.backup_id


def sandbox(jobs, owner, runner, *, is_masked=False):
    job = jobs.ask_sandbox(owner, "Northwind sandbox", is_masked=is_masked, days=14)
    runner.run_waiting()
    job = ended(jobs, owner, job)
    assert (job.state, job.problem) == ("done", None)
    return job
