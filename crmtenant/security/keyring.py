"""The current signing secrets, which may change while the process serves."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from crmtenant.security.keys import derived_key

if TYPE_CHECKING:
    from crmtenant.db.secrets.secret_source import SecretSource


@lru_cache(maxsize=16)
def _derived(secrets: tuple[str, ...], purpose: str) -> tuple[bytes, ...]:
    return tuple(derived_key(secret, purpose) for secret in secrets)


class Keyring:
    """The keys derived from the signing secrets."""

    def __init__(self, known: SecretSource) -> None:
        self._known = known

    def secrets(self, *, at_once: bool = False) -> tuple[str, ...]:
        """Return the secrets: the first signs, all verify."""
        return self._known.secrets(at_once=at_once)

    def keys(self, purpose: str) -> tuple[bytes, ...]:
        """Return the keys for this purpose: the first signs, all verify."""
        return _derived(self.secrets(), purpose)
