"""A forgotten password: asked for by anybody, answered by mail to whom the address belongs.

Asking only writes down the address, so it takes as long and says the same whether somebody has it; a worker
looks for the person and makes the token. The token is told once, in the mail; only its SHA-256 is kept.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, select, update

from crmtenant.clock import now
from crmtenant.db.pool import notify
from crmtenant.errors import FieldError, Invalid
from crmtenant.ids import new_id
from crmtenant.models.catalog.tables import Login, Membership, PasswordReset, Tenant
from crmtenant.security.opaque_tokens import new_token, token_hash
from crmtenant.services.identity.sessions import end_families
from crmtenant.services.mail import templates

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crmtenant.db.pool.catalog import Catalog
    from crmtenant.db.pool.reader import Reader
    from crmtenant.services.mail.outbox import MailOutbox

VALID = timedelta(hours=1)
BATCH = 50

_ASKED = (
    select(PasswordReset)
    .where(PasswordReset.token_hash.is_(None))
    .order_by(PasswordReset.expires_at)
    .limit(1)
    .with_for_update(skip_locked=True)
)
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


def ask(session: Session, email_key: str) -> None:
    """Nothing comes back; if somebody has this address, they will get a mail."""
    session.add(PasswordReset(id=new_id("p"), email_key=email_key, expires_at=now() + VALID))
    notify.publish(session, notify.MAIL)


def owner_of(reader: Reader, token: str) -> tuple[str, str]:
    """The name and address of the person whom this token lets choose a password. `Invalid` if it is void."""
    row = reader.row(_OPEN, {"token_hash": token_hash(token), "now": now()})
    if row is None:
        raise _void()
    _, email, name = row
    return name, email


def take(session: Session, token: str, password_hash: str, outbox: MailOutbox) -> str:
    """The id of the person, whose password this is now and whose sign-ins have all ended. `Invalid` if the
    token is spent, expired or never was."""
    row = session.execute(_OPEN, {"token_hash": token_hash(token), "now": now()}).first()
    if row is None:
        raise _void()
    user_id: str
    user_id, email, name = row
    spent = session.execute(
        delete(PasswordReset).where(PasswordReset.token_hash == token_hash(token)).returning(PasswordReset.id)
    )
    if spent.first() is None:
        raise _void()
    session.execute(
        update(Login)
        .where(Login.id == user_id)
        .values(password_hash=password_hash, token_version=Login.token_version + 1)
    )
    end_families(session, now(), user_id=user_id)
    drop_all(session, user_id)
    message = templates.password_changed(language_of(session, user_id), name=name)
    outbox.put(session, message, email)
    return user_id


def drop_all(session: Session, user_id: str) -> None:
    """Nothing comes back; no token that was mailed to this person is valid any more."""
    session.execute(delete(PasswordReset).where(PasswordReset.user_id == user_id))


def language_of(session: Session, user_id: str) -> str | None:
    """The language of the company the person joined first, of those that say one."""
    language: str | None = session.scalar(_LANGUAGE, {"user_id": user_id})
    return language


class PasswordResets:
    """What a worker does about it."""

    def __init__(self, catalog: Catalog, outbox: MailOutbox, clock: Callable[[], datetime] = now) -> None:
        self._catalog = catalog
        self._outbox = outbox
        self._clock = clock

    def answer(self) -> int:
        """How many who asked were looked for, a batch at most."""
        return next((count for count in range(BATCH) if not self._answer_one()), BATCH)

    def sweep(self) -> None:
        """Nothing comes back; expired tokens are gone."""
        with self._catalog.begin() as session:
            session.execute(delete(PasswordReset).where(PasswordReset.expires_at <= self._clock()))

    def _answer_one(self) -> bool:
        with self._catalog.begin() as session:
            asked = session.scalar(_ASKED)
            if asked is None:
                return False
            is_theirs = Login.email_key == asked.email_key
            person = session.scalar(select(Login).where(is_theirs, Login.is_active))
            if person is None:
                session.delete(asked)
                return True
            token = new_token()
            asked.user_id, asked.token_hash = person.id, token_hash(token)
            asked.expires_at = self._clock() + VALID
            language = language_of(session, person.id)
            link = self._outbox.token_link("/new-password", token)
            message = templates.password_reset(language, name=person.name, link=link)
            self._outbox.put(session, message, person.email)
        return True


def _void() -> Invalid:
    return Invalid(FieldError("/token", "invalid_reset", "This link is not, or no longer, valid."))
