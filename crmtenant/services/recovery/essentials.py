"""The essentials of a company: what only the catalog knows of it.

They are copied into the company's own database and into the manifest of each of its backups, so that a lost catalog loses
little more than passwords (ADR 20). A company's essentials name its own people only, and nobody's password.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, ValidationError
from sqlalchemy import Text, and_, bindparam, cast, false, func, or_, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from crmtenant.errors import OperatorError
from crmtenant.models.catalog.essentials_copy import EssentialsCopy
from crmtenant.models.catalog.tables import Login, Membership, Server, Tenant

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from crmtenant.db.pool.catalog import Catalog

#: The first schema revision of companies' databases that has room for a copy.
SINCE_REVISION = "0008"
#: In place of the digest of a copy: nobody knows what is in it, since its server did not answer when the catalog was recovered.
UNREAD = "unread"
COPIED_STATES = ("active", "suspended", "deleting")


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="ignore")


class EssentialCompany(_Part):
    """The company itself."""

    id: str
    slug: str
    name: str
    state: str
    epoch: int
    country: str | None
    currency: str | None
    language: str | None
    time_zone: str | None
    is_neutral: bool
    created_at: datetime
    delete_after: datetime | None
    expires_at: datetime | None


class EssentialMember(_Part):
    """Somebody who belongs to the company, or did (`state` is `removed`)."""

    user_id: str
    email: str
    name: str
    role: str
    state: str
    is_active: bool


class EssentialServer(_Part):
    """A server other than the catalog's own."""

    name: str
    host: str
    port: int
    admin_user: str
    weight: int
    is_draining: bool
    capacity_bytes: int | None


class Essentials(_Part):
    """What only the catalog knows of a company, and where its servers are."""

    company: EssentialCompany
    members: tuple[EssentialMember, ...]
    servers: tuple[EssentialServer, ...]


@dataclass(frozen=True, slots=True)
class CurrentEssentials:
    """The digest of a company's essentials, when they were last changed, and of which moment the last copy is."""

    digest: str
    changed_at: datetime
    copied_at: datetime | None


@dataclass(frozen=True, slots=True)
class OutdatedCopy:
    """A company whose copy is not what the catalog says, and the text that it should be.

    `copied_at` is the moment of the last copy that the catalog knows of. `is_unread`: there may be a newer one, which nobody
    could read when the catalog was recovered.
    """

    tenant_id: str
    server_id: int
    database: str
    document: str
    digest: str
    copied_at: datetime | None
    is_unread: bool


def _object(model: type[_Part], **columns: object) -> ColumnElement[Any]:
    """Return the JSON object with the fields of this model, from the columns of the same names."""
    return func.jsonb_build_object(*(item for name in model.model_fields for item in (name, columns[name])))


def _fields(table: type, model: type[_Part]) -> dict[str, object]:
    return {name: getattr(table, name) for name in model.model_fields if hasattr(table, name)}


