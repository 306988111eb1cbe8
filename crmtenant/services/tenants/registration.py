"""Registration of a company: a saga over two databases, outside any request's transaction.

1. One catalog transaction: the company (`provisioning`), its owner, their membership, the idempotency key, and a
   spare database if there is one.  2. Role and database, unless it was a spare.  3. The company's own row, in its
   database.  4. The company is `active`.

Every step can be repeated, so a registration that was interrupted anywhere is finished by running the rest again:
the client does so by repeating the request under its key, the reconciler for everybody else. Until step 4 nobody
can enter the company.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog
from sqlalchemy import bindparam, delete, text, update
from sqlalchemy.dialects.postgresql import insert

from crmtenant.clock import now
from crmtenant.db.admin.identity import Contradiction
from crmtenant.db.admin.provisioning import Gone
from crmtenant.db.errors import RECOVERABLE_ERRORS
from crmtenant.errors import Conflict, OperatorError, Unavailable
from crmtenant.ids import new_id
from crmtenant.models.base import TenantBase
from crmtenant.models.catalog.tables import Registration, Tenant
from crmtenant.models.tenant.company import Company
from crmtenant.services.fleet.server_rows import placement_on
from crmtenant.services.fleet.spares import claim
from crmtenant.services.tenants.registration_rows import (
    AlreadyTaken,
    NewCompany,
    NewCompanyRows,
    create_company_rows,
    find_by_key,
    find_by_tenant,
    state_of,
)

if TYPE_CHECKING:
    from crmtenant.db.pool.addresses import Addresses
    from crmtenant.db.pool.catalog import Catalog

KEY_RETENTION = timedelta(hours=24)
#: So many spares are tried that turn out to be none, before a new database is made.
SPARES_TRIED = 5

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Registered:
    """A registered company and its first owner."""

    tenant_id: str
    user_id: str
    slug: str


# Into the table, past the ORM: on this path its insert costs more than PostgreSQL's.
_COMPANY = TenantBase.metadata.tables[Company.__tablename__]
_INSERT_COMPANY = insert(_COMPANY).on_conflict_do_nothing().returning(_COMPANY.c.id)
# What is in the database: one that people have written in is no spare, whether or not it says whose it is.
_STANDING = text("""
    SELECT (SELECT array_agg(id) FROM company),
        EXISTS (SELECT FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
                AND relname NOT IN ('alembic_version', 'company') AND pg_relation_size(oid) > 0)
""")
_ACTIVATE = (
    update(Tenant)
    .where(Tenant.id == bindparam("tenant_id"), Tenant.state == "provisioning")
    .values(state="active")
    .returning(Tenant.id)
)


_ELSEWHERE = (
    update(Tenant)
    .where(
        Tenant.id == bindparam("tenant_id"),
        Tenant.state == "provisioning",
        Tenant.database == bindparam("occupied"),
    )
    .returning(Tenant.id)
    .execution_options(synchronize_session=False)
)


class OccupiedDatabase(OperatorError):
    """The database that the catalog gave to a new company is another company's."""


