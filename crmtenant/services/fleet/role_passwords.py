"""Rotating the passwords of the companies' roles, one after the other, while the companies are served.

A role's password follows from the version in the catalog. The catalog changes first and the role immediately after.
A process killed in between leaves a role that cannot log in; `heal` finds it and sets the password of the catalog's
version.

A process that cached the old version cannot open connections with it any more; it answers 503 with Retry-After until
it reads the catalog again, within `lookup_ttl_seconds`. Open connections stay usable.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

import structlog
from sqlalchemy import bindparam, or_, select, update

from crmtenant.clock import now
from crmtenant.db.admin.role_passwords import RolePasswords
from crmtenant.db.errors import RECOVERABLE_ERRORS
from crmtenant.db.secrets.role_names import FIRST_PASSWORD_VERSION
from crmtenant.errors import OperatorError, sentence
from crmtenant.models.catalog.tables import Tenant
from crmtenant.services.fleet.role_secret import ROTATION_LOCK, password_lock

if TYPE_CHECKING:
    from crmtenant.db.admin.servers import ManagedServer, ManagedServers
    from crmtenant.db.pool.catalog import Catalog
    from crmtenant.services.fleet.role_secret import RoleSecretRotation

#: Companies in other states are about to get a role, or to lose it.
STATES_WITH_ROLE = ("active", "suspended", "deleting")
#: How long before the last check a change may have begun that was not finished then.
OVERLAP = timedelta(minutes=10)

log = structlog.get_logger(__name__)

_HAS_ROLE = or_(*(Tenant.state == state for state in STATES_WITH_ROLE))
_COMPANIES = (
    select(Tenant.id, Tenant.slug, Tenant.database, Tenant.server_id).where(_HAS_ROLE).order_by(Tenant.slug)
)
_NAMED = _COMPANIES.where(or_(Tenant.id == bindparam("name"), Tenant.slug == bindparam("name")))
_CHANGED = _COMPANIES.where(
    Tenant.password_version > FIRST_PASSWORD_VERSION, Tenant.updated_at >= bindparam("since")
)
_SAME = (Tenant.id == bindparam("tenant_id"), Tenant.database == bindparam("old_database"))
_NEXT = (
    update(Tenant)
    .where(*_SAME, _HAS_ROLE)
    .values(password_version=Tenant.password_version + 1)
    .returning(Tenant.password_version)
    .execution_options(synchronize_session=False)
)
_VERSION = select(Tenant.password_version).where(*_SAME)


@dataclass(frozen=True, slots=True)
class CompanyRole:
    """A company and its database, whose name its role has; the name is opaque and never shown."""

    id: str
    slug: str
    database: str
    server_id: int


@dataclass(frozen=True, slots=True)
class RolePasswordResult:
    """The outcome for one company's role; `problem` is None if it has a new password."""

    company: CompanyRole
    problem: str | None = None


class RolePasswordRotation:
    """Changes the passwords of companies' roles on every server. `on_change` is called with the id of each company."""

    def __init__(
        self,
        catalog: Catalog,
        servers: ManagedServers,
        role_secret_rotation: RoleSecretRotation,
        on_change: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._catalog = catalog
        self._servers = servers
        self._role_secret_rotation = role_secret_rotation
        self._on_change = on_change
        self._healed_at: datetime | None = None

    def companies(self, name: str | None = None) -> list[CompanyRole]:
        """Return every company that has a role of its own, or the one with this slug or id."""
        with self._catalog.reading() as reader:
            rows = reader.rows(_COMPANIES) if name is None else reader.rows(_NAMED, {"name": name})
        if not rows and name is not None:
            raise OperatorError(f"There is no company {name} that has a role.")
        return [CompanyRole(*row) for row in rows]

    def rotate(self, companies: Sequence[CompanyRole]) -> Iterator[RolePasswordResult]:
        """Change the passwords one after the other, yielding each result; a failure stops none of the others."""
        with password_lock(self._servers):
            yield from self._rotate(companies)

    def _rotate(self, companies: Sequence[CompanyRole]) -> Iterator[RolePasswordResult]:
        for company in companies:
            try:
                self._passwords(self._servers.of(company.server_id)).change(
                    company.database, partial(self._next, company)
                )
            except RECOVERABLE_ERRORS as problem:
                # The name of a company's database is never shown.
                reason = sentence(problem).replace(company.database, "(the company's)")
                log.warning("role_password_not_rotated", company=company.slug, reason=reason)
                yield RolePasswordResult(company, reason)
                continue
            self._on_change(company.id)
            yield RolePasswordResult(company)

    def heal(self) -> int:
        """Repair the roles that an interrupted change left unable to log in; return how many there were.

        An interrupted rotation of the role secret is finished first.
        """
        self._role_secret_rotation.finish()
        began_at = now()
        since = datetime.min.replace(tzinfo=began_at.tzinfo) if self._healed_at is None else self._healed_at
        with self._catalog.reading() as reader:
            rows = reader.rows(_CHANGED, {"since": since})
        healed = 0
        for company in (CompanyRole(*row) for row in rows):
            try:
                healed += self.heal_one(company)
            except RECOVERABLE_ERRORS as problem:
                log.warning("role_password_not_repaired", company=company.slug, reason=sentence(problem))
        self._healed_at = began_at - OVERLAP
        return healed

    def is_valid(self, company: CompanyRole) -> bool:
        """Return whether the role logs in with the password of the catalog's version, derived from any current secret."""
        address, version = self._servers.of(company.server_id).address, self._version(company)
        return any(
            RolePasswords(address, self._servers.names, secret).is_valid(company.database, version)
            for secret in self._servers.secrets.secrets(at_once=True)
        )

    def heal_one(self, company: CompanyRole) -> bool:
        """Repair the company's role if it cannot log in; return whether it was repaired.

        Does nothing while another process changes passwords.
        """
        with self._servers.try_lock(ROTATION_LOCK) as is_alone:
            if not is_alone or self.is_valid(company):
                return False
            passwords = self._passwords(self._servers.of(company.server_id))
            passwords.change(company.database, lambda: self._version(company))
        log.warning("role_password_repaired", company=company.slug)
        return True

    def _passwords(self, server: ManagedServer) -> RolePasswords:
        return RolePasswords(
            server.address, self._servers.names, self._servers.secrets.secrets(at_once=True)[0]
        )

    def _next(self, company: CompanyRole) -> int:
        with self._catalog.begin() as session:
            version = session.scalars(_NEXT, _values(company)).one_or_none()
        return _existing(version)

    def _version(self, company: CompanyRole) -> int:
        with self._catalog.reading() as reader:
            row = reader.row(_VERSION, _values(company))
        return _existing(row[0] if row else None)


def _existing(version: int | None) -> int:
    if version is None:
        raise OperatorError("The company got another database, or was deleted, in the meantime.")
    return version


def _values(company: CompanyRole) -> dict[str, object]:
    return {"tenant_id": company.id, "old_database": company.database}
