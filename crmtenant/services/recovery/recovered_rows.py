"""The catalog's rows of a company and its people, written from its essentials.

The essentials are newer than the catalog, or the catalog does not know the company at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from crmtenant.models.catalog.tables import CatalogBase, Login, Membership, Server, Tenant
from crmtenant.text.emails import parse_email
from crmtenant.text.slugs import slug_candidates

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlalchemy.orm import Session

    from crmtenant.services.recovery.essentials import (
        EssentialCompany,
        EssentialMember,
        Essentials,
        EssentialServer,
    )

#: Nobody's password has this hash; whoever forgot his is sent a link.
NO_PASSWORD = "unusable"  # noqa: S105 (the absence of one)
#: What a company may change of itself, or an operator of it. Where it is and its state are told by its label.
_OWN = ("name", "country", "currency", "language", "time_zone", "is_neutral", "expires_at")

_TENANT, _LOGIN = (CatalogBase.metadata.tables[model.__tablename__] for model in (Tenant, Login))
_INSERT_TENANT = insert(_TENANT).on_conflict_do_nothing().returning(_TENANT.c.slug)
_INSERT_LOGIN = insert(_LOGIN).on_conflict_do_nothing()


@dataclass(frozen=True, slots=True)
class MemberChanges:
    """How many people joined, left, and have another role now; and the addresses of those of them without a password."""

    joined: int
    left: int
    changed: int
    without_password: tuple[str, ...]

    def __bool__(self) -> bool:
        """Whether anything changed."""
        return bool(self.joined or self.left or self.changed)


def insert_company(session: Session, known: EssentialCompany | None, values: dict[str, object]) -> str | None:
    """Insert the company and return its slug; None if the catalog has it, with another database."""
    if session.get(Tenant, values["id"]) is not None:
        return None
    slugs: Iterator[str] = slug_candidates(str(values["name"]))
    if known is not None:
        values = {**values, **{name: getattr(known, name) for name in (*_OWN, "created_at")}}
        if values["state"] == "deleting":
            values["delete_after"] = known.delete_after or values["delete_after"]
        slugs = chain([known.slug], slugs)
    return next(slug for slug in slugs if session.scalars(_INSERT_TENANT, {**values, "slug": slug}).all())


def update_company(
    session: Session, company: Tenant, known: EssentialCompany, unless_since: datetime | None = None
) -> list[str]:
    """Give the company what its essentials say of it, and return the names of the columns that changed.

    It keeps its slug where another company has the new one, and everything if it was changed after `unless_since`.
    """
    if unless_since is not None and company.updated_at > unless_since:
        return []
    wanted = {name: getattr(known, name) for name in _OWN}
    if company.state == "deleting":
        wanted["delete_after"] = known.delete_after or company.delete_after
    if session.scalar(select(Tenant.id).where(Tenant.slug == known.slug)) is None:
        wanted["slug"] = known.slug
    changed = [name for name, value in wanted.items() if getattr(company, name) != value]
    for name in changed:
        setattr(company, name, wanted[name])
    return changed


def write_members(
    session: Session,
    company_id: str,
    members: Iterable[EssentialMember],
    unless_since: datetime | None = None,
) -> MemberChanges:
    """Make these people the members of the company, and nobody else; who has no login gets one without a password.

    Memberships and logins that were changed after `unless_since` stay as they are.
    """
    mine = select(Membership).where(Membership.tenant_id == company_id)
    memberships = {one.user_id: one for one in session.scalars(mine)}
    kept = {user_id for user_id, one in memberships.items() if _is_since(one, unless_since)}
    before = {user_id: (one.role, one.state) for user_id, one in memberships.items()}
    after = {user_id: was if user_id in kept else ("", "removed") for user_id, was in before.items()}
    addresses = []
    for member in members:
        user_id = _login_of(session, member, unless_since)
        if user_id in kept:
            continue
        after[user_id] = (member.role, member.state)
        if user_id not in memberships:
            memberships[user_id] = Membership(user_id=user_id, tenant_id=company_id)
            session.add(memberships[user_id])
        memberships[user_id].role = member.role
        if member.state == "active" and session.get_one(Login, user_id).password_hash == NO_PASSWORD:
            addresses.append(member.email)
    for user_id, one in memberships.items():
        one.state = after[user_id][1]
    session.flush()
    return _changes(before, after, tuple(addresses))


def _changes(
    before: dict[str, tuple[str, str]], after: dict[str, tuple[str, str]], addresses: tuple[str, ...]
) -> MemberChanges:
    was = {user_id: role for user_id, (role, state) in before.items() if state == "active"}
    now_is = {user_id: role for user_id, (role, state) in after.items() if state == "active"}
    both = was.keys() & now_is.keys()
    return MemberChanges(
        joined=len(now_is.keys() - was.keys()),
        left=len(was.keys() - now_is.keys()),
        changed=sum(was[user_id] != now_is[user_id] for user_id in both),
        without_password=addresses,
    )


def _is_since(row: Login | Membership, moment: datetime | None) -> bool:
    return moment is not None and row.updated_at > moment


def _login_of(session: Session, member: EssentialMember, unless_since: datetime | None) -> str:
    """Return the login of this person: the one with this id, brought up to date, or with this address, or a new one."""
    address = parse_email(member.email)
    values = {"email": address.address, "email_key": address.key, "name": member.name}
    owner_of_address = session.scalar(select(Login.id).where(Login.email_key == address.key))
    login = session.get(Login, member.user_id)
    if login is not None and _is_since(login, unless_since):
        return login.id
    if login is not None:
        if owner_of_address not in {None, login.id}:
            values = {"name": member.name}
        for name, value in {**values, "is_active": member.is_active}.items():
            setattr(login, name, value)
        session.flush()
        return login.id
    if owner_of_address is not None:
        return owner_of_address
    row = {**values, "id": member.user_id, "is_active": member.is_active, "password_hash": NO_PASSWORD}
    session.execute(_INSERT_LOGIN, row)
    return member.user_id


def write_servers(session: Session, servers: Iterable[EssentialServer]) -> Iterator[str]:
    """Add the servers that the catalog does not know, and follow those that have another address; yield their names."""
    known = {one.name: one for one in session.scalars(select(Server))}
    for server in servers:
        row = known.get(server.name)
        if row is None:
            session.add(Server(**server.model_dump()))
            yield server.name
        elif (row.host, row.port, row.admin_user) != (server.host, server.port, server.admin_user):
            row.host, row.port, row.admin_user = server.host, server.port, server.admin_user
            yield server.name


def members_of(essentials: Essentials | None, founder: EssentialMember) -> list[EssentialMember]:
    """Return who belongs to a company that the catalog does not know: its founder owns it if no other owner is known."""
    members = list(essentials.members) if essentials is not None else []
    if any(one.role == "owner" and one.state == "active" for one in members):
        return members
    return [one for one in members if one.user_id != founder.user_id] + [founder]
