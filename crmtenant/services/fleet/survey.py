"""The whole fleet at a glance: companies, servers, and what is being done, in a few queries however many there are.

One session a server tells sizes, labels and who may connect; nothing is locked, and no company's database is opened.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

import psycopg2
import structlog
from sqlalchemy import SmallInteger, Text, bindparam, cast, func, literal, null, or_, select, union_all

from crmtenant.clock import now
from crmtenant.db.admin.connection import administering
from crmtenant.db.admin.inventory import database_sizes, take_inventory
from crmtenant.db.pool.label import label_of
from crmtenant.db.schema.migrations import head
from crmtenant.models.catalog.company_job import CompanyJob
from crmtenant.models.catalog.tables import Server, SetAside, Spare, Tenant
from crmtenant.services.fleet.overview import CompanyOverview, overview_of
from crmtenant.services.fleet.server_rows import FULL_SHARE

if TYPE_CHECKING:
    from crmtenant.db.admin.inventory import Inventory
    from crmtenant.db.admin.servers import ManagedServer, ManagedServers
    from crmtenant.db.pool.catalog import Catalog

#: What a company's database is not as the catalog says.
Drift = Literal["unreachable", "missing", "broken", "open", "closed", "label", "behind"]

log = structlog.get_logger(__name__)

_PLACES = select(Tenant.id, Tenant.epoch, Tenant.database)
_COMPANIES = select(func.count()).where(Tenant.server_id == Server.id).scalar_subquery()
_SPARES = select(func.count()).where(Spare.server_id == Server.id).scalar_subquery()
_SERVERS = select(
    Server.name, Server.weight, Server.is_draining, Server.capacity_bytes, _COMPANIES, _SPARES
).order_by(Server.id)
_NO_STEP, _NO_PROGRESS = cast(null(), Text), cast(null(), SmallInteger)
_WORK: Any = union_all(
    select(Tenant.slug, CompanyJob.kind, CompanyJob.step, CompanyJob.progress, CompanyJob.created_at)
    .join(Tenant, Tenant.id == CompanyJob.tenant_id)
    .where(or_(CompanyJob.state == "waiting", CompanyJob.state == "running")),
    select(
        func.coalesce(Tenant.slug, SetAside.tenant_id),
        literal("filling"),
        _NO_STEP,
        _NO_PROGRESS,
        SetAside.created_at,
    )
    .select_from(SetAside)
    .outerjoin(Tenant, Tenant.id == SetAside.tenant_id)
    .where(SetAside.purpose == "restoring"),
    select(Tenant.slug, literal("paused"), _NO_STEP, _NO_PROGRESS, Tenant.updated_at).where(
        Tenant.migrating_until > bindparam("now")
    ),
)


@dataclass(frozen=True, slots=True)
class FleetCompany:
    """A company, what is odd about its database, and its load, if that is measured."""

    id: str
    slug: str
    name: str
    state: str
    server: str
    size_bytes: int | None
    users: int
    schema_revision: str | None
    drift: Drift | None
    proven_at: datetime | None
    used_at: datetime | None
    load: float | None


@dataclass(frozen=True, slots=True)
class FleetServer:
    """A server, what our databases take of it, and whether it takes new companies. Unreachable: no bytes."""

    name: str
    is_reachable: bool
    is_draining: bool
    weight: int
    used_bytes: int | None
    capacity_bytes: int | None
    companies: int
    spares: int

    @property
    def used_share(self) -> float | None:
        """How much of its capacity is used, if both are known."""
        if not self.capacity_bytes or self.used_bytes is None:
            return None
        return self.used_bytes / self.capacity_bytes

    @property
    def has_room(self) -> bool:
        """Whether it takes new companies."""
        is_open = self.is_reachable and not self.is_draining and self.weight > 0
        return is_open and (self.used_share or 0) < FULL_SHARE


@dataclass(frozen=True, slots=True)
class FleetWork:
    """What is being done with a company: an owner's job, a database being filled, a pause while it moves or migrates."""

    company: str
    kind: str
    step: str | None
    progress: int | None
    since: datetime


@dataclass(frozen=True, slots=True)
class Fleet:
    """Everything at one moment."""

    taken_at: datetime
    revision: str
    servers: list[FleetServer]
    work: list[FleetWork]
    companies: list[FleetCompany]


@dataclass(frozen=True, slots=True)
class _Found:
    inventory: Inventory
    sizes: Mapping[str, int]


def survey(
    catalog: Catalog, servers: ManagedServers, load: Callable[[], Mapping[str, float]] = dict
) -> Fleet:
    """Return the fleet as it is now. `load` returns the load of companies by id, where it is measured."""
    found = {server.name: _look(server, servers) for server in servers.all()}
    sizes = {name: size for one in found.values() if one for name, size in one.sizes.items()}
    moment = now()
    with catalog.reading() as reader:
        places = {company_id: (epoch, database) for company_id, epoch, database in reader.rows(_PLACES)}
        server_rows = reader.rows(_SERVERS)
        work = [FleetWork(*row) for row in reader.rows(_WORK, {"now": moment})]
    loads = load()
    companies = [
        _company(one, found.get(one.server), places.get(one.id), loads.get(one.id))
        for one in overview_of(catalog, sizes)
    ]
    return Fleet(
        moment,
        head("tenant"),
        [_server(row, found[row[0]]) for row in server_rows if row[0] in found],
        sorted(work, key=lambda one: one.since),
        companies,
    )


def _look(server: ManagedServer, servers: ManagedServers) -> _Found | None:
    """Return what a server has, or None if it cannot be reached."""
    try:
        with administering(server.address.admin()) as admin:
            return _Found(take_inventory(admin, servers.names), database_sizes(admin, servers.names))
    except psycopg2.OperationalError as problem:
        log.warning("server_unreachable", server=server.name, reason=str(problem).strip())
        return None


def _server(row: tuple[Any, ...], found: _Found | None) -> FleetServer:
    name, weight, is_draining, capacity, companies, spares = row
    used = sum(found.sizes.values()) if found else None
    return FleetServer(name, found is not None, is_draining, weight, used, capacity, companies, spares)


def _company(
    one: CompanyOverview, found: _Found | None, place: tuple[int, str] | None, load: float | None
) -> FleetCompany:
    return FleetCompany(
        one.id,
        one.slug,
        one.name,
        one.state,
        one.server,
        one.size_bytes,
        one.users,
        one.schema_revision,
        _drift(one, found, place),
        one.proven_at,
        one.used_at,
        load,
    )


def _drift(one: CompanyOverview, found: _Found | None, place: tuple[int, str] | None) -> Drift | None:
    """Return the worst of what the company's database is not as the catalog says, or None."""
    if found is None:
        return "unreachable"
    if one.state not in {"active", "suspended", "deleting"} or place is None:
        return None
    epoch, database = place
    inventory = found.inventory
    if database not in inventory.databases:
        return "missing"
    if database in inventory.broken:
        return "broken"
    label = inventory.labels.get(database)
    if label is not None and label != label_of(one.id, epoch, one.state):
        return "label"
    is_open = database in inventory.open
    if is_open != (one.state == "active"):
        return "open" if is_open else "closed"
    return "behind" if one.schema_revision != head("tenant") else None
