"""The newest backups in a directory, found without a catalog."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import structlog

from crmtenant.errors import OperatorError
from crmtenant.services.backups.manifests import DUMP, MANIFEST, open_dump, read_manifest

if TYPE_CHECKING:
    from pathlib import Path

    from crmtenant.services.backups.manifests import BackupManifest
    from crmtenant.services.backups.seals import Seal

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class FoundBackup:
    """A backup's manifest, and its file."""

    file: Path
    manifest: BackupManifest


class NewestBackups:
    """The whole backups in this directory that have this installation's seal. Each manifest is read once."""

    def __init__(self, directory: Path, seal: Seal) -> None:
        self._directory = directory
        self._seal = seal

    def of_catalog(self) -> Iterator[FoundBackup]:
        """Yield the undamaged backups of the catalog, the newest first.

        Those of a catalog without companies come last: a worker that is started after the loss makes, and saves, an empty one.
        """
        found = [one for one in self._manifests("_catalog-*") if one.manifest.is_catalog]
        for one in sorted(found, key=lambda one: (_companies(one) > 0, one.manifest.made_at), reverse=True):
            try:
                with open_dump(one.file, one.manifest):
                    pass
            except OperatorError as problem:
                log.warning("backup_damaged", file=one.file.name, reason=str(problem))
                continue
            yield one

    @cached_property
    def of_companies(self) -> dict[str, FoundBackup]:
        """The newest backup of each company, by its id."""
        newest: dict[str, FoundBackup] = {}
        for one in self._manifests("*"):
            known = newest.get(one.manifest.company_id)
            if not one.manifest.is_catalog and (
                known is None or known.manifest.made_at < one.manifest.made_at
            ):
                newest[one.manifest.company_id] = one
        return newest

    def _manifests(self, names: str) -> Iterator[FoundBackup]:
        for path in self._directory.glob(f"{names}{MANIFEST}"):
            try:
                manifest = read_manifest(path, self._seal)
            except OperatorError as problem:
                log.warning("not_a_backup", file=path.name, reason=str(problem))
                continue
            if path.with_suffix(DUMP).exists():
                yield FoundBackup(path, manifest)


def _companies(one: FoundBackup) -> int:
    return one.manifest.tables.get("tenant", (0, ""))[0]
