"""Members of a company, their roles, and the rule that a company keeps at least one owner.

Every change locks the company's row first, so that two owners cannot step down at the same moment, and reads
the actor's role under that lock, so that nobody acts in a role they have just lost.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import ARRAY, Text, any_, bindparam, func, select

from crmtenant.clock import now
from crmtenant.db.pool.notify import TOLD, publish
from crmtenant.errors import Conflict, Forbidden, NotFound
from crmtenant.models.catalog.tables import Login, Membership, Tenant
from crmtenant.permissions import ROLE_PERMISSIONS, Permission, Role
from crmtenant.services.identity.sessions import end_families
from crmtenant.services.members import pending_invitations

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crmtenant.db.pool.reader import Reader
    from crmtenant.text.emails import Email


@dataclass(frozen=True, slots=True)
class Member:
    """A person as a member of one company; the times are the membership's."""

    id: str
    name: str
    email: str
    role: str
    created_at: datetime
    updated_at: datetime


_COLUMNS = (
    Login.id,
    Login.name,
    Login.email,
    Membership.role,
    Membership.created_at,
    Membership.updated_at,
)
_ALL = (
    select(*_COLUMNS)
    .join_from(Membership, Login)
    .where(Membership.tenant_id == bindparam("tenant_id"), Membership.state == "active")
    .order_by(func.lower(Login.name), Login.id)
)
_COUNT_AMONG = select(func.count()).where(
    Membership.tenant_id == bindparam("tenant_id"),
    Membership.state == "active",
    Membership.user_id == any_(bindparam("user_ids", type_=ARRAY(Text))),
)
_ACTIVE_AMONG = (
    select(Login.id)
    .join(Membership)
    .where(
        Membership.tenant_id == bindparam("tenant_id"),
        Membership.state == "active",
        Login.is_active,
        Login.id == any_(bindparam("user_ids", type_=ARRAY(Text))),
    )
)
_LEFT = (
    select(*_COLUMNS)
    .join_from(Membership, Login)
    .where(Membership.tenant_id == bindparam("tenant_id"), Membership.state == "removed")
    .order_by(func.lower(Login.name), Login.id)
)
_EVER = select(Membership.user_id).where(
    Membership.tenant_id == bindparam("tenant_id"), Membership.user_id == bindparam("user_id")
)
_ONE = _ALL.where(Membership.user_id == bindparam("user_id"))
_OWNERS_ADDRESSES = (
    select(Login.email)
    .join(Membership)
    .where(
        Membership.tenant_id == bindparam("tenant_id"),
        Membership.state == "active",
        Membership.role == Role.OWNER,
    )
)


def find_all(reader: Reader, tenant_id: str) -> list[Member]:
    """Return every member of the company, by name."""
    return [Member(*row) for row in reader.rows(_ALL, {"tenant_id": tenant_id})]


def find_left(reader: Reader, tenant_id: str) -> list[Member]:
    """Return everybody who was a member of the company and left, by name, in the role they had."""
    return [Member(*row) for row in reader.rows(_LEFT, {"tenant_id": tenant_id})]


def were_member(reader: Reader, tenant_id: str, user_id: str) -> bool:
    """Return whether the person is, or ever was, a member of the company."""
    return reader.row(_EVER, {"tenant_id": tenant_id, "user_id": user_id}) is not None


def are_members(reader: Reader, tenant_id: str, user_ids: Iterable[str]) -> bool:
    """Return whether every one of these people is an active member of the company."""
    wanted = sorted(set(user_ids))
    found = reader.row(_COUNT_AMONG, {"tenant_id": tenant_id, "user_ids": wanted})
    return found == (len(wanted),)


def active_among(reader: Reader, tenant_id: str, user_ids: Iterable[str]) -> set[str]:
    """Return those of these people who are active members of the company and may sign in."""
    values = {"tenant_id": tenant_id, "user_ids": list(user_ids)}
    return {row[0] for row in reader.rows(_ACTIVE_AMONG, values)}


def find(reader: Reader, tenant_id: str, user_id: str) -> Member | None:
    """Return this member of the company, or None."""
    row = reader.row(_ONE, {"tenant_id": tenant_id, "user_id": user_id})
    return Member(*row) if row else None


def change_role(session: Session, tenant_id: str, user_id: str, role: str, *, actor_id: str) -> Member:
    """Change the member's role and return them. Raises: `NotFound`, `Forbidden`, `Conflict` (last_owner)."""
    actor_role = authorise(session, tenant_id, actor_id)
    membership = _active(session, tenant_id, user_id)
    require_owner_for(actor_role, membership.role, role)
    if membership.role == Role.OWNER and role != Role.OWNER:
        _require_another_owner(session, membership)
    membership.role = role
    session.flush()
    pending_invitations.end_of_maker(session, tenant_id, user_id, role)
    return _member(session, membership)


