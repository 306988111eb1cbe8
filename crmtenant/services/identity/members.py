"""Members of a company: who belongs to it and as what, and the rules that keep it from losing its owners.

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
from crmtenant.errors import Conflict, Forbidden, NotFound
from crmtenant.models.catalog.tables import Login, Membership, Tenant
from crmtenant.permissions import ROLE_PERMISSIONS, Permission, Role
from crmtenant.services.identity.sessions import end_families

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
    """Every member of the company, by name."""
    return [Member(*row) for row in reader.rows(_ALL, {"tenant_id": tenant_id})]


def are_members(reader: Reader, tenant_id: str, user_ids: Iterable[str]) -> bool:
    """Whether every one of these people is an active member of the company."""
    wanted = sorted(set(user_ids))
    found = reader.row(_COUNT_AMONG, {"tenant_id": tenant_id, "user_ids": wanted})
    return found == (len(wanted),)


def find(reader: Reader, tenant_id: str, user_id: str) -> Member | None:
    """This member of the company, or None."""
    row = reader.row(_ONE, {"tenant_id": tenant_id, "user_id": user_id})
    return Member(*row) if row else None


def change_role(session: Session, tenant_id: str, user_id: str, role: str, *, actor_id: str) -> Member:
    """The member in the new role. `NotFound`, `Forbidden`, or `Conflict` (last_owner)."""
    actor_role = authorise(session, tenant_id, actor_id)
    membership = _active(session, tenant_id, user_id)
    _require_owner_for(actor_role, membership.role, role)
    if membership.role == Role.OWNER and role != Role.OWNER:
        _require_another_owner(session, membership)
    membership.role = role
    session.flush()
    return _member(session, membership)


def remove(session: Session, tenant_id: str, user_id: str, *, actor_id: str) -> None:
    """Nothing comes back; the person does not belong to the company any more and is signed out of it."""
    actor_role = authorise(session, tenant_id, actor_id)
    membership = _active(session, tenant_id, user_id)
    _require_owner_for(actor_role, membership.role)
    if membership.role == Role.OWNER:
        _require_another_owner(session, membership)
    membership.state = "removed"
    end_families(session, now(), tenant_id=tenant_id, user_id=user_id)


def check_invitable(session: Session, tenant_id: str, email: Email, role: str, *, actor_id: str) -> None:
    """Nothing comes back when the actor may invite this address in this role; the company is locked.

    `Conflict` (already_member). Whether the address has a login elsewhere is not told, nor does it matter:
    nobody becomes a member without taking the invitation up.
    """
    _require_owner_for(authorise(session, tenant_id, actor_id), role)
    is_member = session.scalar(
        select(Login.id)
        .join(Membership)
        .where(Login.email_key == email.key, Membership.tenant_id == tenant_id, Membership.state == "active")
    )
    if is_member:
        raise Conflict("This person belongs to the company already.", code="already_member")


def join(session: Session, tenant_id: str, user_id: str, role: str) -> Member:
    """The person as a member, new or returned. The company's row is locked by the caller."""
    membership = session.get(Membership, (user_id, tenant_id))
    if membership is None:
        membership = Membership(user_id=user_id, tenant_id=tenant_id, role=role)
        session.add(membership)
    elif membership.state == "active":
        raise Conflict("This person belongs to the company already.", code="already_member")
    membership.state, membership.role = "active", role
    session.flush()
    return _member(session, membership)


def lock_company(session: Session, tenant_id: str) -> None:
    """Nothing comes back; nobody else changes who belongs to this company until the transaction ends."""
    found = session.scalar(
        select(Tenant.id)
        .where(Tenant.id == tenant_id, Tenant.state == "active")
        .with_for_update(key_share=True)
    )
    if found is None:
        raise NotFound


def authorise(session: Session, tenant_id: str, actor_id: str) -> str:
    """The role of the acting member, who may change who belongs to the company; the company is locked."""
    lock_company(session, tenant_id)
    role = session.scalar(
        select(Membership.role).where(
            Membership.tenant_id == tenant_id, Membership.user_id == actor_id, Membership.state == "active"
        )
    )
    if role is None or Permission.MEMBER_WRITE not in ROLE_PERMISSIONS[role]:
        raise Forbidden
    return role


def _require_owner_for(actor_role: str, *roles: str) -> None:
    if Role.OWNER in roles and actor_role != Role.OWNER:
        raise Forbidden("Only an owner may do this to an owner, or make one.")


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
        raise Conflict("A company keeps at least one owner.", code="last_owner")


def _active(session: Session, tenant_id: str, user_id: str) -> Membership:
    membership = session.get(Membership, (user_id, tenant_id))
    if membership is None or membership.state != "active":
        raise NotFound
    return membership


def _member(session: Session, membership: Membership) -> Member:
    values: dict[str, Any] = {"tenant_id": membership.tenant_id, "user_id": membership.user_id}
    return Member(*session.execute(_ONE, values).one())


def owners_addresses(session: Session, tenant_id: str) -> list[str]:
    """The e-mail addresses of the company's owners."""
    return list(session.scalars(_OWNERS_ADDRESSES, {"tenant_id": tenant_id}))
