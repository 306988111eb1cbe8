"""Invitations: a place in a company for somebody, whether they have a login yet or not.

Nobody becomes a member before taking the invitation up, with the token and the password of their login; who has
no login makes one by that. So nobody is put into a company unasked, and inviting an address does not tell
whether it is somebody's. The token is told once, to whoever invites; only its SHA-256 is kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, select

from crmtenant.clock import now
from crmtenant.errors import FieldError, Invalid
from crmtenant.ids import new_id
from crmtenant.models.catalog.tables import Invitation, Tenant
from crmtenant.security.opaque_tokens import new_token, token_hash
from crmtenant.services.identity import members, users
from crmtenant.services.mail import templates
from crmtenant.text.emails import Email

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crmtenant.db.pool.catalog import Catalog
    from crmtenant.db.pool.reader import Reader
    from crmtenant.services.mail.outbox import MailOutbox

VALID = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Invited:
    """An invitation as whoever made it hears of it: the token, once."""

    token: str
    email: str
    name: str | None
    role: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Somebody who makes a login by taking an invitation up."""

    name: str
    password_hash: str


@dataclass(frozen=True, slots=True)
class Open:
    """An invitation that can be taken up: for whom, and into which company."""

    tenant_id: str
    company_name: str
    slug: str
    email: Email
    name: str | None
    role: str


_OPEN = (
    select(
        Invitation.tenant_id,
        Tenant.name,
        Tenant.slug,
        Invitation.email,
        Invitation.email_key,
        Invitation.name,
        Invitation.role,
    )
    .join(Tenant)
    .where(
        Invitation.token_hash == bindparam("token_hash"),
        Invitation.expires_at > bindparam("now"),
        Tenant.state == "active",
    )
)


def invite(
    session: Session, tenant_id: str, email: Email, name: str | None, role: str, *, actor_id: str
) -> Invited:
    """A new invitation; an older one for this address is void. The caller has seen to the actor's right and
    the company's lock (`members.check_invitable`)."""
    token = new_token()
    expires_at = now() + VALID
    _drop(session, tenant_id, email)
    session.add(
        Invitation(
            id=new_id("i"),
            tenant_id=tenant_id,
            email=email.address,
            email_key=email.key,
            name=name,
            role=role,
            token_hash=token_hash(token),
            invited_by=actor_id,
            expires_at=expires_at,
        )
    )
    session.flush()
    return Invited(token, email.address, name, role, expires_at)


def mail_invitation(
    session: Session, outbox: MailOutbox, tenant_id: str, inviter: str, invited: Invited
) -> None:
    """Queue the mail to whoever was invited."""
    company = session.get_one(Tenant, tenant_id)
    message = templates.invitation(
        company.language,
        inviter=inviter,
        company=company.name,
        role=invited.role,
        until=invited.expires_at,
        link=outbox.token_link("/join", invited.token),
    )
    outbox.put(session, message, invited.email, tenant_id=tenant_id)


def get_open(reader: Reader, token: str) -> Open:
    """What this token invites to. `Invalid` if it is spent, expired, replaced or never was."""
    row = reader.row(_OPEN, {"token_hash": token_hash(token), "now": now()})
    if row is None:
        raise _void()
    tenant_id, company, slug, email, email_key, name, role = row
    return Open(tenant_id, company, slug, Email(email, email_key), name, role)


def accept(session: Session, token: str, newcomer: Newcomer | str) -> str:
    """The id of the person, a member now; the invitation is spent. `Invalid` if it is not valid any more.

    A newcomer gets a login (`Conflict`, email_taken, when the address has got one meanwhile); for a known person
    the caller has proven that they are the one invited.
    """
    row = session.execute(_OPEN, {"token_hash": token_hash(token), "now": now()}).first()
    if row is None:
        raise _void()
    tenant_id, _, _, address, key, _, role = row
    members.lock_company(session, tenant_id)
    email = Email(address, key)
    if not _drop(session, tenant_id, email):
        raise _void()
    user_id = newcomer if isinstance(newcomer, str) else _made(session, email, newcomer)
    members.join(session, tenant_id, user_id, role)
    return user_id


def _made(session: Session, email: Email, newcomer: Newcomer) -> str:
    return users.create(session, email=email, name=newcomer.name, password_hash=newcomer.password_hash)


def sweep(catalog: Catalog) -> None:
    """Nothing comes back; expired invitations are gone."""
    with catalog.begin() as session:
        session.execute(delete(Invitation).where(Invitation.expires_at <= now()))


def _drop(session: Session, tenant_id: str, email: Email) -> bool:
    dropped = session.execute(
        delete(Invitation)
        .where(Invitation.tenant_id == tenant_id, Invitation.email_key == email.key)
        .returning(Invitation.id)
    )
    return dropped.first() is not None


def _void() -> Invalid:
    return Invalid(FieldError("/token", "invalid_invitation", "This invitation is not, or no longer, valid."))
