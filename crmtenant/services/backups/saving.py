"""Making backups of companies: each in files of its own, of one moment, proven by restoring it.

Only a backup that was restored is known to be restorable, so each is proven after it is made, and the catalog records
both. The files are self-contained: they can be restored without the catalog's records.
"""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy import bindparam, or_, select, update

from crmtenant.clock import now
from crmtenant.db.admin.interrupts import Interrupted
from crmtenant.db.errors import RECOVERABLE_ERRORS, is_server_unavailable
from crmtenant.errors import OperatorError, sentence
from crmtenant.models.catalog.tables import Backup, Membership, Tenant
from crmtenant.services.backups.index import BackupEntry, list_entries, record
from crmtenant.services.backups.manifests import (
    CATALOG,
    MANIFEST,
    BackupManifest,
    ManifestMember,
    RefusedBackup,
    file_stem,
    read_manifest,
    write_dump,
    write_manifest,
)
from crmtenant.services.backups.pruning import TEMPORARY, prune
from crmtenant.services.backups.trust import STRICT, Trust
from crmtenant.services.recovery.essentials import essentials_of

if TYPE_CHECKING:
    from crmtenant.db.admin.servers import ManagedServer, ManagedServers
    from crmtenant.db.pool.catalog import Catalog
    from crmtenant.services.backups.restoring import Restorer
    from crmtenant.services.backups.seals import Seal

JOBS = 2
SAVED_STATES = ("active", "suspended", "deleting")

log = structlog.get_logger(__name__)

_TO_SAVE = (
    select(Tenant.id, Tenant.slug)
    .where(or_(*(Tenant.state == state for state in SAVED_STATES)))
    .order_by(Tenant.slug)
)
_NAMED = _TO_SAVE.where(or_(Tenant.id == bindparam("name"), Tenant.slug == bindparam("name")))
_MEMBERS = (
    select(Membership.user_id, Membership.role)
    .where(Membership.tenant_id == bindparam("tenant_id"), Membership.state == "active")
    .order_by(Membership.created_at)
)


@dataclass(frozen=True, slots=True)
class BackupSource:
    """A company that can be saved, or the catalog."""

    id: str
    slug: str


@dataclass(frozen=True, slots=True)
class BackupOutcome:
    """The outcome of saving one company: the manifest of the backup and, if it failed, why."""

    company: BackupSource
    file: Path | None
    problem: str | None = None


THE_CATALOG = BackupSource(CATALOG, CATALOG)


