"""The accounts of operators who look at the fleet's page. They open no company, and no person has one by being one."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from crmtenant.errors import Conflict, OperatorError
from crmtenant.models.catalog.operator_account import OperatorAccount
from crmtenant.services.identity.rate_limits import address_block

if TYPE_CHECKING:
    from crmtenant.db.pool.catalog import Catalog
    from crmtenant.security.passwords import Passwords
    from crmtenant.services.identity.rate_limits import LimitPolicy, RateLimits

_NAMES = select(OperatorAccount.name).order_by(OperatorAccount.name)
_HASH = select(OperatorAccount.password_hash).where(OperatorAccount.name == bindparam("name"))


class OperatorAccounts:
    """Adds, changes, removes and checks accounts. Attempts count by account and by address, as those of people do."""

    def __init__(
        self, catalog: Catalog, passwords: Passwords, rate_limits: RateLimits, policy: LimitPolicy
    ) -> None:
        self._catalog = catalog
        self._passwords = passwords
        self._rate_limits = rate_limits
        self._by_name = policy.guessing("fleet by account")
        self._by_address = policy.guessing("fleet by address")

    def add(self, name: str, password: str) -> None:
        """Add the account. Raises: `OperatorError` for a weak password, `Conflict` if there is such an account."""
        self._check(name, password)
        values = {"name": name, "password_hash": self._passwords.hash(password)}
        statement = insert(OperatorAccount).on_conflict_do_nothing().returning(OperatorAccount.name)
        with self._catalog.begin() as session:
            if session.scalars(statement.values(values)).one_or_none() is None:
                raise Conflict(f"There is an account {name} already.")

    def remove(self, name: str) -> None:
        """Remove the account; whoever is signed in with it is out with the next request. Raises: `OperatorError`."""
        statement = (
            delete(OperatorAccount).where(OperatorAccount.name == name).returning(OperatorAccount.name)
        )
        with self._catalog.begin() as session:
            if session.scalars(statement).one_or_none() is None:
                raise OperatorError(f"There is no account {name}.")

    def names(self) -> list[str]:
        """Return the names of all accounts."""
        with self._catalog.reading() as reader:
            return [name for (name,) in reader.rows(_NAMES)]

    def set_password(self, name: str, password: str) -> None:
        """Give the account another password; whoever is signed in with it is out. Raises: `OperatorError`."""
        self._check(name, password)
        values = {"password_hash": self._passwords.hash(password)}
        statement = (
            update(OperatorAccount).where(OperatorAccount.name == name).returning(OperatorAccount.name)
        )
        with self._catalog.begin() as session:
            if session.scalars(statement.values(values)).one_or_none() is None:
                raise OperatorError(f"There is no account {name}.")

    def mark(self, name: str) -> bytes | None:
        """Return what changes with the account's password, or None without such an account."""
        found = self._hash_of(name)
        return hashlib.sha256(found.encode()).digest() if found is not None else None

    def is_right(self, name: str, password: str, address: str) -> bool:
        """Return whether this is the account's password. Raises: `TooMany` after too many attempts."""
        block = address_block(address)
        self._rate_limits.count(self._by_address, block)
        self._rate_limits.count(self._by_name, name)
        # Takes as long for nobody's name.
        if not self._passwords.verify(self._hash_of(name), password):
            return False
        self._rate_limits.refund(self._by_address, block)
        self._rate_limits.clear(self._by_name, name)
        return True

    def _hash_of(self, name: str) -> str | None:
        if "\0" in name:  # which PostgreSQL does not take
            return None
        with self._catalog.reading() as reader:
            row = reader.row(_HASH, {"name": name})
        return row[0] if row else None

    def _check(self, name: str, password: str) -> None:
        error = self._passwords.field_error(password, [name])
        if error is not None:
            raise OperatorError(error.detail)
