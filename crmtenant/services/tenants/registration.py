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

import structlog
from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from crmtenant.clock import now
from crmtenant.db.admin.provisioning import Gone
from crmtenant.db.errors import RECOVERABLE_ERRORS
from crmtenant.errors import Conflict, OperatorError, Unavailable
from crmtenant.models.base import TenantBase
from crmtenant.models.catalog.tables import Registration, Tenant
from crmtenant.models.tenant.company import Company
from crmtenant.services.tenants.registration_rows import (
    NewCompany,
    NewCompanyRows,
    Taken,
    found,
    founded_under,
    founding_of,
    state_of,
)

if TYPE_CHECKING:
    from crmtenant.db.pool.addresses import Addresses
    from crmtenant.db.pool.catalog import Catalog

KEPT = timedelta(hours=24)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Registered:
    """A company that exists, and who founded it."""

    tenant_id: str
    user_id: str
    slug: str


# Into the table, past the ORM: on this path its insert costs more than PostgreSQL's.
_COMPANY = TenantBase.metadata.tables[Company.__tablename__]
_INSERT_COMPANY = insert(_COMPANY).on_conflict_do_nothing()
_COMPANIES = select(_COMPANY.c.id)
_ACTIVATE = (
    update(Tenant)
    .where(Tenant.id == bindparam("tenant_id"), Tenant.state == "provisioning")
    .values(state="active")
    .returning(Tenant.id)
)


class Registrar:
    """Registers companies. `provide` has a company's database made, here or elsewhere (services/building.py)."""

    def __init__(
        self, catalog: Catalog, addresses: Addresses, provide: Callable[[NewCompanyRows], None]
    ) -> None:
        self._catalog = catalog
        self._addresses = addresses
        self._provide = provide

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
        return Registered(founding.tenant_id, founding.user_id, founding.slug)

    def resume(self, tenant_id: str) -> None:
        """Nothing comes back; a registration that broke off anywhere is finished."""
        with self._catalog.reading() as reader:
            founding = founding_of(reader, tenant_id)
        if founding is not None:
            self._finish(founding, has_database=False)

    def finish(self, tenant_id: str) -> None:
        """Nothing comes back; a registration that another process waits for is finished, or is in the log."""
        try:
            self.resume(tenant_id)
        except RECOVERABLE_ERRORS:
            log.exception("registration_not_finished", tenant_id=tenant_id)

    def forget_keys(self) -> None:
        """Nothing comes back; keys older than a day may be used afresh."""
        with self._catalog.begin() as session:
            session.execute(delete(Registration).where(Registration.created_at < now() - KEPT))

    # Step 1: the catalog

    def _known(self, request: NewCompany) -> NewCompanyRows | None:
        """The registration made under the request's key, if any."""
        with self._catalog.reading() as reader:
            return founded_under(reader, request.key, request.request_hash)

    def _record(self, request: NewCompany) -> tuple[NewCompanyRows, bool]:
        """The registration, and whether its database exists already because a spare was claimed for it."""
        try:
            with self._catalog.begin() as session:
                founding, is_spare = found(session, request)
        except Taken:
            # Perhaps by a request with the same key, made at the same time, that we waited for.
            known = self._known(request)
            if known is None:
                raise Conflict(
                    "Somebody is registered under this e-mail address.", code="email_taken"
                ) from None
            return known, False
        return founding, is_spare

    # Steps 2 to 4

    def _finish(self, founding: NewCompanyRows, *, has_database: bool) -> None:
        try:
            if not has_database:
                self._provide(founding)
            self._seed(founding)
        except Gone:
            pass  # not ours to do any more: whether it was finished or undone, the last step tells
        self._activate(founding)

    def _seed(self, founding: NewCompanyRows) -> None:
        address = self._addresses.of(founding)
        values = {
            "id": founding.tenant_id,
            "name": founding.company_name,
            "founder_id": founding.user_id,
            "founder_name": founding.person_name,
            "founder_email": founding.email,
        }
        with self._catalog.broker.begin(address) as session:
            session.execute(_INSERT_COMPANY, values)
            if session.scalars(_COMPANIES).all() != [founding.tenant_id]:
                raise OperatorError(f"the database {founding.database} belongs to another company")

    def _activate(self, founding: NewCompanyRows) -> None:
        with self._catalog.begin() as session:
            changed = session.scalars(_ACTIVATE, {"tenant_id": founding.tenant_id}).one_or_none()
        if changed is None and self._state(founding) in {None, "failed"}:
            raise Unavailable("The company could not be set up. Nothing is left of it; please try again.")

    def _state(self, founding: NewCompanyRows) -> str | None:
        with self._catalog.reading() as reader:
            return state_of(reader, founding.tenant_id)
