"""Deletion receipts: what became of a purged company, signed so that the customer can verify it (ADR 23).

A receipt is signed when it is given out, over its JSON with sorted keys and without spaces.
"""

from __future__ import annotations

import binascii
from base64 import b64decode, b64encode
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy import bindparam, or_, select

from crmtenant.clock import now
from crmtenant.errors import OperatorError
from crmtenant.models.catalog.deletion_receipt import DeletionReceipt
from crmtenant.security import receipt_keys
from crmtenant.services.backups.pruning import AFTER_PURGE
from crmtenant.services.backups.retention import MONTHLY

if TYPE_CHECKING:
    from crmtenant.db.pool.catalog import Catalog
    from crmtenant.db.secrets.secret_source import SecretSource

Json = dict[str, Any]

FORMAT = 1
_MOST_BYTES = 1 << 20
_SPELLED = orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z
_STATEMENT = (
    "The company's database, its role in PostgreSQL and its rows in the catalog were deleted, and with them the logins of"
    " everybody who belonged to no other company."
)
_REMAINS = [
    "this receipt",
    "what operators did with the company, without names of its people",
    f"in backups of the catalog, for at most {MONTHLY} months: names and e-mail addresses of its members",
]

_COLUMNS = (
    DeletionReceipt.tenant_id,
    DeletionReceipt.slug,
    DeletionReceipt.name,
    DeletionReceipt.company_created_at,
    DeletionReceipt.purged_at,
    DeletionReceipt.purged_by,
    DeletionReceipt.people_removed,
    DeletionReceipt.last_backup_file,
    DeletionReceipt.last_backup_sha256,
)
_ALL = select(*_COLUMNS).order_by(DeletionReceipt.purged_at.desc(), DeletionReceipt.tenant_id)
_NAMED = _ALL.where(
    or_(DeletionReceipt.tenant_id == bindparam("company"), DeletionReceipt.slug == bindparam("company"))
)


class Receipts:
    """Gives out the receipts of one installation, which calls itself `service`."""

    def __init__(
        self,
        catalog: Catalog,
        secrets: SecretSource,
        backup_dir: Path,
        service: str,
        clock: Callable[[], datetime] = now,
    ) -> None:
        self._catalog = catalog
        self._secrets = secrets
        self._backup_dir = backup_dir
        self._service = service
        self._clock = clock

    def signed(self, company: str | None = None) -> list[Json]:
        """Return the signed receipts, the newest first; only those of this slug or id, if one is given."""
        with self._catalog.reading() as reader:
            rows = reader.rows(_ALL) if company is None else reader.rows(_NAMED, {"company": company})
        secret = self._secrets.secrets(at_once=True)[0]
        return [_signed(secret, self._receipt(*row)) for row in rows]

    def _receipt(
        self,
        company_id: str,
        slug: str,
        name: str,
        founded_at: datetime,
        purged_at: datetime,
        purged_by: str,
        people_removed: int,
        file: str | None,
        sha256: str | None,
    ) -> Json:
        return {
            "format": FORMAT,
            "service": self._service,
            "statement": _STATEMENT,
            "company": {"id": company_id, "slug": slug, "name": name, "founded_at": founded_at},
            "purged_at": purged_at,
            "purged_by": purged_by,
            "logins_deleted": people_removed,
            "last_backup": self._last_backup(Path(file), sha256, purged_at) if file else None,
            "remains": _REMAINS,
            "issued_at": self._clock(),
        }

    def _last_backup(self, file: Path, sha256: str | None, purged_at: datetime) -> Json:
        """Return what there is of the company's backups. Those in another directory are removed by hand."""
        is_pruned = file.parent == self._backup_dir
        return {
            "file": file.name,
            "sha256": sha256,
            "all_backups_deleted_after": purged_at + AFTER_PURGE if is_pruned else None,
        }


def verified(file: Path, keys: Sequence[bytes]) -> Json:
    """Return the receipt in the file. Needs no catalog.

    Raises: `OperatorError` if the file is no receipt, or none of these keys signed it as it is.
    """
    receipt, document, signed = _read(file)
    if not any(receipt_keys.is_signed_by(key, signed, document) for key in keys):
        raise OperatorError(
            f"{file} is not signed with this key: it was changed, or another installation made it."
        )
    return receipt


def _signed(secret: str, receipt: Json) -> Json:
    document = orjson.dumps(receipt, option=_SPELLED)
    return {
        "receipt": orjson.loads(document),
        "algorithm": "Ed25519",
        "public_key": b64encode(receipt_keys.public_key(secret)).decode(),
        "signature": b64encode(receipt_keys.signature(secret, document)).decode(),
    }


def _read(file: Path) -> tuple[Json, bytes, bytes]:
    """Return the receipt, the bytes that should be signed, and the signature."""
    try:
        if file.stat().st_size > _MOST_BYTES:
            raise ValueError(file)
        found = orjson.loads(file.read_bytes())
        receipt, signed = found["receipt"], b64decode(found["signature"], validate=True)
        document, is_known = orjson.dumps(receipt, option=_SPELLED), receipt["format"] == FORMAT
    except (ValueError, KeyError, TypeError, binascii.Error):
        raise OperatorError(f"{file} is no receipt.") from None
    if not is_known:
        raise OperatorError(f"{file} is a receipt of a release that this one does not know.")
    return receipt, document, signed
