"""The catalog's index of backups. The files are authoritative; the index helps to find them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, or_, select
from sqlalchemy.dialects.postgresql import insert

from crmtenant.ids import new_id
from crmtenant.models.catalog.tables import Backup

if TYPE_CHECKING:
    from crmtenant.db.pool.catalog import Catalog
    from crmtenant.services.backups.manifests import BackupManifest

_ENTRIES = select(
    Backup.tenant_id,
    Backup.slug,
    Backup.made_at,
    Backup.proven_at,
    Backup.problem,
    Backup.size_bytes,
    Backup.schema_revision,
    Backup.manifest_file,
).order_by(Backup.made_at.desc())
_ENTRIES_NAMED = _ENTRIES.where(or_(Backup.tenant_id == bindparam("name"), Backup.slug == bindparam("name")))


_PROBLEM = select(Backup.problem).where(
    Backup.sha256 == bindparam("sha256"),
    Backup.tenant_id == bindparam("tenant_id"),
    Backup.problem.is_not(None),
)


@dataclass(frozen=True, slots=True)
class BackupEntry:
    """A backup as the catalog records it. `id` and `slug` are the company's."""

    id: str
    slug: str
    made_at: datetime
    proven_at: datetime | None
    problem: str | None
    size_bytes: int
    schema_revision: str
    manifest_file: str


def problem_of(catalog: Catalog, manifest: BackupManifest) -> str | None:
    """Return why this dump, in whatever file, could not be restored when it was last tried, or None."""
    with catalog.reading() as reader:
        row = reader.row(_PROBLEM, {"sha256": manifest.dump_sha256, "tenant_id": manifest.company_id})
    return row[0] if row else None


def list_entries(catalog: Catalog, name: str | None = None) -> list[BackupEntry]:
    """Return the backups, the newest first; only those of the company with this slug or id, if a name is given."""
    with catalog.reading() as reader:
        rows = reader.rows(_ENTRIES) if name is None else reader.rows(_ENTRIES_NAMED, {"name": name})
    return [BackupEntry(*row) for row in rows]


def record(catalog: Catalog, path: Path, manifest: BackupManifest) -> None:
    """Record the backup with this manifest in the catalog."""
    statement = insert(Backup).values(
        id=new_id("b"),
        tenant_id=manifest.company_id,
        slug=manifest.company_slug,
        manifest_file=str(path),
        sha256=manifest.dump_sha256,
        size_bytes=manifest.dump_bytes,
        schema_revision=manifest.schema_revision,
        made_at=manifest.made_at,
    )
    with catalog.begin() as session:
        session.execute(statement.on_conflict_do_nothing(index_elements=["manifest_file"]))