class Backups:
    """Makes, proves, lists and prunes the backups in one directory."""

    def __init__(
        self, catalog: Catalog, servers: ManagedServers, restorer: Restorer, directory: Path, seal: Seal
    ) -> None:
        self._catalog = catalog
        self._servers = servers
        self._restorer = restorer
        self._installation = servers.names.catalog
        self.directory = directory
        self._seal = seal

    def companies(self, name: str | None = None) -> list[BackupSource]:
        """Return the companies that can be saved, by slug; only the one with this slug or id, if a name is given."""
        with self._catalog.reading() as reader:
            rows = reader.rows(_TO_SAVE) if name is None else reader.rows(_NAMED, {"name": name})
        return [BackupSource(*row) for row in rows]

    def entries(self, name: str | None = None) -> list[BackupEntry]:
        """Return the backups in the catalog, the newest first; of one company only, if a name is given."""
        return list_entries(self._catalog, name)

    def sweep(self) -> list[Path]:
        """Remove the superfluous backups from the directory; return their manifests."""
        return prune(self._catalog, self.directory, self._seal)

    def save_all(
        self,
        companies: Sequence[BackupSource],
        *,
        by: str,
        to: Path | None = None,
        is_proven: bool = True,
        jobs: int = JOBS,
    ) -> Iterator[BackupOutcome]:
        """Save each company, yielding each outcome; a failure stops none of the others.

        When the caller gives up, what is being saved is broken off.
        """
        save = partial(self._save, by=by, to=to, is_proven=is_proven)
        with ThreadPoolExecutor(max(1, min(jobs, len(companies)))) as pool:
            try:
                yield from pool.map(save, companies)
            except (GeneratorExit, KeyboardInterrupt):
                pool.shutdown(wait=False, cancel_futures=True)
                self._servers.interrupts.break_off()
                raise

    def _save(self, company: BackupSource, *, by: str, to: Path | None, is_proven: bool) -> BackupOutcome:
        file = None
        try:
            self._servers.interrupts.check()
            file = self.make(company.id, by=by, to=to)
            if is_proven:
                self.prove(file)
        except RECOVERABLE_ERRORS as problem:
            if self._servers.interrupts.is_set:
                return BackupOutcome(company, file, str(Interrupted()))
            log.warning("backup_failed", company=company.slug, reason=str(problem))
            return BackupOutcome(company, file, sentence(problem))
        return BackupOutcome(company, file)

    def make(self, tenant_id: str, *, by: str, to: Path | None = None) -> Path:
        """Make a backup of the company and record it; return its manifest."""
        if tenant_id == CATALOG:
            return self.make_catalog(by=by, to=to)
        path, manifest = self.write(tenant_id, by=by, to=to or self.directory)
        record(self._catalog, path, manifest)
        return path

    def make_catalog(self, *, by: str, to: Path | None = None) -> Path:
        """Make a backup of the catalog and record it; return its manifest."""
        path, manifest = self._write(
            self._servers.home,
            self._installation,
            by=by,
            to=to or self.directory,
            company_id=CATALOG,
            company_slug=CATALOG,
            company_name=CATALOG,
        )
        record(self._catalog, path, manifest)
        return path

    def write(self, tenant_id: str, *, by: str, to: Path) -> tuple[Path, BackupManifest]:
        """Write a backup of the company to any directory, without recording it; return its file and manifest."""
        with self._catalog.begin() as session:
            company = session.get(Tenant, tenant_id)
            if company is None or company.state not in SAVED_STATES:
                raise OperatorError("There is no such company to save.")
            members = session.execute(_MEMBERS, {"tenant_id": tenant_id}).all()
            essentials = essentials_of(session, tenant_id)
        return self._write(
            self._servers.of(company.server_id),
            company.database,
            by=by,
            to=to,
            company_id=company.id,
            company_slug=company.slug,
            company_name=company.name,
            country=company.country,
            currency=company.currency,
            language=company.language,
            time_zone=company.time_zone,
            members=tuple(ManifestMember(user_id=user_id, role=role) for user_id, role in members),
            essentials=essentials,
        )

    def _write(
        self, server: ManagedServer, database: str, *, by: str, to: Path, company_slug: str, **about: Any
    ) -> tuple[Path, BackupManifest]:
        made_at = now()
        stem = to.absolute() / file_stem(company_slug, made_at, secrets.token_hex(3))
        contents, size, digest = write_dump(stem, lambda file: server.dumps.save(database, file))
        manifest = BackupManifest(
            made_at=made_at,
            made_by=by,
            installation=self._installation,
            company_slug=company_slug,
            schema_revision=contents.revision,
            tables=dict(contents.tables),
            sequences=dict(contents.sequences),
            access=dict(contents.access),
            dump_bytes=size,
            dump_sha256=digest,
            **about,
        )
        return write_manifest(stem, manifest, self._seal), manifest

    def read(self, path: Path, trust: Trust = STRICT) -> BackupManifest:
        """Return the manifest of the backup that has this file. Raises: `OperatorError`."""
        return read_manifest(path, None if trust.is_foreign else self._seal)

    def prove(self, path: Path, trust: Trust = STRICT) -> BackupManifest:
        """Prove the backup by restoring it, record the result if it is ours, and return its manifest.

        Raises `OperatorError` that says what is wrong with it. What says nothing of the backup is not recorded against it:
        that it is refused here, that the process is to end, or that a server is away.
        """
        try:
            manifest = self._restorer.prove(path, trust)
        except RefusedBackup:
            raise
        except RECOVERABLE_ERRORS as problem:
            self._servers.interrupts.check()
            if not is_server_unavailable(problem):
                self._require_servers()
                self._record_proof(path, problem=sentence(problem))
            raise
        if not trust.is_foreign:
            self._record_proof(path, proven_at=now(), problem=None)
        return manifest

    def _require_servers(self) -> None:
        """Raise PostgreSQL's error if a server does not answer."""
        for server in self._servers.all():
            server.address.admin().connect().close()

    @contextmanager
    def temporary(self, tenant_id: str, *, by: str) -> Iterator[Path]:
        """Make a backup that is not recorded and is removed when the block ends; give its manifest."""
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=TEMPORARY, dir=self.directory) as directory:
            file, _ = self.write(tenant_id, by=by, to=Path(directory))
            yield file

    def make_proven(self, tenant_id: str, *, by: str) -> None:
        """Make a backup of the company and prove it."""
        self.prove(self.make(tenant_id, by=by))

    def _record_proof(self, path: Path, **values: object) -> None:
        file = str(path.absolute().with_suffix(MANIFEST))
        with self._catalog.begin() as session:
            session.execute(update(Backup).where(Backup.manifest_file == file).values(values))
