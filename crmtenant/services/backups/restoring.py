"""Bringing a company back from a backup: into a new database, proven, and only then the company's.

The new database is set aside in the catalog before it is made, and a lock says that somebody is at it; so
whoever is killed leaves nothing that is not cleared away. A restored company takes the new database's place
and the old one's is kept for a day, in one transaction of the catalog: until it commits, the company has not
been touched, and after it, the company is whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from sqlalchemy import bindparam, delete, select

from crmtenant import advisory_locks
from crmtenant.clock import now
from crmtenant.db.schema.migrations import head
from crmtenant.db.schema.replay import is_known
from crmtenant.db.secrets.role_names import FIRST_PASSWORD_VERSION
from crmtenant.errors import OperatorError
from crmtenant.ids import new_id
from crmtenant.models.catalog.tables import SetAside, Tenant
from crmtenant.services.backups.manifests import Manifest, open_dump, read_manifest
from crmtenant.services.backups.restored_company import admit, found, people_of
from crmtenant.services.fleet.database_swap import Old, set_aside, swap
from crmtenant.services.fleet.server_rows import home

if TYPE_CHECKING:
    from crmtenant.db.admin.servers import ManagedServer, ManagedServers
    from crmtenant.db.pool.catalog import Catalog

KEPT = timedelta(days=1)

_LAST_RETIRED = (
    select(SetAside.database, SetAside.server_id)
    .where(SetAside.tenant_id == bindparam("tenant_id"), SetAside.purpose == "retired")
    .order_by(SetAside.created_at.desc())
    .limit(1)
)
_SERVER_OF = select(Tenant.server_id).where(Tenant.id == bindparam("tenant_id"))


@dataclass(frozen=True, slots=True)
class Arrived:
    """A company that was made of a backup."""

    tenant_id: str
    slug: str


class Restorer:
    """Restores backups of one installation. `settle` opens or shuts a company's database by its state."""

    def __init__(
        self,
        catalog: Catalog,
        servers: ManagedServers,
        settle: Callable[[str], None],
    ) -> None:
        self._catalog = catalog
        self._servers = servers
        self._settle = settle

    def prove(self, path: Path) -> Manifest:
        """The manifest of a backup that was just restored beside everything else, and is what was saved.

        `OperatorError` tells what is wrong with one that is not. Nothing is left of the trial.
        """
        with self._opened(path) as (manifest, dump), self._beside(manifest.company_id) as (server, database):
            self._fill(server, database, dump, manifest)
            if manifest.is_catalog:
                return manifest
            server.provisioner.open_database(database)
            address = server.provisioner.tenant_address(database, FIRST_PASSWORD_VERSION)
            # On a connection of its own: a pooled one would keep the database from being dropped.
            connection = address.connect()
            with connection, connection.cursor() as cursor:
                cursor.execute("SELECT id FROM company")
                found = cursor.fetchall()
            connection.close()
            if found != [(manifest.company_id,)]:
                raise OperatorError("The restored database is not the company's that its manifest names.")
        return manifest

    def into(self, path: Path, tenant_id: str) -> Manifest:
        """The manifest of the backup that the company is now what it says.

        `OperatorError` if it is another company's, or cannot be restored; the company then is as it was.
        """
        with self._opened_companys(path) as (manifest, dump):
            if manifest.company_id != tenant_id:
                raise OperatorError(
                    f"The backup is of {manifest.company_slug}, another company; restore it with --as."
                )
            old = self._replace(tenant_id, dump, manifest)
        self._retire(tenant_id, old)
        return manifest

    def _replace(self, tenant_id: str, dump: BinaryIO, manifest: Manifest) -> Old:
        with self._beside(tenant_id, self._host_of(tenant_id)) as (server, database):
            self._fill(server, database, dump, manifest)
            self._finish(server, database, manifest)
            server.provisioner.open_database(database)
            return self._swap(tenant_id, server, database)

    def _retire(self, tenant_id: str, old: Old) -> None:
        self._servers.of(old.server_id).provisioner.close_database(old.database)
        self._settle(tenant_id)

    def undo(self, tenant_id: str) -> None:
        """Nothing comes back; the company is again what it was before it was last restored.

        `OperatorError` if that is longer ago than its old database was kept. Can itself be undone.
        """
        with self._catalog.reading() as reader:
            row = reader.row(_LAST_RETIRED, {"tenant_id": tenant_id})
        if row is None:
            raise OperatorError("The company was not restored, or what it was before is not kept any more.")
        database, server_id = row
        server = self._servers.of(server_id)
        with self._servers.try_lock(advisory_locks.database_fill(database)):
            server.changes.apply(database, server.changes.revision_of(database))
            server.provisioner.restore_role(database, FIRST_PASSWORD_VERSION)
            server.provisioner.open_database(database)
            old = self._swap(tenant_id, server, database)
        self._retire(tenant_id, old)

    def as_new(
        self,
        path: Path,
        name: str,
        *,
        owner: str | None = None,
        expires_at: datetime | None = None,
        is_neutral: bool = False,
    ) -> Arrived:
        """A new company made of the backup, with those of its people who still have a login.

        `owner` is the id of somebody who will own it; needed if none of its owners is left. One that is neutral
        sends no mails.
        """
        tenant_id = new_id("c")
        with self._opened_companys(path) as (manifest, dump), self._beside(tenant_id) as (server, database):
            self._fill(server, database, dump, manifest)
            self._finish(server, database, manifest)
            server.provisioner.rewrite_company(database, tenant_id, name)
            server.provisioner.open_database(database)
            with self._catalog.begin() as session:
                slug = found(
                    session,
                    id=tenant_id,
                    name=name,
                    server_id=server.id,
                    database=database,
                    expires_at=expires_at,
                    is_neutral=is_neutral,
                    country=manifest.country,
                    currency=manifest.currency,
                    language=manifest.language,
                    time_zone=manifest.time_zone,
                )
                admit(session, tenant_id, people_of(session, manifest.members, owner))
        return Arrived(tenant_id, slug)

    # A database beside everything else

    def _host_of(self, tenant_id: str) -> ManagedServer:
        with self._catalog.reading() as reader:
            row = reader.row(_SERVER_OF, {"tenant_id": tenant_id})
        if row is None:
            raise OperatorError("There is no such company any more.")
        return self._servers.of(row[0])

    def _drawn_host(self) -> ManagedServer:
        with self._catalog.begin() as session:
            return self._servers.of(home(session).server_id)

    @contextmanager
    def _beside(
        self, tenant_id: str, server: ManagedServer | None = None
    ) -> Iterator[tuple[ManagedServer, str]]:
        """A server, by default one that takes new companies, and an empty database on it, which is dropped at
        the end unless it has become a company's."""
        server, database = server or self._drawn_host(), new_id("t")
        with self._servers.try_lock(advisory_locks.database_fill(database)):
            set_aside(self._catalog, server, database, tenant_id)
            try:
                server.provisioner.make_empty(database)
                yield server, database
            finally:
                self.clear(database)

    def clear(self, database: str) -> None:
        """Nothing comes back; the database is gone, if it is still set aside."""
        with self._catalog.begin() as session:
            aside = session.get(SetAside, database)
        if aside is None:
            return
        self._servers.of(aside.server_id).provisioner.drop_database(database)
        with self._catalog.begin() as session:
            session.execute(delete(SetAside).where(SetAside.database == database))

    @contextmanager
    def _opened(self, path: Path) -> Iterator[tuple[Manifest, BinaryIO]]:
        """A backup that is whole and that we can restore; `OperatorError` before anything is done."""
        manifest = read_manifest(path)
        if manifest.installation != self._servers.names.catalog:
            raise OperatorError(
                f"The backup was made by an installation whose catalog is {manifest.installation}; its roles"
                f" are not those of {self._servers.names.catalog}."
            )
        if not manifest.is_catalog and not is_known(manifest.schema_revision):
            raise OperatorError(
                f"The backup is at schema revision {manifest.schema_revision}, which this release does not know."
            )
        with open_dump(path, manifest) as dump:
            yield manifest, dump

    @contextmanager
    def _opened_companys(self, path: Path) -> Iterator[tuple[Manifest, BinaryIO]]:
        with self._opened(path) as (manifest, dump):
            if manifest.is_catalog:
                raise OperatorError("This is a backup of the catalog; docs/operating.md says how to use it.")
            yield manifest, dump

    def _fill(self, server: ManagedServer, database: str, dump: BinaryIO, manifest: Manifest) -> None:
        server.dumps.fill(database, dump)
        wrong = server.dumps.compare(database, manifest.contents)
        if wrong:
            raise OperatorError(f"What was restored is not what was saved: {', '.join(wrong)}.")

    def _finish(self, server: ManagedServer, database: str, manifest: Manifest) -> None:
        if manifest.schema_revision != head("tenant"):
            server.changes.apply(database, manifest.schema_revision)
        server.provisioner.finish_filled(database)

    # The catalog's word

    def _swap(self, tenant_id: str, server: ManagedServer, database: str) -> Old:
        """The database that the company had until now."""
        with self._catalog.begin() as session:
            company = session.get(Tenant, tenant_id, with_for_update={"key_share": True})
            if company is None or company.state not in {"active", "suspended"}:
                raise OperatorError("The company was deleted meanwhile.")
            company.migrating_until = None
            return swap(session, company, server, database, "retired", now() + KEPT)
