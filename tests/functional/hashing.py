"""Password hashes that cost next to nothing, for tests that are not about their cost."""

from __future__ import annotations

from argon2 import PasswordHasher

from crmtenant.security.passwords import Passwords

_QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


def quick(passwords: Passwords) -> Passwords:
    """The same, hashing with the least that Argon2 can cost."""
    passwords._hasher = _QUICK
    return passwords
