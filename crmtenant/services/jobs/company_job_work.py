"""What is done for a job: a backup, a file of one, a restore as a new company, a sandbox."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Protocol

from sqlalchemy import select

from crmtenant.clock import now
from crmtenant.db.admin.connection import administering
from crmtenant.errors import OperatorError
from crmtenant.models.catalog.company_job import CompanyJob
from crmtenant.models.catalog.tables import Login, Membership
from crmtenant.services.backups import index
from crmtenant.services.crm.masking import masking_statements

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.orm import Session

    from crmtenant.db.admin.servers import ManagedServer, ManagedServers
    from crmtenant.db.pool.catalog import Catalog
    from crmtenant.services.backups.restoring import Restorer
    from crmtenant.services.backups.saving import Backups
    from crmtenant.services.jobs.backup_files import BackupFiles

BY = "owner"

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


class CompanyJobWork:
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
            end(self._unfinished(session), "done")

    def _make_file(self) -> None:
        file, task, tools = self._own_backup(), self._task, self._tools
        self._say("restoring", 10)
        self._files.make(
            task.id, task.tenant_id, file, tools.servers, tools.restorer, lambda: self._say("packing", 70)
        )
        with self._catalog.begin() as session:
            end(self._unfinished(session), "done")

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
        end(job, "done")

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


def end(job: CompanyJob, state: str, problem: str | None = None) -> None:
    """Write that the job has ended; the problem is kept of one that failed."""
    job.state, job.ended_at = state, now()
    job.problem = problem if state == "failed" else None
    job.progress = 100 if state == "done" else job.progress
