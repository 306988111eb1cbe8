"""Authentication by e-mail address and password. Every way of being wrong takes as long as any other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crmtenant.errors import FieldError, Invalid, Unauthenticated
from crmtenant.security.opaque_tokens import token_hash
from crmtenant.services.identity import users
from crmtenant.services.identity.rate_limits import address_block
from crmtenant.services.identity.users import User, read_email

if TYPE_CHECKING:
    from crmtenant.db.pool.catalog import Catalog
    from crmtenant.security.passwords import Passwords
    from crmtenant.services.identity.rate_limits import Limit, LimitPolicy, RateLimits


@dataclass(frozen=True, slots=True)
class Client:
    """Where a request comes from: its network address and its browser or program."""

    address: str
    user_agent: str | None = None

    @property
    def block(self) -> str:
        """The part of the address that limits count by."""
        return address_block(self.address)


class Authentication:
    """Checks passwords, within the limits for guessing them."""

    def __init__(
        self, catalog: Catalog, passwords: Passwords, rate_limits: RateLimits, policy: LimitPolicy
    ) -> None:
        self._catalog = catalog
        self._passwords = passwords
        self._rate_limits = rate_limits
        self._by_address = policy.guessing("sign-in by address")
        self._by_person = policy.guessing("sign-in by person")

    def authenticate(self, email: str, password: str, client: Client) -> User:
        """Return the user with this address and password.

        Raises: `Unauthenticated` (invalid_credentials), or `TooMany` after too many attempts.
        """
        key = _key_of(email)
        self._count(client, key)
        with self._catalog.reading() as reader:
            user = users.find(reader, key)
        is_right = self._passwords.verify(user.password_hash if user else None, password)
        if user is None or not is_right or not user.is_active:
            raise invalid_credentials()
        self._succeeded(client, user, key, password)
        return user

    def confirm(self, user: User, password: str, client: Client) -> None:
        """Check the password of somebody who is signed in; it counts like a sign-in.

        Raises: `Invalid` (wrong_password at /current_password), or `TooMany`.
        """
        key = _key_of(user.email)
        self._count(client, key)
        if not self._passwords.verify(user.password_hash, password):
            raise Invalid(FieldError("/current_password", "wrong_password", "This is not your password."))
        self._succeeded(client, user, key, password)

    def _count(self, client: Client, key: str) -> None:
        for limit, subject in self._subjects(client, key):
            self._rate_limits.count(limit, subject)

    def _succeeded(self, client: Client, user: User, key: str, password: str) -> None:
        """Take the attempt off the counts, and hash the password anew if its hash has outdated costs."""
        by_address, by_person = self._subjects(client, key)
        self._rate_limits.refund(*by_address)
        self._rate_limits.clear(*by_person)
        if self._passwords.needs_rehash(user.password_hash):
            new_hash = self._passwords.hash(password)
            with self._catalog.begin() as session:
                users.replace_hash(session, user.id, user.password_hash, new_hash)

    def _subjects(self, client: Client, key: str) -> tuple[tuple[Limit, str], tuple[Limit, str]]:
        return (self._by_address, client.block), (self._by_person, key)


def invalid_credentials() -> Unauthenticated:
    """Return the one error for every wrong address and every wrong password."""
    detail = "The e-mail address or the password is wrong."
    return Unauthenticated(detail, code="invalid_credentials", is_of_token=False)


def _key_of(email: str) -> str:
    """Return the key of the address. What is no address gets a key that nobody has, and is looked up as well."""
    try:
        return read_email(email).key
    except Invalid:
        return token_hash(email).hex()
