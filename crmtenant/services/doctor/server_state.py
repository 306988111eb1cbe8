"""What the checks of one server compare: its actual state, and what the catalog says it should be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, case, false, func, literal, null, select, union_all

from crmtenant.models.catalog.tables import SetAside, Spare, Tenant
from crmtenant.services.fleet.role_passwords import STATES_WITH_ROLE, CompanyRole

if TYPE_CHECKING:
    from crmtenant.db.admin.inspection import ServerFacts
    from crmtenant.db.admin.servers import ManagedServer
    from crmtenant.db.pool.catalog import Catalog
    from crmtenant.db.secrets.role_names import RoleNames
    from crmtenant.services.operations import Operations

# A pause that has lapsed is a finding, and so is what it left.
_STATE = case(
    (func.coalesce(Tenant.migrating_until > func.now(), false()), literal("migrating")), else_=Tenant.state
)
_KNOWN: Any = union_all(
    select(Tenant.database, _STATE, Tenant.slug, Tenant.id, Tenant.password_version, Tenant.schema_revision,
           Tenant.epoch)
    .where(Tenant.server_id == bindparam("server_id")),
    select(Spare.database, literal("spare"), null(), null(), literal(1), Spare.revision, null())
    .where(Spare.server_id == bindparam("server_id")),
    select(SetAside.database, SetAside.purpose, null(), null(), null(), null(), null())
    .where(SetAside.server_id == bindparam("server_id")),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class KnownDatabase:
    """A database that the catalog knows; only a company's has a slug, a tenant id and a password version."""

    database: str
    state: str
    slug: str
    tenant_id: str
    password_version: int
    revision: str
    epoch: int


@dataclass(frozen=True, slots=True)
class ServerState:
    """One server at one moment."""

    operations: Operations
    server: ManagedServer
    facts: ServerFacts
    known: tuple[KnownDatabase, ...]

    @property
    def names(self) -> RoleNames:
        """Return the names of the installation's roles."""
        return self.operations.servers.names

    @property
    def companies(self) -> list[KnownDatabase]:
        """Return the companies that have a role and are not being migrated or moved."""
        return [one for one in self.known if one.state in STATES_WITH_ROLE]

    @property
    def databases(self) -> frozenset[str]:
        """Return the names of all databases that the catalog knows on this server."""
        return frozenset(one.database for one in self.known)

    def company_role(self, known: KnownDatabase) -> CompanyRole:
        """Return the company's role, as the password rotation takes it."""
        return CompanyRole(known.tenant_id, known.slug, known.database, self.server.id)

    def is_still(self, company: KnownDatabase) -> bool:
        """Return whether the company is unchanged in the catalog."""
        return company in known_databases(self.operations.catalog, self.server.id)

    def require_answer(self) -> None:
        """Connect to the server as its administrator, raising the error if that fails."""
        self.server.address.admin().connect().close()

    def reconcile(self) -> None:
        """Run the reconciler once, without making spares."""
        self.operations.reconciler(self.operations.spares(0)).reconcile()


def known_databases(catalog: Catalog, server_id: int) -> tuple[KnownDatabase, ...]:
    """Return the databases that the catalog knows on this server."""
    with catalog.reading() as reader:
        return tuple(KnownDatabase(*row) for row in reader.rows(_KNOWN, {"server_id": server_id}))
