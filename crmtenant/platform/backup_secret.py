"""The secret that backups are sealed with."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from crmtenant.db.secrets.secret_source import secrets_of
from crmtenant.errors import OperatorError
from crmtenant.services.backups.manifests import is_any_sealed
from crmtenant.services.backups.seals import Seal
from crmtenant.settings import GENERATE

if TYPE_CHECKING:
    from crmtenant.settings import Settings

BACKUP_FILE = "backup-secret"


def seal_of(settings: Settings) -> Seal:
    """Return the seal of this installation, whose secret is made if there is none yet.

    Raises `OperatorError` if the generated secret is gone while there are backups that were sealed with it.
    """
    file = settings.data_dir / BACKUP_FILE
    if settings.backup_secret == GENERATE and not file.exists():
        _require_first(file, settings.backup_dir)
    return Seal(secrets_of(settings.backup_secret, file))


def _require_first(file: Path, backup_dir: Path) -> None:
    if is_any_sealed(backup_dir):
        raise OperatorError(
            f"{file} is missing, and the backups in {backup_dir} are sealed with it: put it back. If it is lost, crmtenant"
            " secrets rotate --backups makes a new one, and those backups are restored with --trust-foreign only."
        )
