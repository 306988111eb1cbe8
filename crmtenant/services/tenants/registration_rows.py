"""The catalog rows of a new company: company, founder, membership, idempotency key, and the spare it takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import insert

from crmtenant.db.pool.notify import SPARES, publish
from crmtenant.db.secrets.role_names import FIRST_PASSWORD_VERSION
from crmtenant.errors import Invalid
from crmtenant.ids import new_id
from crmtenant.models.catalog.tables import CatalogBase, Login, Membership, Registration, Server, Tenant
from crmtenant.services.fleet.server_rows import Placement, choose_placement
from crmtenant.services.fleet.spares import claim
from crmtenant.text.slugs import slug_candidates

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crmtenant.db.pool.reader import Reader


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCompany:
    """What to register. `request_hash` covers the whole request, password included: under one idempotency key, only
    the very same request gets the same answer."""

    company_name: str
    person_name: str
    email: str
    email_key: str
    password_hash: str
    country: str | None = None
    currency: str | None = None
    language: str | None = None
    time_zone: str | None = None
    key: str | None = None
    request_hash: bytes = b""


@dataclass(frozen=True, slots=True)
class NewCompanyRows:
    """A registration as the catalog has it."""

    tenant_id: str
    user_id: str
    slug: str
    state: str
    server_id: int
    host: str | None
    port: int | None
    database: str
    password_version: int
    template_revision: str | None
    company_name: str
    person_name: str
    email: str

    @property
    def epoch(self) -> int:
        """The first."""
        return 1

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to do for it."""
        return self.state not in {"provisioning", "failed"}


class AlreadyTaken(Exception):
    """The e-mail address or the key is in the catalog already."""


_COLUMNS = (
    select(
        Tenant.id,
        Login.id,
        Tenant.slug,
        Tenant.state,
        Server.id,
        Server.host,
        Server.port,
        Tenant.database,
        Tenant.password_version,
        Tenant.schema_revision,
        Tenant.name,
        Login.name,
        Login.email,
    )
    .join_from(Tenant, Membership)
    .join(Login)
    .join(Server, Server.id == Tenant.server_id)
)
_BY_TENANT = _COLUMNS.where(Tenant.id == bindparam("tenant_id")).order_by(Membership.created_at).limit(1)
_BY_KEY = (
    _COLUMNS.add_columns(Registration.request_hash)
    .join(Registration, (Registration.tenant_id == Tenant.id) & (Registration.user_id == Login.id))
    .where(Registration.key == bindparam("key"))
)
_STATE = select(Tenant.state).where(Tenant.id == bindparam("tenant_id"))

# Into the tables, past the ORM: on this path its insert costs more than PostgreSQL's.
_LOGIN, _TENANT, _MEMBERSHIP, _REGISTRATION = (
    CatalogBase.metadata.tables[model.__tablename__] for model in (Login, Tenant, Membership, Registration)
)
_INSERT_LOGIN = insert(_LOGIN).on_conflict_do_nothing(index_elements=["email_key"]).returning(_LOGIN.c.id)
_INSERT_TENANT = insert(_TENANT).on_conflict_do_nothing(index_elements=["slug"]).returning(_TENANT.c.id)
_HASH = select(Registration.request_hash).where(Registration.key == bindparam("key"))
_INSERT_MEMBERSHIP = insert(_MEMBERSHIP)
_INSERT_KEY = insert(_REGISTRATION).on_conflict_do_nothing().returning(_REGISTRATION.c.key)


def find_by_tenant(reader: Reader, tenant_id: str) -> NewCompanyRows | None:
    """Return the registration of this company, or None."""
    row = reader.row(_BY_TENANT, {"tenant_id": tenant_id})
    return NewCompanyRows(*row) if row else None


def request_hash_of(reader: Reader, key: str) -> bytes | None:
    """Return the hash of the request made under this idempotency key, or None."""
    row = reader.row(_HASH, {"key": key})
    return bytes(row[0]) if row else None


def find_by_key(reader: Reader, key: str | None, request_hash: bytes) -> NewCompanyRows | None:
    """Return the registration made under this idempotency key, or None.

    Raises: `Invalid` (idempotency_key_reused) if the key was used for another request.
    """
    row = reader.row(_BY_KEY, {"key": key}) if key is not None else None
    if row is None:
        return None
    *registration, known_hash = row
    if bytes(known_hash) != request_hash:
        raise Invalid(
            code="idempotency_key_reused", detail="This Idempotency-Key was used for another request."
        )
    return NewCompanyRows(*registration)


def state_of(reader: Reader, tenant_id: str) -> str | None:
    """Return the company's state, or None if there is no such company."""
    row = reader.row(_STATE, {"tenant_id": tenant_id})
    return row[0] if row else None


def create_company_rows(session: Session, request: NewCompany) -> tuple[NewCompanyRows, bool]:
    """Insert the rows of a new company; return them and whether it took a spare database.

    Every registration inserts in this order, so that no two deadlock.

    Raises: `AlreadyTaken`.
    """
    user_id = _insert_login(session, request)
    place = choose_placement(session)
    spare = claim(session, place)
    database = spare or new_id("t")
    tenant_id, slug = _insert_tenant(session, request, place, database)
    session.execute(_INSERT_MEMBERSHIP, {"user_id": user_id, "tenant_id": tenant_id, "role": "owner"})
    if request.key is not None:
        _insert_key(session, request, user_id, tenant_id)
    if spare:
        publish(session, SPARES)
    registration = NewCompanyRows(
        tenant_id=tenant_id,
        user_id=user_id,
        slug=slug,
        state="provisioning",
        server_id=place.server_id,
        host=place.host,
        port=place.port,
        database=database,
        password_version=FIRST_PASSWORD_VERSION,
        template_revision=place.revision,
        company_name=request.company_name,
        person_name=request.person_name,
        email=request.email,
    )
    return registration, spare is not None


def _insert_login(session: Session, request: NewCompany) -> str:
    values = {
        "id": new_id("u"),
        "email": request.email,
        "email_key": request.email_key,
        "name": request.person_name,
        "password_hash": request.password_hash,
    }
    user_id: str | None = session.scalars(_INSERT_LOGIN, values).one_or_none()
    if user_id is None:
        raise AlreadyTaken
    return user_id


def _insert_tenant(session: Session, request: NewCompany, place: Placement, database: str) -> tuple[str, str]:
    values = {
        "id": new_id("c"),
        "name": request.company_name,
        "country": request.country,
        "currency": request.currency,
        "language": request.language,
        "time_zone": request.time_zone,
        "state": "provisioning",
        "server_id": place.server_id,
        "database": database,
        "schema_revision": place.revision,
        "password_version": FIRST_PASSWORD_VERSION,
    }
    free = (
        (tenant_id, slug)
        for slug in slug_candidates(request.company_name)
        for tenant_id in session.scalars(_INSERT_TENANT, {**values, "slug": slug})
    )
    return next(free)


def _insert_key(session: Session, request: NewCompany, user_id: str, tenant_id: str) -> None:
    values = {
        "key": request.key,
        "request_hash": request.request_hash,
        "user_id": user_id,
        "tenant_id": tenant_id,
    }
    if session.scalars(_INSERT_KEY, values).one_or_none() is None:
        raise AlreadyTaken
