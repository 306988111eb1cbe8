"""Who somebody says they are, proven by a password."""

from __future__ import annotations

from typing import Any

from crmtenant.api.identity.token_responses import own_address
from crmtenant.errors import FieldError, Invalid, Unauthenticated
from crmtenant.security.opaque_tokens import token_hash
from crmtenant.services.identity import users
from crmtenant.services.identity.rate_limits import Limit
from crmtenant.services.identity.users import Person, read_email


def authenticate(request: Any, email: str, password: str) -> Person:
    """The person with this address and password. Every way of being wrong takes as long as the others.

    Raises `Unauthenticated` (invalid_credentials), or `TooMany` after too many attempts.
    """
    platform = request.registry.platform
    key = _key_of(email)
    _count(request, key)
    with platform.catalog.reading() as reader:
        person = users.find(reader, key)
    is_right = platform.passwords.verify(person.password_hash if person else None, password)
    if person is None or not is_right or not person.is_active:
        raise wrong()
    _keep_rightful(request, person, key, password)
    return person


def prove_again(request: Any, person: Person, password: str) -> None:
    """Nothing comes back; somebody signed in has shown their password once more.

    Raises `Invalid` (wrong_password at /current_password), or `TooMany`: it counts like signing in.
    """
    key = _key_of(person.email)
    _count(request, key)
    if not request.registry.platform.passwords.verify(person.password_hash, password):
        raise Invalid(FieldError("/current_password", "wrong_password", "This is not your password."))
    _keep_rightful(request, person, key, password)


def wrong() -> Unauthenticated:
    """What anybody hears who could not prove who they are."""
    return Unauthenticated("The e-mail address or the password is wrong.", code="invalid_credentials")


def _keep_rightful(request: Any, person: Person, key: str, password: str) -> None:
    """Nothing comes back; the attempt counts against nobody, and the hash is of today's costs."""
    platform = request.registry.platform
    by_address, by_person = _limits(request, key)
    platform.attempts.give_back(*by_address)
    platform.attempts.clear(*by_person)
    if platform.passwords.needs_rehash(person.password_hash):
        new_hash = platform.passwords.hash(password)
        with platform.catalog.begin() as session:
            users.keep_rehashed(session, person.id, person.password_hash, new_hash)


def _count(request: Any, key: str) -> None:
    for limit, subject in _limits(request, key):
        request.registry.platform.attempts.count(limit, subject)


def _limits(request: Any, key: str) -> tuple[tuple[Limit, str], tuple[Limit, str]]:
    settings = request.registry.platform.settings
    most, window = settings.sign_in_attempts, settings.sign_in_window_seconds
    return (
        (Limit("sign-in by address", most, window), own_address(request)),
        (Limit("sign-in by person", most, window), key),
    )


def _key_of(email: str) -> str:
    """The address's key; for what is no address one that nobody has, so that it is looked up all the same."""
    try:
        return read_email(email).key
    except Invalid:
        return token_hash(email).hex()
