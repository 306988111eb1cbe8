"""Companies that the catalog does not know, found again from their own databases.

What a database knows of itself is its company, who founded it, and its label. The other members are in the manifest of its
newest backup; those who joined since have to be invited anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog
from sqlalchemy import select, union_all
from sqlalchemy.dialects.postgresql import insert

from crmtenant.clock import now
from crmtenant.db.admin.connection import administering
from crmtenant.db.admin.identity import DatabaseIdentity, read_identity
from crmtenant.db.errors import RECOVERABLE_ERRORS
from crmtenant.db.pool.label import label_of
from crmtenant.db.secrets.role_names import FIRST_PASSWORD_VERSION
from crmtenant.models.catalog.tables import CatalogBase, Login, Membership, SetAside, Spare, Tenant
from crmtenant.text.emails import parse_email
from crmtenant.text.slugs import slug_candidates

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy.orm import Session

    from crmtenant.db.admin.servers import ManagedServer, ManagedServers
    from crmtenant.db.pool.catalog import Catalog

#: How long a company that was being deleted is kept: nobody knows its day any more.
KEPT = timedelta(days=30)
#: Nobody's password has this hash; whoever forgot his is sent a link.
NO_PASSWORD = "unusable"  # noqa: S105 (the absence of one)

log = structlog.get_logger(__name__)

_KNOWN = union_all(select(Tenant.database), select(Spare.database), select(SetAside.database))
_TENANT, _LOGIN = (CatalogBase.metadata.tables[model.__tablename__] for model in (Tenant, Login))
_INSERT_TENANT = insert(_TENANT).on_conflict_do_nothing().returning(_TENANT.c.slug)
_INSERT_LOGIN = insert(_LOGIN).on_conflict_do_nothing()
_FOUNDER = "SELECT id, name, founder_id, founder_name, founder_email FROM public.company"


@dataclass(frozen=True, slots=True)
class FoundCompany:
    """A company that is in the catalog again, who founded it, and how many people belong to it again."""

    id: str
    slug: str
    founder_email: str
    members: int


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who belongs to a company. Without an address only a login that is there already is meant."""

    user_id: str
    role: str
    email: str | None
    name: str | None


class FoundCompanies:
    """Finds companies on all servers that the catalog does not know. `members_of` returns who belonged to one."""

    def __init__(
        self, catalog: Catalog, servers: ManagedServers, members_of: Callable[[str], list[Member]]
    ) -> None:
        self._members_of = members_of
        self._catalog = catalog
        self._servers = servers

    def find(self) -> Iterator[FoundCompany]:
        """Write the rows of each company that is found, and open its database if it was served; yield it."""
        for server in self._servers.all():
            inventory = server.provisioner.inventory()
            with self._catalog.reading() as reader:
                known = {database for (database,) in reader.rows(_KNOWN)}
            for database in sorted(inventory.databases - inventory.broken - known):
                try:
                    found = self._found(server, database)
                except RECOVERABLE_ERRORS:
                    log.exception("company_not_found_again", database=database)
                    continue
                if found is not None:
                    yield found

    def _found(self, server: ManagedServer, database: str) -> FoundCompany | None:
        server.provisioner.let_in(database)
        identity = read_identity(server.address, database)
        state = _state(identity)
        if state is None:
            return None
        with administering(server.address.admin(database)) as inside:
            ((company_id, name, founder_id, founder_name, email),) = inside.rows(_FOUNDER)
        epoch = identity.label.epoch if identity.label else 1
        values = {
            "id": company_id,
            "name": name,
            "state": state,
            "server_id": server.id,
            "database": database,
            "schema_revision": server.changes.revision_of(database),
            "password_version": FIRST_PASSWORD_VERSION,
            "epoch": epoch,
            "delete_after": now() + KEPT if state == "deleting" else None,
        }
        with self._catalog.begin() as session:
            slug = _insert_company(session, values)
            if slug is None:
                return None
            founder = Member(founder_id, "owner", email, founder_name)
            count = _insert_members(session, company_id, self._members_of(company_id), founder)
        server.provisioner.restore_role(database, FIRST_PASSWORD_VERSION)
        server.provisioner.label_database(database, label_of(company_id, epoch, state))
        if state == "active":
            server.provisioner.open_database(database)
        return FoundCompany(company_id, slug, email, count)


def _state(identity: DatabaseIdentity) -> str | None:
    """Return the state of the company that has this database, or None if none has it."""
    if len(identity.company_ids) != 1:
        return None
    if identity.label is None:
        return "active"
    is_own = identity.label.company_id in identity.company_ids
    return identity.label.state if is_own and identity.label.state not in {"replaced", "filling"} else None


def _insert_company(session: Session, values: dict[str, object]) -> str | None:
    """Insert the company and return its slug; None if the catalog has it, with another database."""
    if session.get(Tenant, values["id"]) is not None:
        return None
    return next(
        slug
        for slug in slug_candidates(str(values["name"]))
        if session.scalars(_INSERT_TENANT, {**values, "slug": slug}).all()
    )


def _insert_members(session: Session, company_id: str, members: list[Member], founder: Member) -> int:
    """Make these people members of the company, and its founder its owner if no other is left; return how many."""
    found = {
        user_id: member.role for member in members if (user_id := _login_of(session, member)) is not None
    }
    if "owner" not in found.values():
        found[str(_login_of(session, founder))] = "owner"
    session.add_all(
        Membership(user_id=user_id, tenant_id=company_id, role=role, state="active")
        for user_id, role in found.items()
    )
    return len(found)


def _login_of(session: Session, member: Member) -> str | None:
    """Return the login of this person: the one with this id or address, or else a new one without a password."""
    by_id = session.scalar(select(Login.id).where(Login.id == member.user_id))
    if by_id is not None or member.email is None:
        return by_id
    address = parse_email(member.email)
    values = {
        "id": member.user_id,
        "email": address.address,
        "email_key": address.key,
        "name": member.name or address.address,
        "password_hash": NO_PASSWORD,
    }
    session.execute(_INSERT_LOGIN, values)
    return session.scalar(select(Login.id).where(Login.email_key == address.key))
