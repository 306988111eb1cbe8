"""The seal of a manifest: an HMAC by which an installation knows its own backups.

The SHA-256 of a manifest shows accidents; anybody who may write in the directory can compute it anew. The key is in no
backup and not in the catalog.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crmtenant.db.secrets.secret_source import SecretSource

_PURPOSE = b"crmtenant backup manifest\n"


class Seal:
    """Seals manifests with the first secret; those sealed with one of the others are ours as well."""

    def __init__(self, secrets: SecretSource) -> None:
        self._secrets = secrets

    def of(self, document: bytes) -> str:
        """Return the seal of this document."""
        return _mac(self._secrets.secrets(at_once=True)[0], document)

    def fits(self, document: bytes, seal: str) -> bool:
        """Return whether this installation made the seal, for this very document."""
        known = (_mac(secret, document) for secret in self._secrets.secrets(at_once=True))
        return any(hmac.compare_digest(one.encode(), seal.encode()) for one in known)


def _mac(secret: str, document: bytes) -> str:
    return hmac.new(secret.encode(), _PURPOSE + document, hashlib.sha256).hexdigest()
