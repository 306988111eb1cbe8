"""Removing backups that newer ones make superfluous, that are of companies long gone, or never were finished."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import structlog
from sqlalchemy import delete, select

from crmtenant.clock import now
from crmtenant.errors import OperatorError
from crmtenant.models.catalog.tables import Backup, DeletionReceipt
from crmtenant.services.backups.index import record
from crmtenant.services.backups.manifests import DUMP, MANIFEST, UNFINISHED, read_manifest, remove_files
from crmtenant.services.backups.retention import kept

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crmtenant.db.pool.catalog import Catalog

#: So long, the backups of a company that was purged are kept.
AFTER_PURGE = timedelta(days=30)
UNFINISHED_KEPT = timedelta(days=1)
#: The beginning of the name of a directory for what is only on its way.
PASSING = ".passing-"

log = structlog.get_logger(__name__)

_FILES = select(Backup.manifest_file)


def prune(catalog: Catalog, directory: Path) -> list[Path]:
    """The manifests of the backups that are gone now.

    Only what lies in this directory is ours to remove. What nobody recorded, because the catalog is older or
    its writer was killed, is recorded; what was never finished goes after a day.
    """
    if not directory.exists():
        return []
    _adopt(catalog, directory)
    with catalog.begin() as session:
        leaving = list(_superfluous(session, directory))
    for path in leaving:
        remove_files(path)
        with catalog.begin() as session:
            session.execute(delete(Backup).where(Backup.manifest_file == str(path)))
    _remove_unfinished(directory)
    return leaving


def _adopt(catalog: Catalog, directory: Path) -> None:
    with catalog.reading() as reader:
        known = {file for (file,) in reader.rows(_FILES)}
    for path in directory.glob(f"*{MANIFEST}"):
        if str(path) not in known:
            try:
                record(catalog, path, read_manifest(path))
            except OperatorError as problem:
                log.warning("not_a_backup", file=path.name, reason=str(problem))


def _superfluous(session: Session, directory: Path) -> Iterator[Path]:
    buried = select(DeletionReceipt.tenant_id).where(DeletionReceipt.purged_at < now() - AFTER_PURGE)
    gone = set(session.scalars(buried))
    by_company: dict[str, list[Backup]] = {}
    for backup in session.scalars(select(Backup)):
        if Path(backup.manifest_file).parent == directory:
            by_company.setdefault(backup.tenant_id, []).append(backup)
    for tenant_id, backups in by_company.items():
        staying = set() if tenant_id in gone else _worth_keeping(backups)
        yield from (Path(one.manifest_file) for one in backups if one.id not in staying)


def _worth_keeping(backups: Sequence[Backup]) -> set[str]:
    """The ids of those that stay: by age, and in any case the newest that is proven.

    One that failed its proof counts for nothing, but stays to be looked at until a newer one is proven.
    """
    sound = [one for one in backups if one.problem is None]
    moments = kept(one.made_at for one in sound)
    proven = max((one.made_at for one in sound if one.proven_at is not None), default=None)
    staying = {one.id for one in sound if one.made_at in moments or one.made_at == proven}
    return staying | {
        one.id for one in backups if one.problem is not None and (proven is None or one.made_at > proven)
    }


def _remove_unfinished(directory: Path) -> None:
    """Nothing comes back; what a killed process began to write is gone, if it is a day old."""
    horizon = (now() - UNFINISHED_KEPT).timestamp()
    dumps = (path for path in directory.glob(f"*{DUMP}") if not path.with_suffix(MANIFEST).exists())
    for path in [*directory.glob(f".*{UNFINISHED}"), *dumps, *directory.glob(f"{PASSING}*")]:
        if path.stat().st_mtime >= horizon:
            continue
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
