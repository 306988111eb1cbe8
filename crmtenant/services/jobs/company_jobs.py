"""Does what owners asked for (`tenants.company_jobs`): backups, files of them, restores as new companies, sandboxes.

A job's lock is held while it is done, so a job that says it is running and whose lock is free was killed: it is done
once more, then it has failed. What makes a company ends in one transaction of the catalog with the job, so no job
makes two. Nothing that owners see names a host, a database, a role or a file.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import structlog
from sqlalchemy import bindparam, select, update

from crmtenant import advisory_locks
from crmtenant.clock import now
from crmtenant.db.admin.connection import administering
from crmtenant.db.errors import RECOVERABLE_ERRORS
from crmtenant.errors import OperatorError
from crmtenant.models.catalog.company_job import CompanyJob
from crmtenant.models.catalog.tables import Login, Membership
from crmtenant.services.backups import index
from crmtenant.services.crm.masking import masking_statements
from crmtenant.services.jobs.backup_files import BackupFiles
from crmtenant.services.tenants.company_jobs import LIVE
from crmtenant.services.tenants.job_files import JobFiles

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crmtenant.db.admin.servers import ManagedServer, ManagedServers
    from crmtenant.db.pool.catalog import Catalog
    from crmtenant.services.backups.restoring import Restorer
    from crmtenant.services.backups.saving import Backups
    from crmtenant.services.entities.registry import EntityRegistry

MOST_ATTEMPTS = 2
#: Seconds between two looks at whether the owner has cancelled what is being done.
LOOK_SECONDS = 1.0
BY = "owner"

log = structlog.get_logger(__name__)

_LIVE = select(CompanyJob.id).where(LIVE).order_by(CompanyJob.created_at)
_IS_CANCELLED = select(CompanyJob.is_cancelled).where(CompanyJob.id == bindparam("job_id"))
_FOUNDER = "UPDATE public.company SET founder_id = %s, founder_name = %s, founder_email = %s"


class Tools(Protocol):
    """What jobs are done with: operations that can be broken off apart from all others."""

    servers: ManagedServers
    backups: Backups
    restorer: Restorer


class Cancelled(OperatorError):
    """The owner does not want it any more."""


class Refused(OperatorError):
    """It cannot be done. The code is what the owner is told."""

    def __init__(self, code: str) -> None:
        super().__init__(f"The job cannot be done: {code}.")
        self.code = code


@dataclass(frozen=True, slots=True)
class Task:
    """A job that is being done."""

    id: str
    tenant_id: str
    kind: str
    asked_by: str
    request: dict[str, Any]
    backup_id: str | None


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
                _end(job, "cancelled" if job.is_cancelled else "failed", "interrupted")
                return None
            job.state, job.started_at, job.attempts = "running", job.started_at or now(), job.attempts + 1
            job.progress, job.step = 0, None
            return Task(job.id, job.tenant_id, job.kind, job.asked_by, job.request, job.backup_id)

    def _do(self, task: Task, tools: Tools) -> None:
        work = _Work(self._catalog, tools, self._files, task)
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
                _end(job, state, problem)
        return state

    def _put_back(self, job_id: str) -> str:
        """Let the next worker do it; that this one ends is no failure of the job's."""
        with self._catalog.begin() as session:
            statement = update(CompanyJob).where(CompanyJob.id == job_id, CompanyJob.state == "running")
            session.execute(statement.values(state="waiting", attempts=CompanyJob.attempts - 1))
        return "waiting"


