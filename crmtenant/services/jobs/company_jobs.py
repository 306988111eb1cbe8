"""Does what owners asked for (`tenants.company_jobs`): backups, files of them, restores as new companies, sandboxes.

A job's lock is held while it is done, so a job that says it is running and whose lock is free was killed: it is done
once more, then it has failed. What makes a company ends in one transaction of the catalog with the job, so no job
makes two. Nothing that owners see names a host, a database, a role or a file.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

import structlog
from sqlalchemy import bindparam, select, update

from crmtenant import advisory_locks
from crmtenant.clock import now
from crmtenant.db.errors import RECOVERABLE_ERRORS
from crmtenant.models.catalog.company_job import CompanyJob
from crmtenant.services.jobs.backup_files import BackupFiles
from crmtenant.services.jobs.company_job_work import CompanyJobWork, Refused, Task, Tools, end
from crmtenant.services.tenants.company_job_rows import LIVE
from crmtenant.services.tenants.job_files import JobFiles

if TYPE_CHECKING:
    from crmtenant.db.pool.catalog import Catalog
    from crmtenant.services.entities.registry import EntityRegistry

MOST_ATTEMPTS = 2
#: Seconds between two looks at whether the owner has cancelled what is being done.
LOOK_SECONDS = 1.0

log = structlog.get_logger(__name__)

_LIVE = select(CompanyJob.id).where(LIVE).order_by(CompanyJob.created_at)
_IS_CANCELLED = select(CompanyJob.is_cancelled).where(CompanyJob.id == bindparam("job_id"))


class CompanyJobRunner:
    """Does the jobs of all companies, one after the other; several workers share them.

    `tools` returns some of their own for each.
    """

    def __init__(self, catalog: Catalog, tools: Callable[[], Tools], entities: EntityRegistry) -> None:
        self._catalog = catalog
        self._tools = tools
        some = tools()
        self._servers = some.servers
        self._files = BackupFiles(catalog, entities, JobFiles(some.backups.directory))
        self._is_stopping = threading.Event()

    def run_waiting(self) -> int:
        """Do what waits, and what killed workers left; return how many jobs were done, well or not."""
        self._files.sweep()
        with self._catalog.reading() as reader:
            ids = [job_id for (job_id,) in reader.rows(_LIVE)]
        return sum(self._run(job_id) for job_id in ids)

    def stop(self) -> None:
        """Break off what is being done; the next worker begins it anew."""
        self._is_stopping.set()

    def _run(self, job_id: str) -> bool:
        if self._is_stopping.is_set():
            return False
        with self._servers.try_lock(advisory_locks.company_job(job_id)) as is_alone:
            task = self._begin(job_id) if is_alone else None
            if task is None:
                return False
            tools = self._tools()
            with _Watch(tools.servers.interrupts.set, lambda: self._is_unwanted(job_id)):
                self._do(task, tools)
        return True

    def _begin(self, job_id: str) -> Task | None:
        """Say that the job is being done and return it; None if nothing is to be done."""
        with self._catalog.begin() as session:
            job = session.get(CompanyJob, job_id, with_for_update=True)
            if job is None or job.state not in {"waiting", "running"}:
                return None
            if job.is_cancelled or job.attempts >= MOST_ATTEMPTS:
                end(job, "cancelled" if job.is_cancelled else "failed", "interrupted")
                return None
            job.state, job.started_at, job.attempts = "running", job.started_at or now(), job.attempts + 1
            job.progress, job.step = 0, None
            return Task(job.id, job.tenant_id, job.kind, job.asked_by, job.request, job.backup_id)

    def _do(self, task: Task, tools: Tools) -> None:
        work = CompanyJobWork(self._catalog, tools, self._files, task)
        try:
            work.do()
        except RECOVERABLE_ERRORS as problem:
            if self._end_badly(task, problem) == "cancelled":
                work.clean_up()
        except Exception:
            log.exception("company_job_failed", job=task.id, kind=task.kind)
            self._finish(task.id, "failed", "failed")

    def _end_badly(self, task: Task, problem: BaseException) -> str:
        """End the job that was not done, and return the state it has now."""
        if self._is_cancelled(task.id):
            return self._finish(task.id, "cancelled", None)
        if self._is_stopping.is_set():
            return self._put_back(task.id)
        log.warning("company_job_failed", job=task.id, kind=task.kind, reason=str(problem))
        return self._finish(task.id, "failed", problem.code if isinstance(problem, Refused) else "failed")

    def _is_unwanted(self, job_id: str) -> bool:
        return self._is_stopping.is_set() or self._is_cancelled(job_id)

    def _is_cancelled(self, job_id: str) -> bool:
        with self._catalog.reading() as reader:
            return reader.row(_IS_CANCELLED, {"job_id": job_id}) != (False,)

    def _finish(self, job_id: str, state: str, problem: str | None) -> str:
        with self._catalog.begin() as session:
            job = session.get(CompanyJob, job_id, with_for_update=True)
            if job is not None and job.state == "running":
                end(job, state, problem)
        return state

    def _put_back(self, job_id: str) -> str:
        """Let the next worker do it; that this one ends is no failure of the job's."""
        with self._catalog.begin() as session:
            statement = update(CompanyJob).where(CompanyJob.id == job_id, CompanyJob.state == "running")
            session.execute(statement.values(state="waiting", attempts=CompanyJob.attempts - 1))
        return "waiting"


class _Watch:
    """Breaks a job off when it is not wanted any more: looks every second, as long as the with block lasts."""

    def __init__(self, break_off: Callable[[], None], is_unwanted: Callable[[], bool]) -> None:
        self._break_off = break_off
        self._is_unwanted = is_unwanted
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._look, name="company job", daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._is_over.wait(LOOK_SECONDS):
            try:
                if self._is_unwanted():
                    self._break_off()
                    return
            except RECOVERABLE_ERRORS:
                log.warning("company_job_not_watched")
