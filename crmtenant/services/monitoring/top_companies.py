"""The companies that use most, by name for operators and by rank alone for metrics."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import Double, and_, bindparam, case, cast, func, literal, select, union_all

from crmtenant.models.catalog.tables import Tenant
from crmtenant.models.catalog.usage import CompanyMeasure, UsageDay

if TYPE_CHECKING:
    from crmtenant.db.pool.catalog import Catalog

#: Companies in the metrics: each is a time series.
RANKS = 20


@dataclass(frozen=True, slots=True)
class CompanyUse:
    """What a company used on one day, and how large it was then; today it is as it was last measured."""

    id: str
    slug: str
    name: str
    requests: int
    thread_seconds: float
    database_seconds: float
    errors: int
    slow_statements: int
    bytes_in: int
    bytes_out: int
    size_bytes: int | None
    row_count: int | None
    last_used_at: datetime | None


def _measured(of_day: Any, last: Any) -> Any:
    return func.coalesce(of_day, case((bindparam("is_today"), last)))


_SIZE = _measured(UsageDay.size_bytes, CompanyMeasure.size_bytes)
_ROWS = _measured(UsageDay.row_count, CompanyMeasure.row_count)
_COUNTED = (
    UsageDay.requests,
    UsageDay.thread_seconds,
    UsageDay.database_seconds,
    UsageDay.errors,
    UsageDay.slow_statements,
    UsageDay.bytes_in,
    UsageDay.bytes_out,
)
#: What companies can be ordered by.
ORDERS: dict[str, Any] = {
    "requests": UsageDay.requests,
    "seconds": UsageDay.thread_seconds,
    "database": UsageDay.database_seconds,
    "errors": UsageDay.errors,
    "slow": UsageDay.slow_statements,
    "traffic": UsageDay.bytes_in + UsageDay.bytes_out,
    "bytes": _SIZE,
    "rows": _ROWS,
}


@cache
def _top(by: str) -> Any:
    figure = func.coalesce(ORDERS[by], 0)
    counted = (func.coalesce(column, 0) for column in _COUNTED)
    return (
        select(Tenant.id, Tenant.slug, Tenant.name, *counted, _SIZE, _ROWS, UsageDay.last_used_at)
        .outerjoin(UsageDay, and_(UsageDay.tenant_id == Tenant.id, UsageDay.day == bindparam("day")))
        .outerjoin(CompanyMeasure, CompanyMeasure.tenant_id == Tenant.id)
        .where(figure > 0)
        .order_by(figure.desc(), Tenant.slug)
        .limit(bindparam("limit"))
    )


def top(catalog: Catalog, by: str, day: date, today: date, limit: int = RANKS) -> list[CompanyUse]:
    """Return the companies that used most on this day (UTC), those with nothing to count left out."""
    values = {"day": day, "is_today": day == today, "limit": limit}
    with catalog.reading() as reader:
        return [CompanyUse(*row) for row in reader.rows(_top(by), values)]


_OF_TODAY = UsageDay.day == cast(func.now(), UsageDay.day.type)


def _ranked(name: str, column: Any, *conditions: Any) -> Any:
    rank = func.row_number().over(order_by=column.desc())
    ranked = select(literal(name).label("name"), rank.label("rank"), cast(column, Double).label("value"))
    return select(ranked.where(column > 0, *conditions).order_by(column.desc()).limit(RANKS).subquery())


_METRICS = union_all(
    _ranked("top_company_requests", UsageDay.requests, _OF_TODAY),
    _ranked("top_company_thread_seconds", UsageDay.thread_seconds, _OF_TODAY),
    _ranked("top_company_database_seconds", UsageDay.database_seconds, _OF_TODAY),
    _ranked("top_company_errors", UsageDay.errors, _OF_TODAY),
    _ranked("top_company_bytes", CompanyMeasure.size_bytes),
    _ranked("top_company_rows", CompanyMeasure.row_count),
)


def read_ranks(catalog: Catalog) -> list[tuple[str, int, float]]:
    """Return what the companies at the first ranks used today (UTC), and how large they are: name, rank, value. Each
    name has its own ranks."""
    with catalog.reading() as reader:
        return [(name, rank, value) for name, rank, value in reader.rows(_METRICS)]
