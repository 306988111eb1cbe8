"""Authentication by e-mail address and password. Every way of being wrong takes as long as any other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crmtenant.clock import now
from crmtenant.errors import FieldError, Invalid, Unauthenticated
from crmtenant.security.opaque_tokens import token_hash
from crmtenant.services.identity import users
from crmtenant.services.identity.rate_limits import address_block
from crmtenant.services.identity.users import User, read_email

if TYPE_CHECKING:
    from crmtenant.db.pool.catalog import Catalog
    from crmtenant.security.device_cookies import DeviceCookies
    from crmtenant.security.passwords import Passwords
    from crmtenant.services.identity.rate_limits import Limit, LimitPolicy, RateLimits

    Counted = tuple[Limit, str]


@dataclass(frozen=True, slots=True)
class Client:
    """Where a request comes from: its network address, its browser or program, and the cookie of a known device."""

    address: str
    user_agent: str | None = None
    device_cookie: str | None = None

    @property
    def block(self) -> str:
        """The part of the address that limits count by."""
        return address_block(self.address)


class Authentication:
    """Checks passwords, within the limits for guessing them."""

    def __init__(
        self,
        catalog: Catalog,
        passwords: Passwords,
        rate_limits: RateLimits,
        policy: LimitPolicy,
        devices: DeviceCookies,
    ) -> None:
        self._catalog = catalog
        self._passwords = passwords
        self._rate_limits = rate_limits
        self._by_address = policy.guessing("sign-in by address")
        self._by_person = policy.guessing("sign-in by person")
        self._by_device = policy.guessing("sign-in by device")
        self._devices = devices

    def authenticate(self, email: str, password: str, client: Client) -> User:
        """Return the user with this address and password.

        Raises: `Unauthenticated` (invalid_credentials), or `TooMany` after too many attempts.
        """
        key = _key_of(email)
        with self._catalog.reading() as reader:
            user = users.find(reader, key)
        counted = self._count(client, key, user)
        is_right = self._passwords.verify(user.password_hash if user else None, password)
        if user is None or not is_right or not user.is_active:
            raise invalid_credentials()
        self._succeeded(counted, user, password)
        return user

    def confirm(self, user: User, password: str, client: Client) -> None:
        """Check the password of somebody who is signed in; it counts like a sign-in.

        Raises: `Invalid` (wrong_password at /current_password), or `TooMany`.
        """
        counted = self._count(client, _key_of(user.email), user)
        if not self._passwords.verify(user.password_hash, password):
            raise Invalid(FieldError("/current_password", "wrong_password", "This is not your password."))
        self._succeeded(counted, user, password)

    def _count(self, client: Client, key: str, user: User | None) -> list[Counted]:
        counted = self._subjects(client, key, user)
        for limit, subject in counted:
            self._rate_limits.count(limit, subject)
        return counted

    def _succeeded(self, counted: list[Counted], user: User, password: str) -> None:
        """Take the attempt off the counts, and hash the password anew if its hash has outdated costs."""
        for limit, subject in counted:
            settle = self._rate_limits.refund if limit == self._by_address else self._rate_limits.clear
            settle(limit, subject)
        if self._passwords.needs_rehash(user.password_hash):
            new_hash = self._passwords.hash(password)
            with self._catalog.begin() as session:
                users.replace_hash(session, user.id, user.password_hash, new_hash)

    def _subjects(self, client: Client, key: str, user: User | None) -> list[Counted]:
        """Return what the attempt counts for: a device on which this person has signed in before, for itself alone, so
        that strangers' guesses do not lock it out and its own lock nobody else out; all others, for the network
        address and the person."""
        device = user and self._devices.device_of(client.device_cookie, user.id, user.token_version, now())
        if user and device:
            return [(self._by_device, f"{user.id}:{device}")]
        return [(self._by_address, client.block), (self._by_person, key)]


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
