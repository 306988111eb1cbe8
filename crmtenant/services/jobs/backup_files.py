"""Makes a company file, the one that an export gives, of a backup: what the company had when that was made."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from sqlalchemy import select

from crmtenant.clock import now
from crmtenant.db.pool.snapshot import Snapshot
from crmtenant.models.catalog.company_job import CompanyJob
from crmtenant.services.members import members
from crmtenant.services.tenants import companies
from crmtenant.services.tenants.company_job_rows import LIVE
from crmtenant.services.tenants.job_files import KEPT, JobFiles
from crmtenant.services.transfer.company_export import ExportedCompany, ExportedMember, export_company

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from crmtenant.db.admin.servers import ManagedServer, ManagedServers
    from crmtenant.db.pool.catalog import Catalog
    from crmtenant.services.backups.restoring import Restorer
    from crmtenant.services.entities.registry import EntityRegistry


class BackupFiles:
    """Makes files of backups, and removes those that nobody may download any more."""

    def __init__(self, catalog: Catalog, entities: EntityRegistry, files: JobFiles) -> None:
        self._catalog = catalog
        self._entities = entities
        self.files = files

    def make(
        self,
        job_id: str,
        tenant_id: str,
        backup: Path,
        servers: ManagedServers,
        restorer: Restorer,
        on_restored: Callable[[], None],
    ) -> None:
        """Restore the backup beside everything else and write what is in it to the job's file."""
        with restorer.beside(backup) as (server, database):
            on_restored()
            self._write(job_id, tenant_id, server, database, servers.names.owner)

    def sweep(self) -> None:
        """Remove the files of jobs that ended more than a day ago, or are gone with their company."""
        with self._catalog.begin() as session:
            kept = session.scalars(
                select(CompanyJob.id).where(
                    CompanyJob.kind == "file",
                    LIVE | ((CompanyJob.state == "done") & (CompanyJob.ended_at > now() - KEPT)),
                )
            ).all()
        self.files.keep_only(set(kept))

    def _write(self, job_id: str, tenant_id: str, server: ManagedServer, database: str, owner: str) -> None:
        with self._catalog.reading() as reader:
            company = companies.find(reader, tenant_id)
            people = ExportedMember.all_of(members.find_all(reader, tenant_id))
        assert company is not None
        broker, address = self._catalog.broker, server.address.admin(database)
        try:
            with (
                self.files.writing(job_id) as file,
                closing(Snapshot(broker, address, role=owner)) as snapshot,
            ):
                export_company(snapshot, self._entities, ExportedCompany.of(company), people, file)
        finally:
            # Or the database could not be dropped.
            broker.forget(address)
