"""What the checks of one server have before them: what it says, and what the catalog says it should be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, literal, null, select, union_all

from crmtenant.models.catalog.tables import SetAside, Spare, Tenant
from crmtenant.services.fleet.role_passwords import SETTLED, Company
from crmtenant.services.jobs.reconciler import STATE_NOW

if TYPE_CHECKING:
    from crmtenant.db.admin.inspection import ServerFacts
    from crmtenant.db.admin.servers import ManagedServer
    from crmtenant.db.pool.catalog import Catalog
    from crmtenant.db.secrets.role_names import RoleNames
    from crmtenant.services.operations import Operations

_KNOWN: Any = union_all(
    select(Tenant.database, STATE_NOW, Tenant.slug, Tenant.id, Tenant.password_version, Tenant.schema_revision)
    .where(Tenant.server_id == bindparam("server_id")),
    select(Spare.database, literal("spare"), null(), null(), literal(1), Spare.revision)
    .where(Spare.server_id == bindparam("server_id")),
    select(SetAside.database, SetAside.purpose, null(), null(), null(), null())
    .where(SetAside.server_id == bindparam("server_id")),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Known:
    """A database that the catalog knows, and what it is; a company's has a slug, an id and a password's version."""

    database: str
    state: str
    slug: str
    tenant_id: str
    password_version: int
    revision: str


@dataclass(frozen=True, slots=True)
class ServerState:
    """One server at one moment."""

    operations: Operations
    server: ManagedServer
    facts: ServerFacts
    known: tuple[Known, ...]

    @property
    def names(self) -> RoleNames:
        """What the roles of the installation are called."""
        return self.operations.servers.names

    @property
    def companies(self) -> list[Known]:
        """The companies that have a role, and that nobody is about to shut or open."""
        return [one for one in self.known if one.state in SETTLED]

    @property
    def databases(self) -> frozenset[str]:
        """Every database the catalog knows on this server."""
        return frozenset(one.database for one in self.known)

    def company(self, known: Known) -> Company:
        """The company, for whoever changes its role's password."""
        return Company(known.tenant_id, known.slug, known.database, self.server.id)

    def is_still(self, company: Known) -> bool:
        """Whether the catalog has the company where and as it was."""
        return company in known_on(self.operations.catalog, self.server.id)

    def require_answer(self) -> None:
        """Nothing comes back; the server lets its administrator in. Raises what keeps them out."""
        self.server.address.admin().connect().close()

    def reconcile(self) -> None:
        """Nothing comes back; the servers are what the catalog says, as far as that could be done."""
        self.operations.reconciler(self.operations.spares(0)).reconcile()


def known_on(catalog: Catalog, server_id: int) -> tuple[Known, ...]:
    """The databases that the catalog knows on this server."""
    with catalog.reading() as reader:
        return tuple(Known(*row) for row in reader.rows(_KNOWN, {"server_id": server_id}))
