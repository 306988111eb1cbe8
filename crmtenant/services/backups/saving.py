"""Saving companies: each to a file of its own, at one moment, proven by restoring it, kept as long as useful.

Whether a backup can be restored is known only of one that was, so making is followed by proving, and the
catalog remembers both. The files speak for themselves: without the catalog they are just as good.
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
from crmtenant.db.errors import RECOVERABLE_ERRORS
from crmtenant.errors import OperatorError, sentence
from crmtenant.models.catalog.tables import Backup, Membership, Tenant
from crmtenant.services.backups.index import Saved, listed, record
from crmtenant.services.backups.manifests import (
    CATALOG,
    MANIFEST,
    Manifest,
    Member,
    file_stem,
    write_dump,
    write_manifest,
)
from crmtenant.services.backups.pruning import PASSING, prune

if TYPE_CHECKING:
    from crmtenant.db.admin.servers import ManagedServer, ManagedServers
    from crmtenant.db.pool.catalog import Catalog
    from crmtenant.services.backups.restoring import Restorer

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
class Company:
    """A company that can be saved."""

    id: str
    slug: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of saving one company: where it is, and what went wrong, if anything."""

    company: Company
    file: Path | None
    problem: str | None = None


THE_CATALOG = Company(CATALOG, CATALOG)


class Backups:
    """Makes, proves, lists and sweeps the backups in one directory."""

    def __init__(
        self, catalog: Catalog, servers: ManagedServers, restorer: Restorer, directory: Path
    ) -> None:
        self._catalog = catalog
        self._servers = servers
        self._restorer = restorer
        self._installation = servers.names.catalog
        self.directory = directory

    def companies(self, name: str | None = None) -> list[Company]:
        """The companies that can be saved, by slug; only the one with this slug or id, if a name is given."""
        with self._catalog.reading() as reader:
            rows = reader.rows(_TO_SAVE) if name is None else reader.rows(_NAMED, {"name": name})
        return [Company(*row) for row in rows]

    def listed(self, name: str | None = None) -> list[Saved]:
        """The backups the catalog knows of, the newest first; of one company only, if a name is given."""
        return listed(self._catalog, name)

    def sweep(self) -> list[Path]:
        """The manifests of the backups in our own directory that were superfluous, and are gone."""
        return prune(self._catalog, self.directory)

    def save_all(
        self,
        companies: Sequence[Company],
        *,
        by: str,
        to: Path | None = None,
        is_proven: bool = True,
        jobs: int = JOBS,
    ) -> Iterator[Outcome]:
        """What became of each company; one that cannot be saved stops none of the others."""
        save = partial(self._outcome, by=by, to=to, is_proven=is_proven)
        with ThreadPoolExecutor(max(1, min(jobs, len(companies)))) as pool:
            yield from pool.map(save, companies)

    def _outcome(self, company: Company, *, by: str, to: Path | None, is_proven: bool) -> Outcome:
        file = None
        try:
            file = self.make(company.id, by=by, to=to)
            if is_proven:
                self.prove(file)
        except RECOVERABLE_ERRORS as problem:
            log.warning("not_saved", company=company.slug, reason=str(problem))
            return Outcome(company, file, sentence(problem))
        return Outcome(company, file)

    def make(self, tenant_id: str, *, by: str, to: Path | None = None) -> Path:
        """The manifest of the company's new backup, which the catalog knows of."""
        if tenant_id == CATALOG:
            return self.make_catalogs(by=by, to=to)
        path, manifest = self.write(tenant_id, by=by, to=to or self.directory)
        record(self._catalog, path, manifest)
        return path

    def make_catalogs(self, *, by: str, to: Path | None = None) -> Path:
        """The manifest of a new backup of the catalog: who the people are, and which database is whose."""
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

    def write(self, tenant_id: str, *, by: str, to: Path) -> tuple[Path, Manifest]:
        """The manifest of a new backup, and its file, in a directory that may be any."""
        with self._catalog.begin() as session:
            company = session.get(Tenant, tenant_id)
            if company is None or company.state not in SAVED_STATES:
                raise OperatorError("There is no such company to save.")
            members = session.execute(_MEMBERS, {"tenant_id": tenant_id}).all()
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
            members=tuple(Member(user_id=user_id, role=role) for user_id, role in members),
        )

    def _write(
        self, server: ManagedServer, database: str, *, by: str, to: Path, company_slug: str, **about: Any
    ) -> tuple[Path, Manifest]:
        made_at = now()
        stem = to.absolute() / file_stem(company_slug, made_at, secrets.token_hex(3))
        contents, size, digest = write_dump(stem, lambda file: server.dumps.save(database, file))
        manifest = Manifest(
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
        return write_manifest(stem, manifest), manifest

    def prove(self, path: Path) -> Manifest:
        """The manifest of a backup that was just restored and found to be what was saved; the catalog knows.

        `OperatorError` tells what is wrong with one that is not; the catalog remembers that, too.
        """
        try:
            manifest = self._restorer.prove(path)
        except RECOVERABLE_ERRORS as problem:
            self._note(path, problem=sentence(problem))
            raise
        self._note(path, proven_at=now(), problem=None)
        return manifest

    @contextmanager
    def passing(self, tenant_id: str, *, by: str) -> Iterator[Path]:
        """The manifest of a backup that is gone again when the block ends, and that nobody records."""
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=PASSING, dir=self.directory) as directory:
            file, _ = self.write(tenant_id, by=by, to=Path(directory))
            yield file

    def save_for_good(self, tenant_id: str, *, by: str) -> None:
        """Nothing comes back; there is a proven backup of the company as it is now: its last."""
        self.prove(self.make(tenant_id, by=by))

    def _note(self, path: Path, **values: object) -> None:
        file = str(path.absolute().with_suffix(MANIFEST))
        with self._catalog.begin() as session:
            session.execute(update(Backup).where(Backup.manifest_file == file).values(values))
