"""Passwords that follow from a role's name, a version and the role secret, which may change while we serve."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from crmtenant.db.secrets.role_names import derived_password

if TYPE_CHECKING:
    from crmtenant.db.secrets.secret_source import KnownSecrets


@dataclass(frozen=True, slots=True)
class DerivedPassword:
    """The password of a role at this version. It is the same one whichever secret it follows from just now, so an
    address that has it stays the same, and so do the connections that are open."""

    version: int
    secrets: KnownSecrets = field(compare=False, repr=False)

    def newest(self, role: str) -> str:
        """The one to give to the role, whoever has changed the secret a moment ago."""
        return derived_password(self.secrets.secrets(at_once=True)[0], role, self.version)

    def tries(self, role: str) -> Iterator[str]:
        """Those to try one after the other, mostly one. While the secret changes, the role may have got another one
        between two of them, and so may the secrets that we know: then all are tried once more."""
        known = self.secrets.secrets()
        yield from self._of(role, known)
        again = self.secrets.secrets(at_once=True)
        if again != known or len(again) > 1:
            yield from self._of(role, again)

    def _of(self, role: str, secrets: tuple[str, ...]) -> Iterator[str]:
        for secret in secrets:
            yield derived_password(secret, role, self.version)
