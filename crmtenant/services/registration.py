"""How a company comes to be: a saga over two databases, outside any request's transaction.

1. One catalog transaction: the company (`provisioning`), its founder, their membership, the idempotency key,
   and a spare database if there is one.  2. Role and database, unless it was a spare.  3. The company's own
   row, in its database.  4. The company is `active`.

Every step can be repeated, so a registration that broke off anywhere is finished by running the rest again:
the client does so by asking again under its key, the reconciler for everybody else. Until step 4 the company
is nobody's to enter. This is the one service that commits.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from crmtenant.db.provisioning import FIRST_PASSWORD_VERSION, Gone
from crmtenant.errors import Conflict, Invalid, OperatorError, Unavailable
from crmtenant.models.base import TenantBase, now
from crmtenant.models.catalog import CatalogBase, Login, Membership, Registration, Tenant
from crmtenant.models.company import Company
from crmtenant.models.ids import new_id
from crmtenant.services.servers import Home, home
from crmtenant.services.slugs import slug_candidates
from crmtenant.services.spares import claim

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crmtenant.db.catalog import Catalog
    from crmtenant.db.provisioning import Provisioner

KEPT = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCompany:
    """What somebody asks for who registers a company. `request_hash` stands for all of it, password included:
    under one key, only the very same request is answered again."""

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
class Registered:
    """A company that exists, and who founded it."""

    tenant_id: str
    login_id: str
    slug: str


@dataclass(frozen=True, slots=True)
class _Founding:
    """A registration as the catalog has it."""

    tenant_id: str
    login_id: str
    slug: str
    state: str
    database: str
    password_version: int
    template_revision: str | None
    company_name: str
    person_name: str
    email: str

    @property
    def is_done(self) -> bool:
        return self.state not in {"provisioning", "failed"}


class _Taken(Exception):
    """The e-mail address or the key is in the catalog already."""


_FOUNDING = (
    select(
        Tenant.id,
        Login.id,
        Tenant.slug,
        Tenant.state,
        Tenant.database,
        Tenant.password_version,
        Tenant.schema_revision,
        Tenant.name,
        Login.name,
        Login.email,
    )
    .join_from(Tenant, Membership)
    .join(Login)
)
_BY_TENANT = _FOUNDING.where(Tenant.id == bindparam("tenant_id")).order_by(Membership.created_at).limit(1)
_BY_KEY = (
    _FOUNDING.add_columns(Registration.request_hash)
    .join(Registration, (Registration.tenant_id == Tenant.id) & (Registration.login_id == Login.id))
    .where(Registration.key == bindparam("key"))
)
_STATE = select(Tenant.state).where(Tenant.id == bindparam("tenant_id"))

# Into the tables, past the ORM: on this path its insert costs more than PostgreSQL's.
_LOGIN, _TENANT, _MEMBERSHIP, _REGISTRATION = (
    CatalogBase.metadata.tables[model.__tablename__] for model in (Login, Tenant, Membership, Registration)
)
_COMPANY = TenantBase.metadata.tables[Company.__tablename__]
_INSERT_LOGIN = insert(_LOGIN).on_conflict_do_nothing(index_elements=["email_key"]).returning(_LOGIN.c.id)
_INSERT_TENANT = insert(_TENANT).on_conflict_do_nothing(index_elements=["slug"]).returning(_TENANT.c.id)
_INSERT_MEMBERSHIP = insert(_MEMBERSHIP)
_INSERT_KEY = insert(_REGISTRATION).on_conflict_do_nothing().returning(_REGISTRATION.c.key)
_INSERT_COMPANY = insert(_COMPANY).on_conflict_do_nothing()
_COMPANIES = select(_COMPANY.c.id)
_ACTIVATE = (
    update(_TENANT)
    .where(_TENANT.c.id == bindparam("tenant_id"), _TENANT.c.state == "provisioning")
    .values(state="active")
    .returning(_TENANT.c.id)
)


class Registrar:
    """Registers companies. `on_claim` is called whenever a spare was used up."""

    def __init__(
        self, catalog: Catalog, provisioner: Provisioner, *, on_claim: Callable[[], None] = lambda: None
    ) -> None:
        self._catalog = catalog
        self._provisioner = provisioner
        self._on_claim = on_claim

    def register(self, request: NewCompany) -> Registered:
        """The company, ready to be worked in; under a key that was used before, the one made then.

        Raises `Conflict` (`email_taken`), `Invalid` (`idempotency_key_reused`: the key was used for another
        request), `Unavailable` when it could not be finished now; it then will be, or wholly undone.
        """
        founding, has_database = self._known(request), False
        if founding is None:
            founding, has_database = self._record(request)
        if not founding.is_done:
            self._finish(founding, has_database=has_database)
        return Registered(founding.tenant_id, founding.login_id, founding.slug)

    def resume(self, tenant_id: str) -> None:
        """Nothing comes back; a registration that broke off anywhere is finished."""
        with self._catalog.reading() as reader:
            row = reader.row(_BY_TENANT, {"tenant_id": tenant_id})
        if row is not None:
            self._finish(_Founding(*row), has_database=False)

    def forget_keys(self) -> None:
        """Nothing comes back; keys older than a day may be used afresh."""
        with self._catalog.begin() as session:
            session.execute(delete(Registration).where(Registration.created_at < now() - KEPT))

    # Step 1: the catalog

    def _known(self, request: NewCompany) -> _Founding | None:
        """The registration made under the request's key, if any."""
        if request.key is None:
            return None
        with self._catalog.reading() as reader:
            row = reader.row(_BY_KEY, {"key": request.key})
        if row is None:
            return None
        *founding, request_hash = row
        if bytes(request_hash) != request.request_hash:
            raise Invalid(
                code="idempotency_key_reused", detail="This Idempotency-Key was used for another request."
            )
        return _Founding(*founding)

    def _record(self, request: NewCompany) -> tuple[_Founding, bool]:
        """The registration, and whether its database exists already because a spare was claimed for it."""
        try:
            with self._catalog.begin() as session:
                founding, is_spare = _insert(session, request)
        except _Taken:
            # Perhaps by a request with the same key, made at the same time, that we waited for.
            known = self._known(request)
            if known is None:
                raise Conflict(
                    "Somebody is registered under this e-mail address.", code="email_taken"
                ) from None
            return known, False
        if is_spare:
            self._on_claim()
        return founding, is_spare

    # Steps 2 to 4

    def _finish(self, founding: _Founding, *, has_database: bool) -> None:
        try:
            if not has_database:
                self._make_database(founding)
            self._seed(founding)
        except Gone:
            pass  # not ours to do any more: whether it was finished or undone, the last step tells
        self._activate(founding)

    def _make_database(self, founding: _Founding) -> None:
        revision = founding.template_revision
        self._provisioner.make_database(
            founding.database,
            template=self._provisioner.names.template(revision) if revision else None,
            password_version=founding.password_version,
            is_wanted=lambda: self._state(founding) == "provisioning",
        )

    def _seed(self, founding: _Founding) -> None:
        address = self._provisioner.tenant_address(founding.database, founding.password_version)
        values = {
            "id": founding.tenant_id,
            "name": founding.company_name,
            "founder_id": founding.login_id,
            "founder_name": founding.person_name,
            "founder_email": founding.email,
        }
        with self._catalog.broker.begin(address) as session:
            session.execute(_INSERT_COMPANY, values)
            if session.scalars(_COMPANIES).all() != [founding.tenant_id]:
                raise OperatorError(f"the database {founding.database} belongs to another company")

    def _activate(self, founding: _Founding) -> None:
        with self._catalog.begin() as session:
            changed = session.scalars(_ACTIVATE, {"tenant_id": founding.tenant_id}).one_or_none()
        if changed is None and self._state(founding) in {None, "failed"}:
            raise Unavailable("The company could not be set up. Nothing is left of it; please try again.")

    def _state(self, founding: _Founding) -> str | None:
        with self._catalog.reading() as reader:
            row = reader.row(_STATE, {"tenant_id": founding.tenant_id})
        return row[0] if row else None


