"""The catalog rows of a new company that was restored from a backup."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from crmtenant.db.schema.migrations import head
from crmtenant.db.secrets.role_names import FIRST_PASSWORD_VERSION
from crmtenant.errors import OperatorError
from crmtenant.models.catalog.tables import CatalogBase, Login, Membership, Tenant
from crmtenant.services.fleet.database_swap import claim_retained
from crmtenant.text.slugs import slug_candidates

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crmtenant.services.backups.manifests import ManifestMember

_TENANT = CatalogBase.metadata.tables[Tenant.__tablename__]
_INSERT_TENANT = insert(_TENANT).on_conflict_do_nothing(index_elements=["slug"]).returning(_TENANT.c.slug)


@dataclass(frozen=True, slots=True)
class RestoredCompany:
    """A new company that was made from a backup."""

    tenant_id: str
    slug: str


def insert_company(session: Session, *, name: str, database: str, **given: object) -> str:
    """Insert the company that this retained database becomes; return its slug."""
    claim_retained(session, database)
    values = {
        **given,
        "name": name,
        "state": "active",
        "database": database,
        "schema_revision": head("tenant"),
        "password_version": FIRST_PASSWORD_VERSION,
    }
    return next(
        slug
        for slug in slug_candidates(name)
        if session.scalars(_INSERT_TENANT, {**values, "slug": slug}).all()
    )


def member_roles(session: Session, members: tuple[ManifestMember, ...], owner: str | None) -> dict[str, str]:
    """Return the roles of the members who still have a login, by login id.

    Raises `OperatorError` if nobody would own the company.
    """
    known = set(session.scalars(select(Login.id).where(Login.id.in_([one.user_id for one in members]))))
    roles = {one.user_id: one.role for one in members if one.user_id in known}
    if owner is not None:
        roles[owner] = "owner"
    if "owner" not in roles.values():
        raise OperatorError("None of the company's owners has a login any more; name one with --owner.")
    return roles


def add_members(session: Session, tenant_id: str, roles: dict[str, str]) -> None:
    """Make these users members of the company, in these roles."""
    session.add_all(
        Membership(user_id=user_id, tenant_id=tenant_id, role=role) for user_id, role in roles.items()
    )
