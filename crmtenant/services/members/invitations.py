"""Invitations to a company, for people with or without a login.

Nobody becomes a member before accepting the invitation, with its token and the password of their login; who has
no login creates one by accepting. So nobody is added to a company without their consent, and inviting an address
does not reveal whether somebody has it. The token is returned once, to whoever invites; only its hash is stored.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import and_, bindparam, delete, select

from crmtenant.clock import now
from crmtenant.errors import FieldError, Invalid
from crmtenant.ids import new_id
from crmtenant.models.catalog.tables import Invitation, Login, Membership, Tenant
from crmtenant.security.opaque_tokens import new_token, token_hash
from crmtenant.services.identity import users
from crmtenant.services.mail import templates
from crmtenant.services.members import members
from crmtenant.services.members.pending_invitations import made_by_right
from crmtenant.text.emails import Email

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crmtenant.db.pool.catalog import Catalog
    from crmtenant.db.pool.reader import Reader
    from crmtenant.services.mail.outbox import MailOutbox

VALIDITY = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class NewInvitation:
    """An invitation with its token, which is returned only here. `is_mailed` says whether a mail is on its way."""

    id: str
    token: str
    email: str
    name: str | None
    role: str
    expires_at: datetime
    is_mailed: bool = False


@dataclass(frozen=True, slots=True)
class NewLogin:
    """The login that somebody creates by accepting an invitation."""

    name: str
    password_hash: str


@dataclass(frozen=True, slots=True)
class OpenInvitation:
    """An invitation that can be accepted: for whom, and to which company."""

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
    .join(
        Membership,
        and_(Membership.user_id == Invitation.invited_by, Membership.tenant_id == Invitation.tenant_id),
    )
    .join(Login, Login.id == Membership.user_id)
    .where(
        made_by_right(),
        Invitation.token_hash == bindparam("token_hash"),
        Invitation.expires_at > bindparam("now"),
        Tenant.state == "active",
    )
)


def invite(
    session: Session, tenant_id: str, email: Email, name: str | None, role: str, *, actor_id: str
) -> NewInvitation:
    """Create an invitation; it replaces an older one for this address. The caller has checked the actor's right and
    locked the company (`members.check_invitable`)."""
    token = new_token()
    expires_at = now() + VALIDITY
    _delete(session, tenant_id, email)
    invitation_id = new_id("i")
    session.add(
        Invitation(
            id=invitation_id,
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
    return NewInvitation(invitation_id, token, email.address, name, role, expires_at)


def mail_invitation(
    session: Session, outbox: MailOutbox, tenant_id: str, inviter: str, invitation: NewInvitation
) -> NewInvitation:
    """Queue the mail to whoever was invited, and return the invitation, which says whether there is one."""
    company = session.get_one(Tenant, tenant_id)
    message = templates.invitation(
        company.language,
        inviter=inviter,
        company=company.name,
        role=invitation.role,
        until=invitation.expires_at,
        link=outbox.token_link("/join", invitation.token),
    )
    is_mailed = outbox.put(session, message, invitation.email, tenant_id=tenant_id)
    return replace(invitation, is_mailed=is_mailed)


def get_open(reader: Reader, token: str) -> OpenInvitation:
    """Return the invitation of this token. Raises: `Invalid` if it is used, expired, replaced or unknown."""
    row = reader.row(_OPEN, {"token_hash": token_hash(token), "now": now()})
    if row is None:
        raise _invalid_token()
    tenant_id, company, slug, email, email_key, name, role = row
    return OpenInvitation(tenant_id, company, slug, Email(email, email_key), name, role)


def accept(session: Session, token: str, joining: NewLogin | str) -> str:
    """Accept the invitation and return the new member's user id.

    `joining` is the login to create, or the id of a user whom the caller has authenticated as the one invited.

    Raises: `Invalid` if the invitation is not valid any more, `Conflict` (email_taken) if the address has got a
    login in the meantime.
    """
    row = session.execute(_OPEN, {"token_hash": token_hash(token), "now": now()}).first()
    if row is None:
        raise _invalid_token()
    tenant_id, _, _, address, key, _, role = row
    members.lock_company(session, tenant_id)
    email = Email(address, key)
    if not _delete(session, tenant_id, email):
        raise _invalid_token()
    user_id = joining if isinstance(joining, str) else _create_login(session, email, joining)
    members.join(session, tenant_id, user_id, role)
    return user_id


def _create_login(session: Session, email: Email, login: NewLogin) -> str:
    return users.create(session, email=email, name=login.name, password_hash=login.password_hash)


def sweep(catalog: Catalog) -> None:
    """Delete expired invitations."""
    with catalog.begin() as session:
        session.execute(delete(Invitation).where(Invitation.expires_at <= now()))


def _delete(session: Session, tenant_id: str, email: Email) -> bool:
    deleted = session.execute(
        delete(Invitation)
        .where(Invitation.tenant_id == tenant_id, Invitation.email_key == email.key)
        .returning(Invitation.id)
    )
    return deleted.first() is not None


def _invalid_token() -> Invalid:
    return Invalid(FieldError("/token", "invalid_invitation", "This invitation is no longer valid."))
