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

from crmtenant.db.migrations import head
from crmtenant.db.provisioning import FIRST_PASSWORD_VERSION
from crmtenant.db.schema_changes import is_known
from crmtenant.errors import OperatorError
from crmtenant.models.base import now
from crmtenant.models.catalog import SetAside, Tenant
from crmtenant.models.ids import new_id
from crmtenant.services.arriving import admit, found, people_of, take_out
from crmtenant.services.manifests import Manifest, open_dump, read_manifest
from crmtenant.services.servers import home

if TYPE_CHECKING:
    from crmtenant.db.catalog import Catalog
    from crmtenant.db.dumps import Dumps
    from crmtenant.db.provisioning import Provisioner
    from crmtenant.db.schema_changes import SchemaChanges

KEPT = timedelta(days=1)

_LAST_RETIRED = (
    select(SetAside.database)
    .where(SetAside.tenant_id == bindparam("tenant_id"), SetAside.purpose == "retired")
    .order_by(SetAside.created_at.desc())
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class Arrived:
    """A company that was made of a backup."""

    tenant_id: str
    slug: str


def lock_of(database: str) -> str:
    """What whoever is filling this database is alone at."""
    return f"filling {database}"


class Restorer:
    """Restores backups of one installation. `settle` opens or shuts a company's database by its state."""

    def __init__(
        self,
        catalog: Catalog,
        provisioner: Provisioner,
        dumps: Dumps,
        changes: SchemaChanges,
        settle: Callable[[str], None],
    ) -> None:
        self._catalog = catalog
        self._provisioner = provisioner
        self._dumps = dumps
        self._changes = changes
        self._settle = settle

    def prove(self, path: Path) -> Manifest:
        """The manifest of a backup that was just restored beside everything else, and is what was saved.

        `OperatorError` tells what is wrong with one that is not. Nothing is left of the trial.
        """
        with self._opened(path) as (manifest, dump), self._beside(manifest.company_id) as database:
            self._fill(database, dump, manifest)
            if manifest.is_catalog:
                return manifest
            self._provisioner.open_database(database)
            address = self._provisioner.tenant_address(database, FIRST_PASSWORD_VERSION)
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
        self._provisioner.close_database(old)
        self._settle(tenant_id)
        return manifest

    def _replace(self, tenant_id: str, dump: BinaryIO, manifest: Manifest) -> str:
        """The database that the company had until now."""
        with self._beside(tenant_id) as database:
            self._fill(database, dump, manifest)
            self._finish(database, manifest)
            self._provisioner.open_database(database)
            return self._swap(tenant_id, database)

    def undo(self, tenant_id: str) -> None:
        """Nothing comes back; the company is again what it was before it was last restored.

        `OperatorError` if that is longer ago than its old database was kept. Can itself be undone.
        """
        with self._catalog.reading() as reader:
            row = reader.row(_LAST_RETIRED, {"tenant_id": tenant_id})
        if row is None:
            raise OperatorError("The company was not restored, or what it was before is not kept any more.")
        database: str = row[0]
        with self._provisioner.alone_at(lock_of(database)):
            self._changes.apply(database, self._changes.revision_of(database))
            self._provisioner.restore_role(database, FIRST_PASSWORD_VERSION)
            self._provisioner.open_database(database)
            old = self._swap(tenant_id, database)
        self._provisioner.close_database(old)
        self._settle(tenant_id)

    def as_new(
        self,
        path: Path,
        name: str,
        *,
        owner: str | None = None,
        expires_at: datetime | None = None,
    ) -> Arrived:
        """A new company made of the backup, with those of its people who still have a login.

        `owner` is the id of somebody who will own it; needed if none of its owners is left.
        """
        tenant_id = new_id("c")
        with self._opened_companys(path) as (manifest, dump), self._beside(tenant_id) as database:
            self._fill(database, dump, manifest)
            self._finish(database, manifest)
            self._provisioner.rewrite_company(database, tenant_id, name)
            self._provisioner.open_database(database)
            with self._catalog.begin() as session:
                slug = found(
                    session,
                    id=tenant_id,
                    name=name,
                    database=database,
                    expires_at=expires_at,
                    country=manifest.country,
                    currency=manifest.currency,
                    language=manifest.language,
                    time_zone=manifest.time_zone,
                )
                admit(session, tenant_id, people_of(session, manifest.members, owner))
        return Arrived(tenant_id, slug)

    # A database beside everything else

    @contextmanager
    def _beside(self, tenant_id: str) -> Iterator[str]:
        """An empty database that is dropped at the end unless it has become a company's."""
        database = new_id("t")
        with self._provisioner.alone_at(lock_of(database)):
            with self._catalog.begin() as session:
                session.add(
                    SetAside(
                        database=database,
                        server_id=home(session).server_id,
                        tenant_id=tenant_id,
                        purpose="restoring",
                        drop_after=now(),
                    )
                )
            try:
                self._provisioner.make_empty(database)
                yield database
            finally:
                self.clear(database)

    def clear(self, database: str) -> None:
        """Nothing comes back; the database is gone, if it is still set aside."""
        with self._catalog.begin() as session:
            if session.get(SetAside, database) is None:
                return
        self._provisioner.drop_database(database)
        with self._catalog.begin() as session:
            session.execute(delete(SetAside).where(SetAside.database == database))

    @contextmanager
    def _opened(self, path: Path) -> Iterator[tuple[Manifest, BinaryIO]]:
        """A backup that is whole and that we can restore; `OperatorError` before anything is done."""
        manifest = read_manifest(path)
        if manifest.installation != self._provisioner.names.catalog:
            raise OperatorError(
                f"The backup was made by an installation whose catalog is {manifest.installation}; its roles"
                f" are not those of {self._provisioner.names.catalog}."
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

    def _fill(self, database: str, dump: BinaryIO, manifest: Manifest) -> None:
        self._dumps.fill(database, dump)
        wrong = self._dumps.compare(database, manifest.contents)
        if wrong:
            raise OperatorError(f"What was restored is not what was saved: {', '.join(wrong)}.")

    def _finish(self, database: str, manifest: Manifest) -> None:
        if manifest.schema_revision != head("tenant"):
            self._changes.apply(database, manifest.schema_revision)
        self._provisioner.finish_filled(database)

    # The catalog's word

    def _swap(self, tenant_id: str, database: str) -> str:
        """The database that the company had until now."""
        with self._catalog.begin() as session:
            company = session.get(Tenant, tenant_id, with_for_update={"key_share": True})
            if company is None or company.state not in {"active", "suspended"}:
                raise OperatorError("The company was deleted meanwhile.")
            old, company.database = company.database, database
            company.password_version, company.schema_revision = FIRST_PASSWORD_VERSION, head("tenant")
            company.migrating_until = None
            session.add(
                SetAside(
                    database=old,
                    server_id=company.server_id,
                    tenant_id=tenant_id,
                    purpose="retired",
                    drop_after=now() + KEPT,
                )
            )
            take_out(session, database)
        return old