class _Work:
    """One job, done."""

    def __init__(self, catalog: Catalog, tools: Tools, files: BackupFiles, task: Task) -> None:
        self._catalog = catalog
        self._tools = tools
        self._files = files
        self._task = task
        self._saved: Path | None = None

    def do(self) -> None:
        """Do the job and say so."""
        {
            "backup": self._back_up,
            "file": self._make_file,
            "restore": self._restore,
            "sandbox": self._make_sandbox,
        }[self._task.kind]()

    def clean_up(self) -> None:
        """Remove what was made and that nobody wants any more."""
        self._files.files.remove(self._task.id)
        if self._saved is not None:
            index.forget(self._catalog, self._saved)

    def _back_up(self) -> None:
        backups, task = self._tools.backups, self._task
        self._saved = self._file(task.backup_id) if task.backup_id else None
        if self._saved is None:
            self._say("saving", 10)
            self._saved = backups.make(task.tenant_id, by=BY)
            self._keep(self._saved)
        self._say("proving", 55)
        backups.prove(self._saved)
        with self._catalog.begin() as session:
            _end(self._unfinished(session), "done")

    def _make_file(self) -> None:
        file, task, tools = self._own_backup(), self._task, self._tools
        self._say("restoring", 10)
        self._files.make(
            task.id, task.tenant_id, file, tools.servers, tools.restorer, lambda: self._say("packing", 70)
        )
        with self._catalog.begin() as session:
            _end(self._unfinished(session), "done")

    def _restore(self) -> None:
        file = self._own_backup()
        self._say("restoring", 10)
        self._copy(file)

    def _own_backup(self) -> Path:
        """Return the backup that was asked for. Raises: `Refused` unless it is there, and the company's."""
        file = self._file(self._task.request["backup_id"])
        if file is None:
            raise Refused("backup_gone")
        if self._tools.backups.read(file).company_id != self._task.tenant_id:
            raise Refused("backup_damaged")
        return file

    def _make_sandbox(self) -> None:
        task = self._task
        self._say("saving", 5)
        with self._tools.backups.temporary(task.tenant_id, by=BY) as file:
            self._say("restoring", 40)
            ends = now() + timedelta(days=task.request["days"])
            self._copy(file, expires_at=ends, is_neutral=True)

    def _copy(self, file: Path, **options: Any) -> None:
        self._tools.restorer.as_new(
            file, self._task.request["name"], prepare=self._prepare, admit=self._admit, **options
        )

    def _prepare(self, server: ManagedServer, database: str) -> None:
        """Make the copy its owner's, and replace what is personal in it if that was asked for."""
        is_masked = self._task.request.get("is_masked", False)
        self._say("masking" if is_masked else "finishing", 80)
        with self._catalog.begin() as session:
            owner = session.get_one(Login, self._task.asked_by)
            founder = (owner.id, owner.name, owner.email)
        with administering(server.address.admin(database)) as inside:
            inside.run("SET statement_timeout = 0")
            with self._tools.servers.interrupts.breaking_off(inside.cancel):
                for statement in masking_statements() if is_masked else ():
                    inside.run(statement)
            inside.run(_FOUNDER, *founder)

    def _admit(self, session: Session, tenant_id: str) -> None:
        """Let in who asked, if they still own the original; the others are known by name, and can be invited."""
        job = self._unfinished(session)
        original = Membership.tenant_id == self._task.tenant_id
        roles = dict(
            session.execute(
                select(Membership.user_id, Membership.role).where(original, Membership.state == "active")
            ).all()
        )
        if roles.get(self._task.asked_by) != "owner":
            raise Refused("not_owner")
        session.add_all(
            Membership(
                user_id=user_id,
                tenant_id=tenant_id,
                role=role,
                state="active" if user_id == self._task.asked_by else "removed",
            )
            for user_id, role in roles.items()
        )
        job.new_tenant_id = tenant_id
        _end(job, "done")

    def _unfinished(self, session: Session) -> CompanyJob:
        """Return the job, locked. Raises: `Cancelled` if it is not wanted any more."""
        job = session.get(CompanyJob, self._task.id, with_for_update=True)
        if job is None or job.is_cancelled or job.state != "running":
            raise Cancelled("The job was cancelled.")
        return job

    def _say(self, step: str, progress: int) -> None:
        """Say how far it is. Raises: `Cancelled`."""
        with self._catalog.begin() as session:
            job = self._unfinished(session)
            job.step, job.progress = step, progress

    def _keep(self, file: Path) -> None:
        """Remember the backup, so that it is not made again when only its proof was interrupted."""
        with self._catalog.begin() as session:
            self._unfinished(session).backup_id = index.id_of(self._catalog, file)

    def _file(self, backup_id: str) -> Path | None:
        return index.file_of(self._catalog, self._task.tenant_id, backup_id)


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


def _end(job: CompanyJob, state: str, problem: str | None = None) -> None:
    job.state, job.ended_at = state, now()
    job.problem = problem if state == "failed" else None
    job.progress = 100 if state == "done" else job.progress
