"""The whole fleet at a glance: companies, servers, and what is being done, in a few queries however many there are.

One session a server tells sizes, labels and who may connect; nothing is locked, and no company's database is opened.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import TYPE_CHECKING, Any

import psycopg2
import structlog
from sqlalchemy import bindparam, func, select

from crmtenant.clock import now
from crmtenant.db.admin.connection import administering
from crmtenant.db.admin.inventory import database_sizes, sizes_of, take_inventory
from crmtenant.db.pool.label import label_of
from crmtenant.db.schema.migrations import head
from crmtenant.models.catalog.tables import Server, SetAside, Spare, Tenant
from crmtenant.models.catalog.usage import UsageDay
from crmtenant.services.monitoring.fleet_state import Drift, Fleet, FleetCompany, FleetServer
from crmtenant.services.monitoring.overview import CompanyOverview, overview_of
from crmtenant.services.monitoring.work import read_work

if TYPE_CHECKING:
    from crmtenant.db.admin.inventory import Inventory
    from crmtenant.db.admin.servers import ManagedServer, ManagedServers
    from crmtenant.db.pool.catalog import Catalog
    from crmtenant.db.pool.reader import Reader

#: PostgreSQL looks at every file of a database for its size: seconds for thousands of them.
SIZES_SECONDS = 60.0
_DAY = timedelta(days=1)
_DATABASE_STATES = frozenset({"active", "suspended", "deleting"})
_Place = tuple[int, str, str]

log = structlog.get_logger(__name__)

_PLACES = select(Tenant.id, Tenant.epoch, Tenant.database, Tenant.state)
_FILLING = select(SetAside.database).where(SetAside.purpose == "restoring")
_COMPANIES = select(func.count()).where(Tenant.server_id == Server.id).scalar_subquery()
_SPARES = select(func.count()).where(Spare.server_id == Server.id).scalar_subquery()
_SERVERS = select(
    Server.name, Server.weight, Server.is_draining, Server.capacity_bytes, _COMPANIES, _SPARES
).order_by(Server.id)
_USAGE = select(
    UsageDay.tenant_id, UsageDay.day, UsageDay.requests, UsageDay.errors, UsageDay.thread_seconds
).where(UsageDay.day >= bindparam("since"))


@dataclass(frozen=True, slots=True)
class _Found:
    """What a server has; `filled` are the bytes of databases that are being filled."""

    inventory: Inventory
    sizes: Mapping[str, int]
    filled: Mapping[str, int]


@dataclass(slots=True)
class _Use:
    requests: float = 0
    errors: float = 0
    thread_seconds: float = 0


@dataclass(frozen=True, slots=True)
class _Sizes:
    taken_at: float
    by_database: Mapping[str, int]


class FleetSurvey:
    """Looks at the fleet. However many ask, what was seen is told again for `max_age_seconds`, and sizes for a minute."""

    def __init__(
        self,
        catalog: Catalog,
        servers: ManagedServers,
        *,
        max_age_seconds: float = 0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._catalog = catalog
        self._servers = servers
        self._max_age_seconds = max_age_seconds
        self._clock = clock
        self._lock = Lock()
        self._last: tuple[float, Fleet] | None = None
        self._sizes: dict[str, _Sizes] = {}

    def look(self) -> Fleet:
        """Return the fleet as it is now, or was a moment ago. Raises: `Unavailable` without a catalog."""
        with self._lock:
            started = self._clock()
            if self._last is None or started - self._last[0] >= self._max_age_seconds:
                self._last = (started, self._survey())
            return self._last[1]

    def _survey(self) -> Fleet:
        servers = self._servers.all()
        with self._catalog.reading() as reader:
            filling = [database for (database,) in reader.rows(_FILLING)]
            before = _read_places(reader)
        with ThreadPoolExecutor(max_workers=8, thread_name_prefix="survey") as pool:
            looks = pool.map(lambda server: self._look(server, filling), servers)
            found = {server.name: one for server, one in zip(servers, looks, strict=True)}
        return self._told(found, before)

    def _look(self, server: ManagedServer, filling: list[str]) -> _Found | None:
        """Return what a server has, or None if it cannot be reached."""
        names = self._servers.names
        try:
            with administering(server.address.admin()) as admin:
                known = self._sizes.get(server.name)
                if known is None or self._clock() - known.taken_at >= SIZES_SECONDS:
                    known = _Sizes(self._clock(), database_sizes(admin, names))
                    self._sizes[server.name] = known
                return _Found(
                    take_inventory(admin, names), known.by_database, sizes_of(admin, names, filling)
                )
        except psycopg2.OperationalError as problem:
            log.warning("server_unreachable", server=server.name, reason=str(problem).strip())
            return None

    def _told(self, found: Mapping[str, _Found | None], before: Mapping[str, _Place]) -> Fleet:
        moment = now()
        reached = [one for one in found.values() if one is not None]
        sizes = _merged(one.sizes for one in reached)
        with self._catalog.reading() as reader:
            # What has changed while the servers were asked cannot be compared with what they said.
            places = dict(before.items() & _read_places(reader).items())
            server_rows = reader.rows(_SERVERS)
            work = read_work(reader, moment, sizes, _merged(one.filled for one in reached))
            uses = _read_use(reader, moment)
        companies = [
            _company(one, found.get(one.server), places.get(one.id), uses.get(one.id))
            for one in overview_of(self._catalog, sizes)
        ]
        loads = _loads(companies)
        return Fleet(
            moment,
            head("tenant"),
            [_server(row, found[row[0]], loads.get(row[0], 0)) for row in server_rows if row[0] in found],
            work,
            companies,
        )


def _read_places(reader: Reader) -> dict[str, _Place]:
    return {
        company_id: (epoch, database, state) for company_id, epoch, database, state in reader.rows(_PLACES)
    }


def _merged(parts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    return {name: size for part in parts for name, size in part.items()}


def _read_use(reader: Reader, moment: datetime) -> dict[str, _Use]:
    """Return what companies used in the last 24 hours: all of today, and as much of yesterday as is left of the day."""
    midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    of_yesterday = 1 - (moment - midnight) / _DAY
    uses: dict[str, _Use] = {}
    for company_id, day, requests, errors, thread_seconds in reader.rows(
        _USAGE, {"since": (midnight - _DAY).date()}
    ):
        share = 1 if day >= midnight.date() else of_yesterday
        use = uses.setdefault(company_id, _Use())
        use.requests += requests * share
        use.errors += errors * share
        use.thread_seconds += thread_seconds * share
    return uses


def _loads(companies: Iterable[FleetCompany]) -> dict[str, float]:
    loads: dict[str, float] = {}
    for one in companies:
        loads[one.server] = loads.get(one.server, 0) + (one.load or 0)
    return loads


def _server(row: tuple[Any, ...], found: _Found | None, load: float) -> FleetServer:
    name, weight, is_draining, capacity, companies, spares = row
    used = sum(found.sizes.values()) if found else None
    return FleetServer(name, found is not None, is_draining, weight, used, capacity, companies, spares, load)


def _company(
    one: CompanyOverview, found: _Found | None, place: _Place | None, use: _Use | None
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
        round(use.requests) if use else None,
        round(use.errors) if use else None,
        use.thread_seconds / _DAY.total_seconds() if use else None,
    )


def _drift(one: CompanyOverview, found: _Found | None, place: _Place | None) -> Drift | None:
    """Return the worst of what the company's database is not as the catalog says, or None."""
    if found is None:
        return "unreachable"
    if place is None or one.state not in _DATABASE_STATES:
        return None
    epoch, database, state = place
    inventory = found.inventory
    if database not in inventory.databases:
        return "missing"
    if database in inventory.broken:
        return "broken"
    label = inventory.labels.get(database)
    if label is not None and label != label_of(one.id, epoch, state):
        return "label"
    is_open = database in inventory.open
    if is_open != (state == "active"):
        return "open" if is_open else "closed"
    return "behind" if one.schema_revision != head("tenant") else None
