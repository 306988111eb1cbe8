"""Password resets: requested by anybody, answered by mail to the owner of the address.

A request only records the address, so it takes as long and answers the same whether or not somebody has it. A
worker (`jobs.reset_mailer`) looks the person up and makes the token. Only the token's hash is stored.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, select, update

from crmtenant.clock import now
from crmtenant.db.pool import notify
from crmtenant.errors import FieldError, Invalid, NotFound
from crmtenant.ids import new_id
from crmtenant.models.catalog.email_change import EmailChange
from crmtenant.models.catalog.tables import Login, Membership, PasswordReset, Tenant
from crmtenant.security.opaque_tokens import token_hash
from crmtenant.services.identity.sessions import end_families
from crmtenant.services.identity.users import companies_of, read_email
from crmtenant.services.mail import templates

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crmtenant.db.pool.catalog import Catalog
    from crmtenant.db.pool.reader import Reader
    from crmtenant.security.passwords import Passwords
    from crmtenant.services.identity.access import AccessDirectory
    from crmtenant.services.identity.authentication import Client
    from crmtenant.services.identity.rate_limits import LimitPolicy, RateLimits
    from crmtenant.services.mail.outbox import MailOutbox

VALIDITY = timedelta(hours=1)

_OPEN = (
    select(Login.id, Login.email, Login.name)
    .join_from(PasswordReset, Login)
    .where(
        PasswordReset.token_hash == bindparam("token_hash"),
        PasswordReset.expires_at > bindparam("now"),
        Login.is_active,
    )
)
_LANGUAGE = (
    select(Tenant.language)
    .join(Membership)
    .where(
        Membership.user_id == bindparam("user_id"),
        Membership.state == "active",
        Tenant.state == "active",
        Tenant.language.is_not(None),
    )
    .order_by(Membership.created_at)
    .limit(1)
)


class PasswordResets:
    """Requests and redeems password resets."""

    def __init__(
        self,
        catalog: Catalog,
        passwords: Passwords,
        rate_limits: RateLimits,
        policy: LimitPolicy,
        access: AccessDirectory,
        outbox: MailOutbox,
    ) -> None:
        self._catalog = catalog
        self._passwords = passwords
        self._rate_limits = rate_limits
        self._policy = policy
        self._access = access
        self._outbox = outbox

    def require_available(self) -> None:
        """Raises: `NotFound` where no mails are sent."""
        if not self._outbox.is_open:
            raise NotFound

    def request(self, email: str, client: Client) -> None:
        """Record the request. If somebody has this address, they get a mail. Raises: `Invalid`, `TooMany`."""
        key = read_email(email).key
        self._rate_limits.count(self._policy.guessing("reset by address"), client.block)
        self._rate_limits.count(self._policy.guessing("reset by person"), key)
        with self._catalog.begin() as session:
            request(session, key)

    def redeem(self, token: str, password: str, client: Client) -> None:
        """Set the password of the token's owner and end all their sign-ins.

        Raises: `Invalid` if the token is not valid or the password is too easy to guess for its owner; `TooMany`.
        """
        self._rate_limits.count(self._policy.registration(), client.block)
        with self._catalog.reading() as reader:
            own_words = words_of_owner(reader, token)
        # Judged again, now that the owner is known.
        if field_error := self._passwords.field_error(password, own_words):
            raise Invalid(field_error)
        new_hash = self._passwords.hash(password)
        with self._catalog.begin() as session:
            user_id = redeem(session, token, new_hash, self._outbox)
        self._access.forget_user(user_id)


def request(session: Session, email_key: str) -> None:
    """Record that somebody asked for a new password, for a worker to answer."""
    session.add(PasswordReset(id=new_id("p"), email_key=email_key, expires_at=now() + VALIDITY))
    notify.publish(session, notify.MAIL)


def words_of_owner(reader: Reader, token: str) -> list[str]:
    """Return what is easy to guess for the token's owner: name, address, companies.

    Raises: `Invalid` if the token is not valid.
    """
    row = reader.row(_OPEN, {"token_hash": token_hash(token), "now": now()})
    if row is None:
        raise _invalid_token()
    user_id, email, name = row
    return [name, email, *(company.name for company in companies_of(reader, user_id))]


def redeem(session: Session, token: str, password_hash: str, outbox: MailOutbox) -> str:
    """Store the password hash of the token's owner, end their sign-ins, and return their id.

    Raises: `Invalid` if the token is used, expired or unknown.
    """
    row = session.execute(_OPEN, {"token_hash": token_hash(token), "now": now()}).first()
    if row is None:
        raise _invalid_token()
    user_id: str
    user_id, email, name = row
    used = session.execute(
        delete(PasswordReset).where(PasswordReset.token_hash == token_hash(token)).returning(PasswordReset.id)
    )
    if used.first() is None:
        raise _invalid_token()
    session.execute(
        update(Login)
        .where(Login.id == user_id)
        .values(password_hash=password_hash, token_version=Login.token_version + 1)
    )
    end_families(session, now(), user_id=user_id)
    delete_all(session, user_id)
    # Whoever did not ask for another address is told to choose a new password.
    session.execute(delete(EmailChange).where(EmailChange.user_id == user_id))
    message = templates.password_changed(language_of(session, user_id), name=name)
    outbox.put(session, message, email)
    return user_id


def delete_all(session: Session, user_id: str) -> None:
    """Invalidate every reset token of this person."""
    session.execute(delete(PasswordReset).where(PasswordReset.user_id == user_id))


def language_of(session: Session, user_id: str) -> str | None:
    """Return the language of the first company the person joined that has one set."""
    language: str | None = session.scalar(_LANGUAGE, {"user_id": user_id})
    return language


def _invalid_token() -> Invalid:
    return Invalid(FieldError("/token", "invalid_reset", "This link is no longer valid."))
