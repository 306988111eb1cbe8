"""Which backups are restored: by what they prove themselves, and by what an operator takes them on beyond that."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from crmtenant.db.schema.replay import is_known
from crmtenant.errors import OperatorError
from crmtenant.services.backups.index import problem_of
from crmtenant.services.backups.manifests import BackupManifest, RefusedBackup, open_dump, read_manifest

if TYPE_CHECKING:
    from pathlib import Path

    from crmtenant.db.pool.catalog import Catalog
    from crmtenant.services.backups.seals import Seal


@dataclass(frozen=True, slots=True)
class Trust:
    """Foreign: a backup without this installation's seal. Failed: one that could not be restored when it was proven."""

    is_foreign: bool = False
    is_failed: bool = False


STRICT = Trust()


class TrustedBackups:
    """Opens the backups of one installation, whose catalog has this name, and refuses those that are not to be restored."""

    def __init__(self, catalog: Catalog, catalog_name: str, seal: Seal) -> None:
        self._catalog = catalog
        self._catalog_name = catalog_name
        self._seal = seal

    @contextmanager
    def backup(self, path: Path, trust: Trust) -> Iterator[tuple[BackupManifest, BinaryIO]]:
        """Open a backup that is intact and can be restored here. Raises `OperatorError` before anything is done."""
        manifest = read_manifest(path, None if trust.is_foreign else self._seal)
        if manifest.installation != self._catalog_name:
            raise RefusedBackup(
                f"The backup was made by an installation whose catalog is {manifest.installation}; its roles"
                f" are not those of {self._catalog_name}."
            )
        if not manifest.is_catalog and not is_known(manifest.schema_revision):
            raise RefusedBackup(
                f"The backup is at schema revision {manifest.schema_revision}, which this release does not know."
            )
        with open_dump(path, manifest) as dump:
            yield manifest, dump

    @contextmanager
    def company_backup(self, path: Path, trust: Trust) -> Iterator[tuple[BackupManifest, BinaryIO]]:
        """Open such a backup of a company whose proof, if it was tried, did not fail. Raises `OperatorError`."""
        with self.backup(path, trust) as (manifest, dump):
            if manifest.is_catalog:
                raise OperatorError("This is a backup of the catalog; docs/operating.md says how to use it.")
            problem = problem_of(self._catalog, manifest)
            if problem and not trust.is_failed:
                raise OperatorError(
                    f"This backup could not be restored when it was proven: {problem} --force tries it all the same."
                )
            yield manifest, dump
