"""What companies use: counted in the memory of each serving process, and added to the catalog by day.

Counting costs a request two microseconds. A process that is killed loses what it counted since it last wrote: half a
minute (ADR 23).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from threading import Lock
from typing import TYPE_CHECKING, Any

from sqlalchemy import ARRAY, BigInteger, Double, Text, bindparam, delete, func, select
from sqlalchemy.dialects.postgresql import insert

from crmtenant.clock import now
from crmtenant.models.catalog.tables import Tenant
from crmtenant.models.catalog.usage import UsageDay

if TYPE_CHECKING:
    from datetime import date

    from crmtenant.db.pool.catalog import Catalog


@dataclass(slots=True)
class Use:
    """What requests used. `errors` are answers of 500 and above, but for 507."""

    requests: int = 0
    errors: int = 0
    slow_statements: int = 0
    bytes_in: int = 0
    bytes_out: int = 0
    thread_seconds: float = 0.0
    database_seconds: float = 0.0

    def add(self, other: Use) -> None:
        """Add what others used."""
        self.requests += other.requests
        self.errors += other.errors
        self.slow_statements += other.slow_statements
        self.bytes_in += other.bytes_in
        self.bytes_out += other.bytes_out
        self.thread_seconds += other.thread_seconds
        self.database_seconds += other.database_seconds


_NAMES = tuple(field.name for field in fields(Use))
_SECONDS = {"thread_seconds", "database_seconds"}
_GIVEN = (
    func.unnest(
        bindparam("tenant_id", type_=ARRAY(Text)),
        *(bindparam(name, type_=ARRAY(Double if name in _SECONDS else BigInteger)) for name in _NAMES),
    )
    .table_valued("tenant_id", *_NAMES, name="given")
    .render_derived()
)
# Companies that are gone meanwhile are left out; in one order, so that two processes never wait for each other.
_KNOWN = (
    select(
        bindparam("today", type_=UsageDay.day.type),
        bindparam("moment", type_=UsageDay.last_used_at.type),
        *_GIVEN.c,
    )
    .join(Tenant, Tenant.id == _GIVEN.c.tenant_id)
    .order_by(_GIVEN.c.tenant_id)
)
_TABLE: Any = UsageDay.__table__
# The bare table, for the unit of work would take the values for those of one row.
_NEW = insert(_TABLE).from_select(["day", "last_used_at", "tenant_id", *_NAMES], _KNOWN)
_ADD = _NEW.on_conflict_do_update(
    index_elements=[_TABLE.c.day, _TABLE.c.tenant_id],
    set_={
        **{name: _TABLE.c[name] + _NEW.excluded[name] for name in _NAMES},
        "last_used_at": func.greatest(_TABLE.c.last_used_at, _NEW.excluded.last_used_at),
    },
)


class UsageCounter:
    """Counts what companies use, and writes it down when it is told to."""

    def __init__(self, catalog: Catalog, clock: Callable[[], datetime] = now) -> None:
        self._catalog = catalog
        self._clock = clock
        self._lock = Lock()
        self._uses: dict[str, Use] = {}

    def count(self, company_id: str, use: Use) -> None:
        """Count this for the company."""
        with self._lock:
            known = self._uses.get(company_id)
            if known is None:
                self._uses[company_id] = use
            else:
                known.add(use)

    def flush(self) -> None:
        """Add what was counted to the catalog, in one statement; where that fails, it is kept for the next time."""
        with self._lock:
            taken, self._uses = self._uses, {}
        if not taken:
            return
        try:
            with self._catalog.begin() as session:
                session.execute(_ADD, self._values(taken))
        except BaseException:
            for company_id, use in taken.items():
                self.count(company_id, use)
            raise

    def _values(self, uses: Mapping[str, Use]) -> dict[str, Any]:
        moment = self._clock()
        columns = {name: [getattr(use, name) for use in uses.values()] for name in _NAMES}
        return {"today": moment.date(), "moment": moment, "tenant_id": list(uses), **columns}


def prune(catalog: Catalog, before: date) -> None:
    """Delete the figures of days before this one."""
    with catalog.begin() as session:
        session.execute(delete(UsageDay).where(UsageDay.day < before))
