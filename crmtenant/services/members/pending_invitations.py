"""The invitations of a company that can still be accepted: listed, sent again, withdrawn, ended with their maker's rights.

An invitation is worth as much as the right of whoever made it: it ends when that person leaves the company, or may not
give its role any more. Whoever sends it again answers for it from then on.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import ColumnElement, and_, bindparam, delete, or_, select

from crmtenant.clock import now
from crmtenant.errors import NotFound
from crmtenant.models.catalog.tables import Invitation, Login, Mail, Membership
from crmtenant.permissions import ROLE_PERMISSIONS, Permission, Role

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crmtenant.db.pool.reader import Reader

MailState = Literal["none", "waiting", "sent", "failed"]

_INVITERS = [role for role, permissions in ROLE_PERMISSIONS.items() if Permission.MEMBER_WRITE in permissions]


@dataclass(frozen=True, slots=True)
class PendingInvitation:
    """An invitation without its token. `mail` says how far the mail about it has come."""

    id: str
    email: str
    name: str | None
    role: str
    invited_by: str
    invited_by_name: str
    created_at: datetime
    expires_at: datetime
    mail: MailState


def made_by_right() -> ColumnElement[bool]:
    """Return the condition that the invitation's maker, joined as `Membership` and `Login`, may still give its role."""
    return and_(
        Membership.state == "active",
        Login.is_active,
        or_(*(Membership.role == role for role in _INVITERS)),  # IN is expanded by sessions only
        or_(Invitation.role != Role.OWNER, Membership.role == Role.OWNER),
    )


_NEWEST_MAIL = (
    select(Mail.sent_at, Mail.problem)
    .where(
        Mail.tenant_id == Invitation.tenant_id,
        Mail.kind == "invitation",
        Mail.recipient == Invitation.email,
        Mail.created_at >= Invitation.created_at,
    )
    .order_by(Mail.id.desc())
    .limit(1)
    .add_columns(Mail.id)
    .lateral("newest_mail")
)
_ALL = (
    select(
        Invitation.id,
        Invitation.email,
        Invitation.name,
        Invitation.role,
        Invitation.invited_by,
        Login.name,
        Invitation.created_at,
        Invitation.expires_at,
        _NEWEST_MAIL.c.id,
        _NEWEST_MAIL.c.sent_at,
        _NEWEST_MAIL.c.problem,
    )
    .join_from(
        Invitation,
        Membership,
        and_(Membership.user_id == Invitation.invited_by, Membership.tenant_id == Invitation.tenant_id),
    )
    .join(Login, Login.id == Membership.user_id)
    .outerjoin(_NEWEST_MAIL, Invitation.id.is_not(None))
    .where(
        Invitation.tenant_id == bindparam("tenant_id"),
        Invitation.expires_at > bindparam("now"),
        made_by_right(),
    )
    .order_by(Invitation.created_at.desc(), Invitation.id)
)


def find_all(reader: Reader, tenant_id: str) -> list[PendingInvitation]:
    """Return the company's open invitations, the newest first."""
    rows = reader.rows(_ALL, {"tenant_id": tenant_id, "now": now()})
    return [_pending(*row) for row in rows]


def locked(session: Session, tenant_id: str, invitation_id: str) -> Invitation:
    """Return the open invitation. The caller has locked the company. Raises: `NotFound`."""
    invitation = session.scalar(
        select(Invitation).where(
            Invitation.id == invitation_id, Invitation.tenant_id == tenant_id, Invitation.expires_at > now()
        )
    )
    if invitation is None:
        raise NotFound
    return invitation


def end_of_maker(session: Session, tenant_id: str, user_id: str, role: str | None) -> None:
    """End those invitations of this person that they could not make in this role, or without one."""
    made = delete(Invitation).where(Invitation.tenant_id == tenant_id, Invitation.invited_by == user_id)
    if role == Role.OWNER:
        return
    session.execute(made if role not in _INVITERS else made.where(Invitation.role == Role.OWNER))


def _pending(*row: Any) -> PendingInvitation:
    *columns, mail_id, sent_at, problem = row
    columns.append(_mail_state(mail_id, sent_at, problem))
    return PendingInvitation(*columns)


def _mail_state(mail_id: int | None, sent_at: datetime | None, problem: str | None) -> MailState:
    if mail_id is None:
        return "none"
    if sent_at is not None:
        return "sent"
    return "failed" if problem else "waiting"
