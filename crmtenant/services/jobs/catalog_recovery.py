"""Recovering a lost catalog: restored from its backup, and brought up to date by what the servers say.

While it lasts nobody can connect to the catalog but us, so nobody is served, by whatever process. Killed anywhere, it is begun
anew: until the end, the only thing that is changed for good is that databases say more of themselves.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Collection, Generator, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import structlog
from sqlalchemy import bindparam, delete, select

from crmtenant import advisory_locks
from crmtenant.db.errors import RECOVERABLE_ERRORS
from crmtenant.errors import OperatorError, sentence
from crmtenant.models.catalog.deletion_receipt import DeletionReceipt
from crmtenant.models.catalog.email_change import EmailChange
from crmtenant.models.catalog.tables import PasswordReset, Spare, Tenant
from crmtenant.services.backups.manifests import open_dump, read_manifest
from crmtenant.services.backups.newest import NewestBackups
from crmtenant.services.jobs.essentials_copies import forget_written
from crmtenant.services.recovery import lost_servers
from crmtenant.services.recovery.essentials_survey import DatedEssentials, Survey, survey
from crmtenant.services.recovery.found_companies import FoundCompanies
from crmtenant.services.recovery.recovered_rows import update_company, write_members, write_servers

if TYPE_CHECKING:
    from crmtenant.db.admin.dumps import Dumps
    from crmtenant.db.admin.installation import InstallationSetup
    from crmtenant.db.admin.servers import ManagedServers
    from crmtenant.db.pool.catalog import Catalog
    from crmtenant.services.backups.newest import FoundBackup
    from crmtenant.services.backups.restoring import Restorer
    from crmtenant.services.backups.seals import Seal
    from crmtenant.services.fleet.spares import Spares
    from crmtenant.services.jobs.reconciler import Discrepancy, Reconciler
    from crmtenant.services.recovery.essentials import Essentials
    from crmtenant.services.recovery.recovered_rows import MemberChanges

log = structlog.get_logger(__name__)

_SLUGS = select(Tenant.database, Tenant.id, Tenant.slug)
_LIVING = select(Tenant.id, Tenant.slug, Tenant.server_id, Tenant.database).where(
    (Tenant.state == "active") | (Tenant.state == "suspended") | (Tenant.state == bindparam("deleting"))
)
_PURGED = select(DeletionReceipt.tenant_id)


@dataclass(frozen=True, slots=True)
class Recovered:
    """What became of one company, of one server, or of all spares; `hint` says what is left to do.

    `without_password`: the addresses of people whose logins were lost, who sign in after "forgot password".
    """

    about: str
    outcome: str
    hint: str = ""
    without_password: tuple[str, ...] = ()


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
        self._backups = NewestBackups(backup_dir, seal)
        self._operations_on = operations_on
        self._kept: str | None = None
        self._since: datetime | None = None

    def backups(self) -> Iterator[Path]:
        """Yield the undamaged backups of the catalog that this installation made, the newest first.

        Raises: `OperatorError` if there is none.
        """
        is_any = False
        for one in self._backups.of_catalog():
            is_any = True
            yield one.file
        if not is_any:
            raise OperatorError(f"There is no backup of the catalog in {self._backup_dir}; name its file.")

    def newest_backup(self) -> Path:
        """Return the newest undamaged backup of the catalog. Raises: `OperatorError`."""
        return next(self.backups())

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
            self._kept = self._setup.fence_catalog() or self._kept
            self._dumps.fill(name, dump)
        wrong = self._dumps.compare(name, manifest.contents)
        if wrong:
            problem = f"What was restored is not what was saved: {', '.join(wrong)}."
            if not is_forced:
                raise OperatorError(f"{problem} Take another backup; --force takes this one as it is.")
            log.warning("catalog_differs", file=path.name, reason=problem)
        self._setup.migrate_fenced_catalog()
        self._since = manifest.made_at
        return self._kept

    def reconcile(self, *, is_restoring: bool = False, gone: Collection[str] = ()) -> Iterator[Recovered]:
        """Bring the restored catalog up to date with the servers, and yield what became of each company that it concerns.

        With `is_restoring`, a company whose database is gone gets its newest backup. `gone`: the names of servers that
        will never be back. Raises: `OperatorError` if one of them answers.
        """
        operations = self._operations_on(self._catalog)
        lost_servers.forget(self._catalog, operations.servers, gone)
        operations.prepare()
        found = yield from self._survey(operations, gone)
        yield from self._without_spares()
        with operations.servers.try_lock(advisory_locks.MAINTENANCE) as is_alone:
            if not is_alone:
                raise OperatorError(
                    "A worker is in the middle of something; stop it, or repeat this in a moment."
                )
        discrepancies = operations.reconciler(operations.spares(0)).reconcile()
        yield from self._unknown_companies(operations, found)
        yield from self._followed(discrepancies)
        yield from self._updated(found)
        yield from self._missing(operations, found, is_restoring=is_restoring)
        yield from self._unknown_backups()
        with self._catalog.begin() as session:
            forget_written(session, unread=found.unreachable, since=self._since)
            # A link that was used since would be good for a second time.
            session.execute(delete(PasswordReset))
            session.execute(delete(EmailChange))

    def open(self) -> None:
        """Let everybody in again."""
        self._setup.open_catalog()

    def _without_spares(self) -> Iterator[Recovered]:
        """Forget all spares: those that are none any more are companies, or gone; the others are dropped as leftovers."""
        with self._catalog.begin() as session:
            forgotten = session.scalars(delete(Spare).returning(Spare.database)).all()
        if forgotten:
            yield Recovered(f"{len(forgotten)} spares", "forgotten")

    def _survey(
        self, operations: RecoveryOperations, gone: Collection[str]
    ) -> Generator[Recovered, None, Survey]:
        """Look at every server, also at those that were added since, and return what was found."""
        while True:
            found = survey(operations.servers.all())
            for one in self._backups.of_companies.values():
                if one.manifest.essentials is not None:
                    found.add(DatedEssentials(one.manifest.made_at, one.manifest.essentials))
            newest = found.newest()
            added: list[str] = []
            if newest is not None and self._is_newer(newest):
                with self._catalog.begin() as session:
                    there = (one for one in newest.essentials.servers if one.name not in gone)
                    added = list(write_servers(session, there))
            yield from (Recovered(name, "server found again") for name in added)
            if not added:
                break
            operations.prepare()
        for name in found.unreachable.values():
            yield Recovered(
                name,
                "unreachable",
                f"companies on it are refused until it answers; if it is lost: --gone {name}",
            )
        return found

    def _is_newer(self, found: DatedEssentials) -> bool:
        return self._since is None or found.saved_at > self._since

    def _unknown_companies(self, operations: RecoveryOperations, found: Survey) -> Iterator[Recovered]:
        def essentials_of(company_id: str) -> Essentials | None:
            known = found.essentials.get(company_id)
            return known.essentials if known is not None else None

        servers = [one for one in operations.servers.all() if one.id not in found.unreachable]
        for one in FoundCompanies(self._catalog, essentials_of).find(servers):
            yield Recovered(one.slug, "found again", one.hint, one.without_password)

    def _followed(self, discrepancies: Iterable[Discrepancy]) -> Iterator[Recovered]:
        slugs = self._slugs()
        for discrepancy in discrepancies:
            if discrepancy.name in slugs and discrepancy.outcome in {"followed", "adopted"}:
                yield Recovered(slugs[discrepancy.name], discrepancy.outcome)

    def _updated(self, found: Survey) -> Iterator[Recovered]:
        """Have the catalog take over what is newer in the companies' own copies, the newest last: somebody may belong to
        several, and have changed their address between two copies."""
        by_age = sorted(found.essentials.items(), key=lambda item: item[1].saved_at)
        for company_id, one in by_age:
            if not self._is_newer(one):
                continue
            with self._catalog.begin() as session:
                company = session.get(Tenant, company_id)
                if company is None:
                    continue
                columns = update_company(session, company, one.essentials.company)
                changes = write_members(session, company_id, one.essentials.members)
                slug = company.slug
            if columns or changes:
                yield Recovered(slug, "updated", _changes(columns, changes), changes.without_password)

    def _slugs(self) -> dict[str, str]:
        """Return the slugs of companies by their id and by their database."""
        with self._catalog.reading() as reader:
            rows = reader.rows(_SLUGS)
        return {key: slug for database, company_id, slug in rows for key in (database, company_id)}

    def _missing(
        self, operations: RecoveryOperations, found: Survey, *, is_restoring: bool
    ) -> Iterator[Recovered]:
        with self._catalog.reading() as reader:
            living = reader.rows(_LIVING, {"deleting": "deleting"})
        for company_id, slug, server_id, database in living:
            if database not in found.databases and server_id not in found.unreachable:
                yield self._brought_back(operations, company_id, slug, is_restoring=is_restoring)

    def _brought_back(
        self, operations: RecoveryOperations, company_id: str, slug: str, *, is_restoring: bool
    ) -> Recovered:
        newest = self._backups.of_companies.get(company_id)
        if newest is None:
            return Recovered(slug, "missing", "its database is gone, and there is no backup of it here")
        if not is_restoring:
            return Recovered(slug, "missing", f"crmtenant restore {newest.file} --into {slug}")
        try:
            operations.restorer.into(newest.file, company_id)
        except RECOVERABLE_ERRORS as problem:
            return Recovered(slug, "missing", sentence(problem))
        return Recovered(slug, "restored", str(newest.file))

    def _unknown_backups(self) -> Iterator[Recovered]:
        """Tell of companies that are only in backups: founded, or purged, since the catalog was saved.

        They are not restored: nobody may bring back what was purged.
        """
        with self._catalog.reading() as reader:
            known = {company_id for _, company_id, _ in reader.rows(_SLUGS)}
            known |= {company_id for (company_id,) in reader.rows(_PURGED)}
        for company_id, one in sorted(self._backups.of_companies.items()):
            if company_id not in known:
                yield Recovered(one.manifest.company_slug, "only in its backup", _as_new(one))


def _changes(columns: list[str], changes: MemberChanges) -> str:
    counted = {"joined": changes.joined, "left": changes.left, "changed roles": changes.changed}
    told = [f"{count} {what}" for what, count in counted.items() if count]
    return "; ".join(", ".join(part) for part in (columns, told) if part)


def _as_new(one: FoundBackup) -> str:
    words = ["crmtenant", "restore", str(one.file), "--as", one.manifest.company_name]
    return f"unless it was purged: {shlex.join(words)} --owner ADDRESS"
