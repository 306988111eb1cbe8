"""The catalog rows that make a restored database a company's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from crmtenant.db.schema.migrations import head
from crmtenant.db.secrets.role_names import FIRST_PASSWORD_VERSION
from crmtenant.errors import OperatorError
from crmtenant.models.catalog.tables import CatalogBase, Login, Membership, Tenant
from crmtenant.services.fleet.database_swap import take_out
from crmtenant.text.slugs import slug_candidates

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crmtenant.services.backups.manifests import Member

_TENANT = CatalogBase.metadata.tables[Tenant.__tablename__]
_INSERT_TENANT = insert(_TENANT).on_conflict_do_nothing(index_elements=["slug"]).returning(_TENANT.c.slug)


def found(session: Session, *, name: str, database: str, **given: object) -> str:
    """The slug of the company that the database now is."""
    take_out(session, database)
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


def people_of(session: Session, members: tuple[Member, ...], owner: str | None) -> dict[str, str]:
    """The roles of those who are still there, by login id; `OperatorError` if nobody would own the company."""
    known = set(session.scalars(select(Login.id).where(Login.id.in_([one.user_id for one in members]))))
    roles = {one.user_id: one.role for one in members if one.user_id in known}
    if owner is not None:
        roles[owner] = "owner"
    if "owner" not in roles.values():
        raise OperatorError("None of the company's owners has a login any more; name one with --owner.")
    return roles


def admit(session: Session, tenant_id: str, roles: dict[str, str]) -> None:
    """Nothing comes back; these people belong to the company, in these roles."""
    session.add_all(
        Membership(user_id=user_id, tenant_id=tenant_id, role=role) for user_id, role in roles.items()
    )
