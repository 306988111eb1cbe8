"""Removing backups that newer ones replace, that belong to companies purged long ago, or that were never finished."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy import delete, select

from crmtenant.clock import now
from crmtenant.errors import OperatorError
from crmtenant.models.catalog.deletion_receipt import DeletionReceipt
from crmtenant.models.catalog.tables import Backup
from crmtenant.services.backups.index import record
from crmtenant.services.backups.manifests import (
    CATALOG,
    DUMP,
    MANIFEST,
    UNFINISHED,
    read_manifest,
    remove_files,
)
from crmtenant.services.backups.retention import CATALOG_HOURLY, CATALOG_RECENT, kept

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crmtenant.db.pool.catalog import Catalog
    from crmtenant.services.backups.seals import Seal

#: How long the backups of a purged company are kept.
AFTER_PURGE = timedelta(days=30)
UNFINISHED_KEPT = timedelta(days=1)
#: The prefix of the directories of temporary backups.
TEMPORARY = ".passing-"
_OFTEN: dict[str, dict[str, Any]] = {CATALOG: {"recent": CATALOG_RECENT, "hourly": CATALOG_HOURLY}}

log = structlog.get_logger(__name__)

_FILES = select(Backup.manifest_file)


def prune(catalog: Catalog, directory: Path, seal: Seal) -> list[Path]:
    """Remove superfluous backups from this directory; return their manifests.

    Nothing outside the directory is touched. Backups that nobody recorded, because the catalog is older or their
    writer was killed, are recorded if they have our seal; unfinished ones are removed after a day.
    """
    if not directory.exists():
        return []
    _record_unknown(catalog, directory, seal)
    with catalog.begin() as session:
        superfluous = list(_superfluous(session, directory))
    for path in superfluous:
        remove_files(path)
        with catalog.begin() as session:
            session.execute(delete(Backup).where(Backup.manifest_file == str(path)))
    _remove_unfinished(directory)
    return superfluous


def _record_unknown(catalog: Catalog, directory: Path, seal: Seal) -> None:
    with catalog.reading() as reader:
        known = {file for (file,) in reader.rows(_FILES)}
    for path in directory.glob(f"*{MANIFEST}"):
        if str(path) not in known:
            try:
                record(catalog, path, read_manifest(path, seal))
            except OperatorError as problem:
                log.warning("not_a_backup", file=path.name, reason=str(problem))


def _superfluous(session: Session, directory: Path) -> Iterator[Path]:
    purged = select(DeletionReceipt.tenant_id).where(DeletionReceipt.purged_at < now() - AFTER_PURGE)
    purged_ids = set(session.scalars(purged))
    by_company: dict[str, list[Backup]] = {}
    for backup in session.scalars(select(Backup)):
        if Path(backup.manifest_file).parent == directory:
            by_company.setdefault(backup.tenant_id, []).append(backup)
    for tenant_id, backups in by_company.items():
        keep = set() if tenant_id in purged_ids else _ids_to_keep(backups, **_OFTEN.get(tenant_id, {}))
        yield from (Path(one.manifest_file) for one in backups if one.id not in keep)


def _ids_to_keep(backups: Sequence[Backup], **policy: Any) -> set[str]:
    """Return the ids of the backups to keep: by age, and always the newest proven one.

    One that failed its proof does not count, but is kept for inspection until a newer one is proven.
    """
    sound = [one for one in backups if one.problem is None]
    moments = kept((one.made_at for one in sound), **policy)
    proven = max((one.made_at for one in sound if one.proven_at is not None), default=None)
    keep = {one.id for one in sound if one.made_at in moments or one.made_at == proven}
    return keep | {
        one.id for one in backups if one.problem is not None and (proven is None or one.made_at > proven)
    }


def _remove_unfinished(directory: Path) -> None:
    """Remove what killed processes began to write, if it is a day old."""
    horizon = (now() - UNFINISHED_KEPT).timestamp()
    dumps = (path for path in directory.glob(f"*{DUMP}") if not path.with_suffix(MANIFEST).exists())
    for path in [*directory.glob(f".*{UNFINISHED}"), *dumps, *directory.glob(f"{TEMPORARY}*")]:
        if path.stat().st_mtime >= horizon:
            continue
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
