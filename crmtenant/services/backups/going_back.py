"""Going back behind a migration: a company gets the database it had before, as it was then (ADR 22).

What was written since is counted first. The migrated database is kept for a day, as after a restore.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from crmtenant.clock import now
from crmtenant.db.admin.row_changes import TableChanges, row_changes
from crmtenant.db.schema.migrations import revisions, served_revisions
from crmtenant.errors import OperatorError
from crmtenant.models.catalog.tables import IS_SOUND, Backup, SetAside, Tenant
from crmtenant.services.fleet.migration_copies import KEPT

if TYPE_CHECKING:
    from crmtenant.db.admin.servers import ManagedServer, ManagedServers
    from crmtenant.db.pool.catalog import Catalog
    from crmtenant.services.backups.restoring import Restorer
    from crmtenant.services.fleet.database_swap import RetainedDatabases

_COMPANY = select(Tenant.slug, Tenant.server_id, Tenant.database, Tenant.schema_revision).where(
    Tenant.id == bindparam("tenant_id")
)
_WENT_BACK = select(Tenant.schema_revision).where(
    Tenant.id == bindparam("tenant_id"), Tenant.went_back_at.is_not(None)
)
_COPIES = select(SetAside.database, SetAside.server_id, SetAside.created_at).where(
    SetAside.tenant_id == bindparam("tenant_id"), SetAside.purpose == "copied"
)
_BACKUPS = select(Backup.manifest_file, Backup.schema_revision, Backup.made_at).where(
    Backup.tenant_id == bindparam("tenant_id"),
    IS_SOUND,
    Backup.made_at > bindparam("since"),
)


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy of the company's database, made before it was migrated."""

    made_at: datetime
    revision: str
    server: ManagedServer
    database: str


@dataclass(frozen=True, slots=True)
class SavedCompany:
    """A proven backup of the company, made before it was migrated."""

    made_at: datetime
    revision: str
    file: Path


@dataclass(frozen=True, slots=True)
class Return:
    """A company that is ready to go back; `written` since then is no longer in it afterwards. `is_served`: by this
    release, at the old revision."""

    source: Copy | SavedCompany
    slug: str
    revision: str
    written: list[TableChanges]
    go: Callable[[], None]

    @property
    def is_served(self) -> bool:
        """Return whether this release serves a company at the old revision."""
        return self.source.revision in served_revisions()


class GoingBack:
    """Brings companies back to what they were before their last migration."""

    def __init__(
        self, catalog: Catalog, servers: ManagedServers, retained: RetainedDatabases, restorer: Restorer
    ) -> None:
        self._catalog = catalog
        self._servers = servers
        self._retained = retained
        self._restorer = restorer

    def went_back_to(self, tenant_id: str) -> str | None:
        """Return the revision that the company went back to, unless it was migrated or brought forward since."""
        with self._catalog.reading() as reader:
            row = reader.row(_WENT_BACK, {"tenant_id": tenant_id})
        return row[0] if row else None

    def complete(self, tenant_id: str) -> None:
        """Finish a return that was killed when the company had its old database again."""
        self._restorer.complete(tenant_id)

    @contextmanager
    def prepare(self, tenant_id: str) -> Iterator[Return]:
        """Make ready what the company can go back to; nothing has changed for it until `go` is called.

        Raises `OperatorError` if there is neither a copy nor a proven backup of an older revision, a day old at most.
        """
        with self._catalog.reading() as reader:
            row = reader.row(_COMPANY, {"tenant_id": tenant_id})
        if row is None:
            raise OperatorError("The company no longer exists.")
        slug, server_id, current, revision = row
        source = self._newest(tenant_id, slug, revision)
        with self._database(tenant_id, source) as (server, database):
            written = row_changes(
                server.address.admin(database), self._servers.of(server_id).address.admin(current)
            )

            def go() -> None:
                self._restorer.replace(tenant_id, server, database, source.revision)

            yield Return(source, slug, revision, written, go)

    def _newest(self, tenant_id: str, slug: str, revision: str) -> Copy | SavedCompany:
        sources: list[Copy | SavedCompany] = [*self._copies(tenant_id), *self._backups(tenant_id)]
        found = [source for source in sources if _is_older(source.revision, revision)]
        if not found:
            raise OperatorError(
                f"There is nothing that {slug} could go back to: no copy and no proven backup of the last day is at an older"
                f" schema revision than {revision}. Nothing was changed."
            )
        return max(found, key=lambda source: source.made_at)

    def _copies(self, tenant_id: str) -> Iterator[Copy]:
        with self._catalog.reading() as reader:
            rows = reader.rows(_COPIES, {"tenant_id": tenant_id})
        for database, server_id, made_at in rows:
            server = self._servers.of(server_id)
            if server.provisioner.label_of(database) is None:
                continue  # whoever made it was killed
            server.provisioner.let_in(database)
            yield Copy(made_at, server.changes.revision_of(database), server, database)

    def _backups(self, tenant_id: str) -> Iterator[SavedCompany]:
        with self._catalog.reading() as reader:
            rows = reader.rows(_BACKUPS, {"tenant_id": tenant_id, "since": now() - KEPT})
        for file, revision, made_at in rows:
            if Path(file).exists():
                yield SavedCompany(made_at, revision, Path(file))

    @contextmanager
    def _database(self, tenant_id: str, source: Copy | SavedCompany) -> Iterator[tuple[ManagedServer, str]]:
        if isinstance(source, SavedCompany):
            with self._restorer.filled(source.file, tenant_id) as filled:
                yield filled
            return
        with self._retained.lock(source.database) as is_alone:
            if not is_alone:
                raise OperatorError("The copy is being used or dropped by another process; try again.")
            yield source.server, source.database


def _is_older(revision: str, current: str) -> bool:
    """Return whether this release knows the revision, and it comes before the current one, which may be a newer release's."""
    known = revisions("tenant")
    return revision in known and (current not in known or known.index(revision) < known.index(current))
