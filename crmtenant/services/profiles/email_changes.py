"""Changes of the address that somebody signs in with: asked for by them, confirmed from the new address.

A request only records the address and tells the old one, so it takes as long and answers the same whether or not
somebody else has the new one. A worker (`jobs.email_change_mailer`) looks that up, makes the token and mails it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from crmtenant.clock import now
from crmtenant.db.pool import notify
from crmtenant.errors import FieldError, Invalid, NotFound
from crmtenant.models.catalog.email_change import EmailChange
from crmtenant.models.catalog.tables import Login
from crmtenant.security.opaque_tokens import token_hash
from crmtenant.services.identity.users import email_taken
from crmtenant.services.mail import templates
from crmtenant.services.profiles import password_resets
from crmtenant.text.emails import Email

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crmtenant.db.pool.catalog import Catalog
    from crmtenant.db.pool.reader import Reader
    from crmtenant.services.identity.access import AccessDirectory
    from crmtenant.services.identity.authentication import Client
    from crmtenant.services.identity.rate_limits import LimitPolicy, RateLimits
    from crmtenant.services.identity.users import User
    from crmtenant.services.mail.outbox import MailOutbox

VALIDITY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class PendingEmail:
    """The address that a person wants to sign in with, and until when they can confirm it."""

    email: str
    expires_at: datetime


_PENDING = select(EmailChange.email, EmailChange.expires_at).where(
    EmailChange.user_id == bindparam("user_id"), EmailChange.expires_at > bindparam("now")
)
_CONFIRMED = (
    select(EmailChange.user_id, EmailChange.email, EmailChange.email_key, Login.email, Login.name)
    .join_from(EmailChange, Login)
    .where(
        EmailChange.token_hash == bindparam("token_hash"),
        EmailChange.expires_at > bindparam("now"),
        Login.is_active,
    )
)


class EmailChanges:
    """Requests, repeats, cancels and confirms changes of addresses."""

    def __init__(
        self,
        catalog: Catalog,
        rate_limits: RateLimits,
        policy: LimitPolicy,
        access: AccessDirectory,
        outbox: MailOutbox,
    ) -> None:
        self._catalog = catalog
        self._rate_limits = rate_limits
        self._policy = policy
        self._access = access
        self._outbox = outbox

    def count(self, user_id: str, email_key: str) -> None:
        """Count a request. Raises: `TooMany` if the person asks too often, or too many mails go to the address."""
        self._rate_limits.count(self._policy.guessing("change of address"), user_id)
        if self._outbox.is_open:
            self._rate_limits.count(self._policy.email_change_to(), email_key)

    def request(self, session: Session, user: User, email: Email) -> None:
        """Record the address, to be confirmed; where no mails are sent, make it the person's at once.

        Raises: `Conflict` (email_taken), only where no mails are sent.
        """
        if not self._outbox.is_open:
            replace_email(session, user.id, email)
            return
        record(session, user.id, email)
        message = templates.email_change_requested(
            password_resets.language_of(session, user.id),
            name=user.name,
            email=email.address,
            link=self._outbox.page_link("/forgotten-password"),
        )
        self._outbox.put(session, message, user.email)

    def resend(self, user_id: str) -> PendingEmail:
        """Have the link sent again and return what it is for; the older link ends. Raises: `NotFound`, `TooMany`."""
        with self._catalog.begin() as session:
            pending = session.get(EmailChange, user_id)
            if pending is None or pending.expires_at <= now():
                raise NotFound
            email = Email(pending.email, pending.email_key)
        self.count(user_id, email.key)
        with self._catalog.begin() as session:
            record(session, user_id, email)
        return self.pending(user_id)

    def pending(self, user_id: str) -> PendingEmail:
        """Return the address that waits to be confirmed. Raises: `NotFound` if there is none."""
        with self._catalog.reading() as reader:
            pending = find_pending(reader, user_id)
        if pending is None:
            raise NotFound
        return pending

    def cancel(self, user_id: str) -> None:
        """Forget the address and end its link. Raises: `NotFound` if none waits to be confirmed."""
        with self._catalog.begin() as session:
            if not delete_pending(session, user_id):
                raise NotFound

    def confirm(self, token: str, client: Client) -> None:
        """Make the token's address the one its person signs in with. Their sign-ins go on.

        Raises: `Invalid` if the token is not valid, `Conflict` (email_taken) if somebody has got the address
        meanwhile, `TooMany`.
        """
        self._rate_limits.count(self._policy.registration(), client.block)
        with self._catalog.begin() as session:
            user_id = confirm(session, token, self._outbox)
        self._access.forget_user(user_id)


def record(session: Session, user_id: str, email: Email) -> None:
    """Record the address for a worker to mail a token to. It replaces what the person asked for before."""
    values = {
        "email": email.address,
        "email_key": email.key,
        "token_hash": None,
        "expires_at": now() + VALIDITY,
    }
    new = insert(EmailChange).values(user_id=user_id, **values)
    session.execute(new.on_conflict_do_update(index_elements=[EmailChange.user_id], set_=values))
    notify.publish(session, notify.MAIL)


def confirm(session: Session, token: str, outbox: MailOutbox) -> str:
    """Change the address as the token says, tell the old one, and return whose it is. Raises as `EmailChanges`."""
    digest = token_hash(token)
    row = session.execute(_CONFIRMED, {"token_hash": digest, "now": now()}).first()
    used = session.execute(
        delete(EmailChange).where(EmailChange.token_hash == digest).returning(EmailChange.user_id)
    )
    if row is None or used.first() is None:
        raise Invalid(FieldError("/token", "invalid_email_change", "This link is no longer valid."))
    user_id: str
    user_id, email, email_key, old_email, name = row
    replace_email(session, user_id, Email(email, email_key))
    message = templates.email_changed(password_resets.language_of(session, user_id), name=name, email=email)
    outbox.put(session, message, old_email)
    return user_id


def replace_email(session: Session, user_id: str, email: Email) -> None:
    """Change the address the person signs in with; links sent to the old one end. Raises: `Conflict` (email_taken)."""
    others = select(Login.id).where(Login.email_key == email.key, Login.id != user_id)
    if session.scalar(others) is not None:
        raise email_taken()
    session.execute(update(Login).where(Login.id == user_id).values(email=email.address, email_key=email.key))
    password_resets.delete_all(session, user_id)


def find_pending(reader: Reader, user_id: str) -> PendingEmail | None:
    """Return the address that waits to be confirmed, or None."""
    row = reader.row(_PENDING, {"user_id": user_id, "now": now()})
    return PendingEmail(*row) if row else None


def delete_pending(session: Session, user_id: str) -> bool:
    """Forget the address that waits to be confirmed; return whether there was one."""
    deleted = delete(EmailChange).where(EmailChange.user_id == user_id).returning(EmailChange.user_id)
    return session.execute(deleted).first() is not None