class Registrar:
    """Registers companies. `provide` makes a company's database or has it made (`database_requests`)."""

    def __init__(
        self, catalog: Catalog, addresses: Addresses, provide: Callable[[NewCompanyRows], None]
    ) -> None:
        self._catalog = catalog
        self._addresses = addresses
        self._provide = provide

    def register(self, request: NewCompany) -> Registered:
        """Register the company and return it, ready for use. Under a key that was used before, return the company
        registered then.

        Raises: `Conflict` (email_taken); `Invalid` (idempotency_key_reused) if the key was used for another request;
        `Unavailable` if it could not be finished now, in which case it will be finished or wholly undone.
        """
        registration, has_database = self._known(request), False
        if registration is None:
            registration, has_database = self._record(request)
        if not registration.is_done:
            self._finish(registration, has_database=has_database)
        return Registered(registration.tenant_id, registration.user_id, registration.slug)

    def resume(self, tenant_id: str) -> None:
        """Finish a registration that was interrupted anywhere."""
        with self._catalog.reading() as reader:
            registration = find_by_tenant(reader, tenant_id)
        if registration is not None:
            self._finish(registration, has_database=False)

    def finish(self, tenant_id: str) -> None:
        """Finish a registration that another process waits for; log it if that fails."""
        try:
            self.resume(tenant_id)
        except RECOVERABLE_ERRORS:
            log.exception("registration_not_finished", tenant_id=tenant_id)

    def sweep_keys(self) -> None:
        """Delete idempotency keys older than a day."""
        with self._catalog.begin() as session:
            session.execute(delete(Registration).where(Registration.created_at < now() - KEY_RETENTION))

    # Step 1: the catalog

    def _known(self, request: NewCompany) -> NewCompanyRows | None:
        """Return the registration made under the request's key, if any."""
        with self._catalog.reading() as reader:
            return find_by_key(reader, request.key, request.request_hash)

    def _record(self, request: NewCompany) -> tuple[NewCompanyRows, bool]:
        """Write the catalog rows; return them and whether the database exists because a spare was claimed."""
        try:
            with self._catalog.begin() as session:
                registration, is_spare = create_company_rows(session, request)
        except AlreadyTaken:
            # Perhaps by a parallel request with the same key, which we waited for.
            known = self._known(request)
            if known is None:
                raise Conflict(
                    "Somebody is registered under this e-mail address.", code="email_taken"
                ) from None
            return known, False
        return registration, is_spare

    # Steps 2 to 4

    def _finish(self, registration: NewCompanyRows, *, has_database: bool) -> None:
        try:
            if has_database:
                registration, has_database = self._take_spare(registration)
            if not has_database:
                self._provide_and_seed(registration)
        except Gone:
            pass  # somebody else finished or undid it; the last step shows which
        self._activate(registration)

    def _take_spare(self, registration: NewCompanyRows) -> tuple[NewCompanyRows, bool]:
        """Take the spare, or the next ones if it is none; return the registration and whether that went well.

        After a few, a new database is made: on a server that is down none can be taken, and trying takes time.
        """
        is_spare, tries = True, 0
        while is_spare and tries < SPARES_TRIED:
            if self._is_taken(registration):
                return registration, True
            registration, is_spare = self._elsewhere(registration)
            tries += 1
        return registration, False

    def _is_taken(self, registration: NewCompanyRows) -> bool:
        """Seed the spare and return whether that went well: one that is not there, or not empty, is none."""
        try:
            self._seed(registration)
        except (OccupiedDatabase, Unavailable) as reason:
            log.warning("not_a_spare", database=registration.database, reason=str(reason))
            return False
        return True

    def _provide_and_seed(self, registration: NewCompanyRows) -> None:
        try:
            self._provide(registration)
            self._seed(self._current(registration))
        except (Contradiction, OccupiedDatabase) as reason:
            if isinstance(reason, Contradiction) and reason.is_of(registration.tenant_id):
                # It was finished after the catalog was saved: people may have worked in it since.
                self._seed(registration)
                return
            log.warning("database_kept", database=registration.database, reason=str(reason))
            elsewhere, _ = self._elsewhere(registration, is_new=True)
            self._provide(elsewhere)
            self._seed(self._current(elsewhere))

    def _current(self, registration: NewCompanyRows) -> NewCompanyRows:
        """Return the registration as it is now: whoever made the database may have had to make another one."""
        with self._catalog.reading() as reader:
            current = find_by_tenant(reader, registration.tenant_id)
        if current is None:
            raise Gone(registration.database)
        return current

    def _elsewhere(
        self, registration: NewCompanyRows, *, is_new: bool = False
    ) -> tuple[NewCompanyRows, bool]:
        """Give the company another database than this one, which is somebody else's; return whether it is a spare.

        Raises: `Gone` if somebody else finished, moved or undid the registration meanwhile.
        """
        with self._catalog.begin() as session:
            placement = None if is_new else placement_on(session, registration.server_id)
            spare = claim(session, placement) if placement else None
            found = session.scalars(
                _ELSEWHERE.values(database=spare or new_id("t")),
                {"tenant_id": registration.tenant_id, "occupied": registration.database},
            )
            if found.one_or_none() is None:
                raise Gone(registration.database)
        return self._current(registration), spare is not None

    def _seed(self, registration: NewCompanyRows) -> None:
        address = self._addresses.of(registration, registration.tenant_id)
        values = {
            "id": registration.tenant_id,
            "name": registration.company_name,
            "founder_id": registration.user_id,
            "founder_name": registration.person_name,
            "founder_email": registration.email,
        }
        with self._catalog.broker.begin(address) as session:
            inserted = session.scalars(_INSERT_COMPANY, values).one_or_none()
            ids, is_written = session.execute(_STANDING).one()
            if ids != [registration.tenant_id] or (inserted and is_written):
                raise OccupiedDatabase(f"the database {registration.database} belongs to another company")

    def _activate(self, registration: NewCompanyRows) -> None:
        with self._catalog.begin() as session:
            changed = session.scalars(_ACTIVATE, {"tenant_id": registration.tenant_id}).one_or_none()
        if changed is None and self._state(registration) in {None, "failed"}:
            raise Unavailable("The company could not be set up. Nothing is left of it; please try again.")

    def _state(self, registration: NewCompanyRows) -> str | None:
        with self._catalog.reading() as reader:
            return state_of(reader, registration.tenant_id)
