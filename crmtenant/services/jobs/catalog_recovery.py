"""Recovering a lost catalog: restored from its backup, and brought up to date by what the servers say.

While it lasts nobody can connect to the catalog but us, so nobody is served, by whatever process. Killed anywhere, it is begun
anew: until the end, the only thing that is changed for good is that databases say more of themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import structlog
from sqlalchemy import bindparam, delete, select

from crmtenant import advisory_locks
from crmtenant.errors import OperatorError
from crmtenant.models.catalog.tables import Spare, Tenant
from crmtenant.services.backups.manifests import CATALOG, MANIFEST, open_dump, read_manifest
from crmtenant.services.fleet.found_companies import FoundCompanies, Member

if TYPE_CHECKING:
    from crmtenant.db.admin.dumps import Dumps
    from crmtenant.db.admin.installation import InstallationSetup
    from crmtenant.db.admin.servers import ManagedServers
    from crmtenant.db.pool.catalog import Catalog
    from crmtenant.services.backups.manifests import BackupManifest
    from crmtenant.services.backups.restoring import Restorer
    from crmtenant.services.backups.seals import Seal
    from crmtenant.services.fleet.spares import Spares
    from crmtenant.services.jobs.reconciler import Reconciler

log = structlog.get_logger(__name__)

_SLUGS = select(Tenant.database, Tenant.id, Tenant.slug)
_LIVING = select(Tenant.id, Tenant.slug, Tenant.server_id, Tenant.database).where(
    (Tenant.state == "active") | (Tenant.state == "suspended") | (Tenant.state == bindparam("deleting"))
)


@dataclass(frozen=True, slots=True)
class Recovered:
    """What became of one company, or of all spares; `hint` says what is left to do."""

    about: str
    outcome: str
    hint: str = ""


class RecoveryOperations(Protocol):
    """What works on the servers and the restored catalog; a part of `Operations`."""

    servers: ManagedServers
    restorer: Restorer

    def prepare(self) -> None:
        """Give every server our roles and this release's template."""

    def spares(self, count: int) -> Spares:
        """Return what keeps spares."""

    def reconciler(self, spares: Spares) -> Reconciler:
        """Return what makes the servers agree with the catalog."""