def _insert(session: Session, request: NewCompany) -> tuple[_Founding, bool]:
    """The new rows as one value. Everybody inserts in this order, so nobody waits in a circle."""
    login_id = _insert_login(session, request)
    place = home(session)
    spare = claim(session, place)
    database = spare or new_id("t")
    tenant_id, slug = _insert_tenant(session, request, place, database)
    session.execute(_INSERT_MEMBERSHIP, {"login_id": login_id, "tenant_id": tenant_id, "role": "owner"})
    if request.key is not None:
        _insert_key(session, request, login_id, tenant_id)
    founding = _Founding(
        tenant_id=tenant_id,
        login_id=login_id,
        slug=slug,
        state="provisioning",
        database=database,
        password_version=FIRST_PASSWORD_VERSION,
        template_revision=place.revision,
        company_name=request.company_name,
        person_name=request.person_name,
        email=request.email,
    )
    return founding, spare is not None


def _insert_login(session: Session, request: NewCompany) -> str:
    values = {
        "id": new_id("u"),
        "email": request.email,
        "email_key": request.email_key,
        "name": request.person_name,
        "password_hash": request.password_hash,
    }
    login_id: str | None = session.scalars(_INSERT_LOGIN, values).one_or_none()
    if login_id is None:
        raise _Taken
    return login_id


def _insert_tenant(session: Session, request: NewCompany, place: Home, database: str) -> tuple[str, str]:
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


def _insert_key(session: Session, request: NewCompany, login_id: str, tenant_id: str) -> None:
    values = {
        "key": request.key,
        "request_hash": request.request_hash,
        "login_id": login_id,
        "tenant_id": tenant_id,
    }
    if session.scalars(_INSERT_KEY, values).one_or_none() is None:
        raise _Taken