_MEMBER = _object(
    EssentialMember,
    **{**_fields(Login, EssentialMember), **_fields(Membership, EssentialMember)},
)
_MEMBERS = (
    select(
        Membership.tenant_id,
        func.jsonb_agg(aggregate_order_by(_MEMBER, Membership.user_id)).label("members"),
    )
    .join(Login, Login.id == Membership.user_id)
    .group_by(Membership.tenant_id)
    .subquery()
)
_SERVERS = (
    select(
        func.jsonb_agg(
            aggregate_order_by(_object(EssentialServer, **_fields(Server, EssentialServer)), Server.name)
        )
    )
    .where(Server.host.is_not(None))
    .scalar_subquery()
)
_NOBODY = func.jsonb_build_array()
_DOCUMENT = cast(
    func.jsonb_build_object(
        "company",
        _object(EssentialCompany, **_fields(Tenant, EssentialCompany)),
        "members",
        func.coalesce(_MEMBERS.c.members, _NOBODY),
        "servers",
        func.coalesce(_SERVERS, _NOBODY),
    ),
    Text,
)
_OF_ONE = (
    select(_DOCUMENT)
    .outerjoin(_MEMBERS, _MEMBERS.c.tenant_id == Tenant.id)
    .where(Tenant.id == bindparam("tenant_id"))
)
_ALL = (
    select(
        Tenant.id,
        Tenant.server_id,
        Tenant.database,
        _DOCUMENT.label("document"),
        func.md5(_DOCUMENT).label("digest"),
    )
    .outerjoin(_MEMBERS, _MEMBERS.c.tenant_id == Tenant.id)
    .where(
        or_(*(Tenant.state == state for state in COPIED_STATES)),
        Tenant.migrating_until.is_(None),
        Tenant.schema_revision >= SINCE_REVISION,
    )
    .cte("essentials")
)
_OUTDATED = (
    select(*_ALL.c, EssentialsCopy.saved_at, func.coalesce(EssentialsCopy.digest == UNREAD, false()))
    .outerjoin(EssentialsCopy, EssentialsCopy.tenant_id == _ALL.c.id)
    .where(
        or_(
            EssentialsCopy.tenant_id.is_(None),
            EssentialsCopy.digest != _ALL.c.digest,
            EssentialsCopy.database != _ALL.c.database,
        )
    )
    .order_by(_ALL.c.server_id)
)
_CHANGED = (
    select(
        Membership.tenant_id,
        func.max(func.greatest(Membership.updated_at, Login.updated_at)).label("changed_at"),
    )
    .join(Login, Login.id == Membership.user_id)
    .group_by(Membership.tenant_id)
    .subquery()
)
_CURRENT = (
    select(
        _ALL.c.id,
        _ALL.c.digest,
        # `greatest` ignores what is null.
        func.greatest(
            Tenant.updated_at, _CHANGED.c.changed_at, select(func.max(Server.created_at)).scalar_subquery()
        ),
        EssentialsCopy.saved_at,
    )
    .join(Tenant, Tenant.id == _ALL.c.id)
    .outerjoin(_CHANGED, _CHANGED.c.tenant_id == _ALL.c.id)
    .outerjoin(EssentialsCopy, EssentialsCopy.tenant_id == _ALL.c.id)
    .where(_ALL.c.server_id == bindparam("server_id"))
)
_IS_STILL = and_(Tenant.id == bindparam("tenant_id"), Tenant.database == bindparam("database"))
_LOCKED = (
    select(Tenant.id)
    .where(_IS_STILL, Tenant.migrating_until.is_(None))
    .with_for_update(key_share=True, of=Tenant)
)


def essentials_of(session: Session, tenant_id: str) -> Essentials:
    """Return the essentials of the company, which is in the catalog."""
    return read_essentials_text(session.scalars(_OF_ONE, {"tenant_id": tenant_id}).one())


def read_essentials_text(text: str) -> Essentials:
    """Return the essentials in this JSON text. Raises: `OperatorError` for anything else."""
    try:
        return Essentials.model_validate_json(text)
    except ValidationError:
        raise OperatorError("A company's copy of what the catalog says of it cannot be read.") from None


def outdated_copies(catalog: Catalog) -> list[OutdatedCopy]:
    """Return every company whose copy the catalog has not written as it is now; one query, however many there are."""
    with catalog.reading() as reader:
        return [OutdatedCopy(*row) for row in reader.rows(_OUTDATED)]


def current_essentials(catalog: Catalog, server_id: int) -> dict[str, CurrentEssentials]:
    """Return what the copy in the database of each company on this server should be, by the company's id."""
    with catalog.reading() as reader:
        rows = reader.rows(_CURRENT, {"server_id": server_id})
    return {tenant_id: CurrentEssentials(*row) for tenant_id, *row in rows}


def lock_place(session: Session, tenant_id: str, database: str) -> bool:
    """Return whether the company has this database and is neither moved nor migrated, and keep it so until the
    transaction ends."""
    found = session.execute(_LOCKED, {"tenant_id": tenant_id, "database": database})
    return found.one_or_none() is not None
