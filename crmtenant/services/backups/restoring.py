"""Restoring a company from a backup: into a new database, compared with its manifest, and only then switched over.

The new database is recorded in the catalog before it is made, and its lock is held while it is filled, so cleanup
drops what a killed restore leaves behind. The company gets the new database, and the old one is kept for a day, in
one transaction of the catalog: until it commits, the company is untouched; afterwards the restore is complete.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from sqlalchemy import bindparam, select

from crmtenant.clock import now
from crmtenant.db.admin.connection import administering
from crmtenant.db.admin.essentials import forget_copies
from crmtenant.db.admin.identity import read_identity
from crmtenant.db.pool.label import label_of
from crmtenant.db.schema.migrations import head
from crmtenant.db.secrets.role_names import FIRST_PASSWORD_VERSION
from crmtenant.errors import OperatorError
from crmtenant.ids import new_id
from crmtenant.models.catalog.tables import SetAside, Tenant
from crmtenant.services.backups.restored_company import (
    RestoredCompany,
    add_members,
    insert_company,
    member_roles,
)
from crmtenant.services.backups.trust import STRICT, Trust, TrustedBackups
from crmtenant.services.fleet.database_swap import ReplacedDatabase, label_swapped, swap_database
from crmtenant.services.fleet.labels import require_current, require_older
from crmtenant.services.fleet.server_rows import choose_placement

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crmtenant.db.admin.servers import ManagedServer, ManagedServers
    from crmtenant.db.pool.catalog import Catalog
    from crmtenant.services.backups.manifests import BackupManifest
    from crmtenant.services.backups.seals import Seal
    from crmtenant.services.fleet.database_swap import RetainedDatabases

KEPT = timedelta(days=1)

_LAST_RETIRED = (
    select(SetAside.database, SetAside.server_id)
    .where(SetAside.tenant_id == bindparam("tenant_id"), SetAside.purpose == "retired")
    .order_by(SetAside.created_at.desc())
    .limit(1)
)
_SERVER_OF = select(Tenant.server_id).where(Tenant.id == bindparam("tenant_id"))


class Restorer:
    """Restores backups of one installation. `settle` opens or closes a company's database according to its state."""

    def __init__(
        self,
        catalog: Catalog,
        servers: ManagedServers,
        retained: RetainedDatabases,
        seal: Seal,
        settle: Callable[[str], None],
    ) -> None:
        self._trusted = TrustedBackups(catalog, servers.names.catalog, seal)
        self._catalog = catalog
        self._servers = servers
        self._retained = retained
        self._settle = settle

    def prove(self, path: Path, trust: Trust = STRICT) -> BackupManifest:
        """Restore the backup into a scratch database, compare it with its manifest, and return the manifest.

        Raises `OperatorError` that says what is wrong with it. The scratch database is dropped in any case.
        """
        with (
            self._trusted.backup(path, trust) as (manifest, dump),
            # The catalog's tables belong to roles that only its own server has.
            self._new_database(manifest.company_id, self._servers.home if manifest.is_catalog else None) as (
                server,
                database,
            ),
        ):
            self._fill(server, database, dump, manifest)
            if manifest.is_catalog:
                return manifest
            server.provisioner.open_database(database)
            address = server.provisioner.tenant_address(database, FIRST_PASSWORD_VERSION)
            # That its role can sign in, on a connection of its own: a pooled one would keep it from being dropped.
            address.connect().close()
        return manifest

    @contextmanager
    def beside(self, path: Path) -> Iterator[tuple[ManagedServer, str]]:
        """Restore the backup into a database of no company, of this release's schema, and drop it when the block ends;
        give its server and its name."""
        with (
            self._trusted.company_backup(path, STRICT) as (manifest, dump),
            self._new_database(manifest.company_id) as (server, database),
        ):
            self._fill(server, database, dump, manifest)
            self._finish(server, database, manifest)
            yield server, database

    def into(self, path: Path, tenant_id: str, trust: Trust = STRICT) -> BackupManifest:
        """Restore the backup into the company it was made of, and return its manifest.

        Raises `OperatorError` if it is another company's or cannot be restored; the company then is unchanged.
        """
        with self._trusted.company_backup(path, trust) as (manifest, dump):
            if manifest.company_id != tenant_id:
                raise OperatorError(
                    f"The backup was made of {manifest.company_slug}, another company; restore it with --as."
                )
            old = self._replace(tenant_id, dump, manifest)
        self._retire(tenant_id, old)
        return manifest

    def _replace(self, tenant_id: str, dump: BinaryIO, manifest: BackupManifest) -> ReplacedDatabase:
        self._check_catalog(tenant_id)
        with self._new_database(tenant_id, self._server_of(tenant_id)) as (server, database):
            self._fill(server, database, dump, manifest)
            self._finish(server, database, manifest)
            server.provisioner.open_database(database)
            return self._swap(tenant_id, server, database)

    def _retire(self, tenant_id: str, old: ReplacedDatabase) -> None:
        self._servers.of(old.server_id).provisioner.close_database(old.database)
        self._settle(tenant_id)

    def undo(self, tenant_id: str) -> None:
        """Undo the company's last restore. Undoing can be undone as well.

        Raises `OperatorError` if the database it had before is no longer kept.
        """
        with self._catalog.reading() as reader:
            row = reader.row(_LAST_RETIRED, {"tenant_id": tenant_id})
        if row is None:
            raise OperatorError(
                "The company was not restored, or the database it had before is no longer kept."
            )
        database, server_id = row
        server = self._servers.of(server_id)
        self._check_catalog(tenant_id, server, database)
        with self._retained.lock(database):
            server.changes.apply(database, server.changes.revision_of(database))
            self.replace(tenant_id, server, database)

    @contextmanager
    def filled(self, path: Path, tenant_id: str) -> Iterator[tuple[ManagedServer, str]]:
        """Restore the company's backup into a new database, at the revision it has; give the server and its name.

        It is dropped at the end unless it has become the company's.
        """
        with (
            self._trusted.company_backup(path, STRICT) as (manifest, dump),
            self._new_database(tenant_id, self._server_of(tenant_id)) as (server, database),
        ):
            self._fill(server, database, dump, manifest)
            server.provisioner.finish_filled(database)
            yield server, database

    def replace(
        self, tenant_id: str, server: ManagedServer, database: str, revision: str | None = None
    ) -> None:
        """Give the company this retained database, by default at this release's schema; keep the one it had for a day."""
        self._check_catalog(tenant_id, server, database)
        server.provisioner.restore_role(database, FIRST_PASSWORD_VERSION)
        server.provisioner.open_database(database)
        self._retire(tenant_id, self._swap(tenant_id, server, database, revision))

    def complete(self, tenant_id: str) -> None:
        """Finish what whoever gave the company another database was killed before: the old one is closed. Can be repeated."""
        self._check_catalog(tenant_id)
        with self._catalog.reading() as reader:
            row = reader.row(_LAST_RETIRED, {"tenant_id": tenant_id})
        if row is not None:
            self._servers.of(row[1]).provisioner.close_database(row[0])
        self._settle(tenant_id)

    def as_new(
        self,
        path: Path,
        name: str,
        *,
        owner: str | None = None,
        expires_at: datetime | None = None,
        is_neutral: bool = False,
        trust: Trust = STRICT,
        prepare: Callable[[ManagedServer, str], None] = lambda *_: None,
        admit: Callable[[Session, str], None] | None = None,
    ) -> RestoredCompany:
        """Create a new company from the backup, with those of its members who still have a login; with none of them if
        it is a foreign one, whose maker could have named anybody.

        `owner` is the id of a user who will own it, needed if none of its owners is left. A neutral company sends
        no mails. `prepare` changes the rows of the new database before anybody can enter it. `admit` makes the members
        instead, in the transaction in which the company comes into being; what it raises undoes everything.
        """
        tenant_id = new_id("c")
        with (
            self._trusted.company_backup(path, trust) as (manifest, dump),
            self._new_database(tenant_id) as (server, database),
        ):
            self._fill(server, database, dump, manifest)
            self._finish(server, database, manifest)
            prepare(server, database)
            server.provisioner.rewrite_company(database, tenant_id, name)
            server.provisioner.open_database(database)
            with self._catalog.begin() as session:
                slug = insert_company(
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
                if admit is not None:
                    admit(session, tenant_id)
                else:
                    members = () if trust.is_foreign else manifest.members
                    add_members(session, tenant_id, member_roles(session, members, owner))
            server.provisioner.label_database(database, label_of(tenant_id, 1, "active"))
        return RestoredCompany(tenant_id, slug)

    # The new database

    def _server_of(self, tenant_id: str) -> ManagedServer:
        with self._catalog.reading() as reader:
            row = reader.row(_SERVER_OF, {"tenant_id": tenant_id})
        if row is None:
            raise OperatorError("The company no longer exists.")
        return self._servers.of(row[0])

    def _choose_server(self) -> ManagedServer:
        with self._catalog.begin() as session:
            return self._servers.of(choose_placement(session).server_id)

    @contextmanager
    def _new_database(
        self, tenant_id: str, server: ManagedServer | None = None
    ) -> Iterator[tuple[ManagedServer, str]]:
        """Make an empty database, by default on a server that takes new companies; give the server and its name.

        It is dropped at the end unless it has become a company's.
        """
        server, database = server or self._choose_server(), new_id("t")
        with self._retained.filling(server, database, tenant_id):
            server.provisioner.make_empty(database, tenant_id)
            yield server, database

    def _fill(self, server: ManagedServer, database: str, dump: BinaryIO, manifest: BackupManifest) -> None:
        server.dumps.fill(database, dump)
        wrong = server.dumps.compare(database, manifest.contents)
        if wrong:
            raise OperatorError(f"What was restored is not what was saved: {', '.join(wrong)}.")
        found = read_identity(server.address, database).company_ids
        if not manifest.is_catalog and found != {manifest.company_id}:
            raise OperatorError("The restored database belongs to another company than its manifest says.")

    def _finish(self, server: ManagedServer, database: str, manifest: BackupManifest) -> None:
        if manifest.schema_revision != head("tenant"):
            server.changes.apply(database, manifest.schema_revision)
        with administering(server.address.admin(database)) as inside:
            forget_copies(inside, self._servers.names.owner)
        server.provisioner.finish_filled(database)

    def _check_catalog(
        self, tenant_id: str, server: ManagedServer | None = None, database: str | None = None
    ) -> None:
        """Raise `Contradiction`, before anything is begun, if the catalog is older than a database of the company."""
        with self._catalog.begin() as session:
            company = session.get(Tenant, tenant_id, with_for_update={"key_share": True})
            if company is not None:
                self._require_up_to_date(company, server, database)

    def _require_up_to_date(
        self, company: Tenant, server: ManagedServer | None, database: str | None
    ) -> None:
        require_current(self._servers.of(company.server_id), company)
        if server is not None and database is not None:
            require_older(server, database, company)

    def _swap(
        self, tenant_id: str, server: ManagedServer, database: str, revision: str | None = None
    ) -> ReplacedDatabase:
        with self._catalog.begin() as session:
            company = session.get(Tenant, tenant_id, with_for_update={"key_share": True})
            if company is None or company.state not in {"active", "suspended"}:
                raise OperatorError("The company was deleted in the meantime.")
            self._require_up_to_date(company, server, database)
            company.migrating_until = None
            old = swap_database(session, company, server, database, "retired", now() + KEPT, revision)
        label_swapped(server, database, self._servers.of(old.server_id), old)
        return old