def remove(session: Session, tenant_id: str, user_id: str, *, actor_id: str) -> None:
    """Remove the member and sign them out of this company. Everybody may remove themselves.

    Raises what `change_role` raises.
    """
    is_leaving = user_id == actor_id
    if is_leaving:
        lock_company(session, tenant_id)
    actor_role = "" if is_leaving else authorise(session, tenant_id, actor_id)
    membership = _active(session, tenant_id, user_id)
    if not is_leaving:
        require_owner_for(actor_role, membership.role)
    if membership.role == Role.OWNER:
        _require_another_owner(session, membership)
    membership.state = "removed"
    publish(session, TOLD, tenant_id)
    pending_invitations.end_of_maker(session, tenant_id, user_id, None)
    end_families(session, now(), tenant_id=tenant_id, user_id=user_id)


def check_invitable(session: Session, tenant_id: str, email: Email, role: str, *, actor_id: str) -> None:
    """Lock the company and check that the actor may invite this address in this role.

    Whether the address has a login elsewhere is not revealed and does not matter: nobody becomes a member without
    accepting the invitation.

    Raises: `Forbidden`, `Conflict` (already_member), `NotFound`.
    """
    require_owner_for(authorise(session, tenant_id, actor_id), role)
    is_member = session.scalar(
        select(Login.id)
        .join(Membership)
        .where(Login.email_key == email.key, Membership.tenant_id == tenant_id, Membership.state == "active")
    )
    if is_member:
        raise Conflict("This person is already a member of the company.", code="already_member")


def join(session: Session, tenant_id: str, user_id: str, role: str) -> Member:
    """Make the person a member, new or returning. The caller has locked the company.

    Raises: `Conflict` (already_member).
    """
    membership = session.get(Membership, (user_id, tenant_id))
    if membership is None:
        membership = Membership(user_id=user_id, tenant_id=tenant_id, role=role)
        session.add(membership)
    elif membership.state == "active":
        raise Conflict("This person is already a member of the company.", code="already_member")
    membership.state, membership.role = "active", role
    session.flush()
    return _member(session, membership)


def lock_company(session: Session, tenant_id: str) -> None:
    """Lock the company against other changes of its members until the transaction ends.

    Raises: `NotFound` unless the company is active.
    """
    found = session.scalar(
        select(Tenant.id)
        .where(Tenant.id == tenant_id, Tenant.state == "active")
        .with_for_update(key_share=True)
    )
    if found is None:
        raise NotFound


def authorise(session: Session, tenant_id: str, actor_id: str) -> str:
    """Lock the company and return the actor's role. Raises: `Forbidden` if it does not permit changing members."""
    lock_company(session, tenant_id)
    role = session.scalar(
        select(Membership.role).where(
            Membership.tenant_id == tenant_id, Membership.user_id == actor_id, Membership.state == "active"
        )
    )
    if role is None or Permission.MEMBER_WRITE not in ROLE_PERMISSIONS[role]:
        raise Forbidden
    return role


def require_owner_for(actor_role: str, *roles: str) -> None:
    """Raises: `Forbidden` where one of the roles is an owner's and the actor is none."""
    if Role.OWNER in roles and actor_role != Role.OWNER:
        detail = "Only an owner can change an owner or make somebody an owner."
        raise Forbidden(detail, code="owners_only")


def _require_another_owner(session: Session, membership: Membership) -> None:
    others = session.scalar(
        select(func.count())
        .select_from(Membership)
        .join(Login)
        .where(
            Membership.tenant_id == membership.tenant_id,
            Membership.user_id != membership.user_id,
            Membership.role == Role.OWNER,
            Membership.state == "active",
            Login.is_active,
        )
    )
    if not others:
        raise Conflict("A company must keep at least one owner.", code="last_owner")


def _active(session: Session, tenant_id: str, user_id: str) -> Membership:
    membership = session.get(Membership, (user_id, tenant_id))
    if membership is None or membership.state != "active":
        raise NotFound
    return membership


def _member(session: Session, membership: Membership) -> Member:
    values: dict[str, Any] = {"tenant_id": membership.tenant_id, "user_id": membership.user_id}
    return Member(*session.execute(_ONE, values).one())


def owners_addresses(session: Session, tenant_id: str) -> list[str]:
    """Return the e-mail addresses of the company's owners."""
    return list(session.scalars(_OWNERS_ADDRESSES, {"tenant_id": tenant_id}))
