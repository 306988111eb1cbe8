"""Passwords derived from a role's name, a version and the role secret, which may change at run time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from crmtenant.db.secrets.role_names import derived_password

if TYPE_CHECKING:
    from crmtenant.db.secrets.secret_source import SecretSource


@dataclass(frozen=True, slots=True)
class DerivedPassword:
    """The password of a role at this version.

    The secret is not compared, so an address stays equal when it changes, and open connections stay in the pool.
    """

    version: int
    secrets: SecretSource = field(compare=False, repr=False)

    def newest(self, role: str) -> str:
        """Return the password to assign to the role, derived from the secret in use at this moment."""
        return derived_password(self.secrets.secrets(at_once=True)[0], role, self.version)

    def candidates(self, role: str) -> Iterator[str]:
        """Yield the passwords to try in turn, usually one.

        While the secret changes, role and secrets may change between two attempts; then all are tried once more.
        """
        known = self.secrets.secrets()
        yield from self._of(role, known)
        newest = self.secrets.secrets(at_once=True)
        if newest != known or len(newest) > 1:
            yield from self._of(role, newest)

    def _of(self, role: str, secrets: tuple[str, ...]) -> Iterator[str]:
        for secret in secrets:
            yield derived_password(secret, role, self.version)