class CatalogRecovery:
    """Recovers the catalog of one installation. `operations_on` gives what works on the restored one."""

    def __init__(
        self,
        setup: InstallationSetup,
        dumps: Dumps,
        catalog: Catalog,
        seal: Seal,
        backup_dir: Path,
        operations_on: Callable[[Catalog], RecoveryOperations],
    ) -> None:
        self._setup = setup
        self._dumps = dumps
        self._catalog = catalog
        self._seal = seal
        self._backup_dir = backup_dir
        self._operations_on = operations_on

    def newest_backup(self) -> Path:
        """Return the newest whole backup of the catalog that this installation made. Raises: `OperatorError`."""
        found = self._newest(CATALOG, lambda manifest: manifest.is_catalog)
        if found is None:
            raise OperatorError(f"There is no backup of the catalog in {self._backup_dir}; name its file.")
        return found

    def restore(self, path: Path, *, is_foreign: bool = False, is_forced: bool = False) -> str | None:
        """Restore the backup as the catalog, which is fenced until `open`; return the name of the one that is kept.

        Raises `OperatorError` before anything is changed if it is not a backup of this installation's catalog, or has not
        its seal, unless it is trusted all the same; afterwards, and only unless it is forced, if what was restored is not what
        was saved.
        """
        manifest = read_manifest(path, None if is_foreign else self._seal)
        name = self._catalog.address.database
        if not manifest.is_catalog or manifest.installation != name:
            raise OperatorError(f"{path} is not a backup of the catalog {name}.")
        with open_dump(path, manifest) as dump:
            self._setup.ensure_roles()
            kept = self._setup.fence_catalog()
            self._dumps.fill(name, dump)
        wrong = self._dumps.compare(name, manifest.contents)
        if wrong:
            problem = f"What was restored is not what was saved: {', '.join(wrong)}."
            if not is_forced:
                raise OperatorError(f"{problem} Take another backup; --force takes this one as it is.")
            log.warning("catalog_differs", file=path.name, reason=problem)
        self._setup.migrate_fenced_catalog()
        return kept

    def reconcile(self, *, is_restoring: bool = False) -> Iterator[Recovered]:
        """Bring the restored catalog up to date with the servers, and yield what became of each company that it concerns.

        With `is_restoring`, a company whose database is gone gets its newest backup.
        """
        operations = self._operations_on(self._catalog)
        operations.prepare()
        yield from self._without_spares()
        with operations.servers.try_lock(advisory_locks.MAINTENANCE) as is_alone:
            if not is_alone:
                raise OperatorError(
                    "A worker is in the middle of something; stop it, or repeat this in a moment."
                )
        discrepancies = operations.reconciler(operations.spares(0)).reconcile()
        for found in FoundCompanies(self._catalog, operations.servers, self._members_of).find():
            hint = f"founded by {found.founder_email}, {found.members} members; invite anew who joined since its backup"
            yield Recovered(found.slug, "found again", hint)
        slugs = self._slugs()
        for discrepancy in discrepancies:
            if discrepancy.name in slugs and discrepancy.outcome in {"followed", "adopted"}:
                yield Recovered(slugs[discrepancy.name], discrepancy.outcome)
        yield from self._missing(operations, is_restoring=is_restoring)

    def open(self) -> None:
        """Let everybody in again."""
        self._setup.open_catalog()

    def _without_spares(self) -> Iterator[Recovered]:
        """Forget all spares: those that are none any more are companies, or gone; the others are dropped as leftovers."""
        with self._catalog.begin() as session:
            forgotten = session.scalars(delete(Spare).returning(Spare.database)).all()
        if forgotten:
            yield Recovered(f"{len(forgotten)} spares", "forgotten")

    def _slugs(self) -> dict[str, str]:
        """Return the slugs of companies by their id and by their database."""
        with self._catalog.reading() as reader:
            rows = reader.rows(_SLUGS)
        return {key: slug for database, company_id, slug in rows for key in (database, company_id)}

    def _missing(self, operations: RecoveryOperations, *, is_restoring: bool) -> Iterator[Recovered]:
        there = {
            database
            for server in operations.servers.all()
            for database in server.provisioner.inventory().databases
        }
        with self._catalog.reading() as reader:
            living = reader.rows(_LIVING, {"deleting": "deleting"})
        for company_id, slug, _, database in living:
            if database not in there:
                yield self._brought_back(operations, company_id, slug, is_restoring=is_restoring)

    def _brought_back(
        self, operations: RecoveryOperations, company_id: str, slug: str, *, is_restoring: bool
    ) -> Recovered:
        file = self._newest(slug, lambda manifest: manifest.company_id == company_id)
        if file is None:
            return Recovered(slug, "missing", "its database is gone, and there is no backup of it here")
        if not is_restoring:
            return Recovered(slug, "missing", f"crmtenant restore {file} --into {slug}")
        try:
            operations.restorer.into(file, company_id)
        except OperatorError as problem:
            return Recovered(slug, "missing", str(problem))
        return Recovered(slug, "restored", str(file))

    def _members_of(self, company_id: str) -> list[Member]:
        """Return who belonged to the company when its newest backup was made."""
        file = self._newest("", lambda manifest: manifest.company_id == company_id)
        members = read_manifest(file, self._seal).members if file else ()
        return [Member(one.user_id, one.role, one.email, one.name) for one in members]

    def _newest(self, slug: str, is_wanted: Callable[[BackupManifest], bool]) -> Path | None:
        found: list[tuple[object, Path]] = []
        for path in self._backup_dir.glob(f"{slug or '*'}-*{MANIFEST}"):
            try:
                manifest = read_manifest(path, self._seal)
            except OperatorError as problem:
                log.warning("not_a_backup", file=path.name, reason=str(problem))
                continue
            if is_wanted(manifest) and path.with_suffix(".dump").exists():
                found.append((manifest.made_at, path))
        return max(found)[1] if found else None
