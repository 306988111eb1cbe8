"""How much a company may have: bytes, rows, seats (ADR 23).

Bytes and rows are what the worker measured last, which the look-up of whoever asks brings along, and the rows that this
process has added since. So no write takes longer, and several processes may let a few rows too many pass.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, func, select
from sqlalchemy.dialects.postgresql import insert

from crmtenant.errors import QuotaExceeded, StorageQuotaExceeded
from crmtenant.lru_cache import LruCache
from crmtenant.models.catalog.tables import Invitation, Membership, Tenant
from crmtenant.models.catalog.usage import QUOTAS, CompanyMeasure, TenantQuota

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crmtenant.db.pool.catalog import Catalog

COMPANIES_REMEMBERED = 10_000


@dataclass(frozen=True, slots=True)
class Limits:
    """The most a company may have of each kind; None is without limit."""

    bytes: int | None = None
    rows: int | None = None
    seats: int | None = None

    def with_own(self, own: Mapping[str, int | None] | None) -> Limits:
        """Return these limits with a company's own in their place."""
        known = {kind: own[kind] for kind in QUOTAS if kind in own} if own else {}
        return replace(self, **known)


@dataclass(frozen=True, slots=True)
class Holding:
    """What a company has, as it was measured last, and its own quotas by kind."""

    own: Mapping[str, int | None] | None = None
    size_bytes: int | None = None
    row_count: int | None = None
    measured_at: datetime | None = None


NOTHING = Holding()
FULL = 100


@dataclass(frozen=True, slots=True)
class QuotaUse:
    """What a company has, and the most it may have. `members` have seats, and so have those `invited`."""

    size_bytes: int | None
    row_count: int | None
    measured_at: datetime | None
    members: int
    invited: int
    limits: Limits
    own: frozenset[str] = frozenset()

    def used(self, kind: str) -> int:
        """Return how much there is of this kind; nothing of what was never measured."""
        counts = {"bytes": self.size_bytes, "rows": self.row_count, "seats": self.members + self.invited}
        return counts[kind] or 0

    def percent(self, kind: str) -> int | None:
        """Return the share of the quota that is used, rounded down; None without a limit."""
        return percent_of(self.used(kind), getattr(self.limits, kind))


def percent_of(used: int, most: int | None) -> int | None:
    """Return the share that is used, rounded down; None without a limit."""
    if most is None:
        return None
    return used * 100 // most if most else FULL


#: A company's own quotas by kind, as one value.
OWN = (
    select(func.json_object_agg(TenantQuota.kind, TenantQuota.most))
    .where(TenantQuota.tenant_id == Tenant.id)
    .scalar_subquery()
)
#: The columns of a `Holding`, beside an outer join of `CompanyMeasure`.
HOLDING = (OWN, CompanyMeasure.size_bytes, CompanyMeasure.row_count, CompanyMeasure.measured_at)
_MEMBERS = (
    select(func.count())
    .select_from(Membership)
    .where(Membership.tenant_id == Tenant.id, Membership.state == "active")
    .scalar_subquery()
)
_INVITED = (
    select(func.count())
    .select_from(Invitation)
    .where(
        Invitation.tenant_id == Tenant.id,
        Invitation.expires_at > func.now(),
        Invitation.email_key != bindparam("email_key"),
    )
    .scalar_subquery()
)
_USE = (
    select(*HOLDING, _MEMBERS, _INVITED)
    .select_from(Tenant)
    .outerjoin(CompanyMeasure, CompanyMeasure.tenant_id == Tenant.id)
    .where(Tenant.id == bindparam("tenant_id"))
)
_NOBODY = ""


class Quotas:
    """Knows and sets how much companies may have; `defaults` hold for those without a quota of their own.

    `on_change` is called with the id of a company that was given other quotas.
    """

    def __init__(self, catalog: Catalog, on_change: Callable[[str], None], defaults: Limits) -> None:
        self._catalog = catalog
        self._on_change = on_change
        self._defaults = defaults
        self._ledger = RowLedger()

    def use(self, tenant_id: str) -> QuotaUse:
        """Return what the company has and may have."""
        with self._catalog.reading() as reader:
            row = reader.row(_USE, {"tenant_id": tenant_id, "email_key": _NOBODY})
        assert row is not None
        return self._use_of(row)

    def use_in(self, session: Session, tenant_id: str, *, but_invited: str = _NOBODY) -> QuotaUse:
        """Return the same in the catalog's transaction, without an invitation of this address."""
        values = {"tenant_id": tenant_id, "email_key": but_invited}
        return self._use_of(session.execute(_USE, values).one())

    def share(self, holding: Holding) -> int:
        """Return the larger share that is used of bytes and rows, in percent."""
        limits = self._defaults.with_own(holding.own)
        shares = (
            percent_of(holding.size_bytes or 0, limits.bytes),
            percent_of(holding.row_count or 0, limits.rows),
        )
        return max(share or 0 for share in shares)

    def set(self, tenant_id: str, own: Mapping[str, int | None], dropped: frozenset[str]) -> None:
        """Give the company these quotas of its own, and drop its own of those kinds."""
        with self._catalog.begin() as session:
            session.execute(
                delete(TenantQuota).where(TenantQuota.tenant_id == tenant_id, TenantQuota.kind.in_(dropped))
            )
            for kind, most in own.items():
                new = insert(TenantQuota).values(tenant_id=tenant_id, kind=kind, most=most)
                keys = [TenantQuota.tenant_id, TenantQuota.kind]
                session.execute(new.on_conflict_do_update(index_elements=keys, set_={"most": most}))
        self._on_change(tenant_id)

    def require_seat(self, session: Session, tenant_id: str, email_key: str) -> None:
        """Raise `QuotaExceeded` unless there is a seat for whom is to be invited. The caller has locked the company."""
        use = self.use_in(session, tenant_id, but_invited=email_key)
        _require_seats(use.members + use.invited + 1, use)

    def require_seats_for_all(self, session: Session, tenant_id: str) -> None:
        """Raise `QuotaExceeded` if there are more members than seats. The caller has locked the company."""
        use = self.use_in(session, tenant_id)
        _require_seats(use.members, use)

    def room(self, company_id: str, holding: Holding) -> CompanyRoom | None:
        """Return what one request may still add to the company; None where there is no limit."""
        limits = self._defaults.with_own(holding.own)
        if limits.bytes is None and limits.rows is None:
            return None
        return CompanyRoom(company_id, limits, holding, self._ledger)

    def _use_of(self, row: Any) -> QuotaUse:
        own, size_bytes, row_count, measured_at, members, invited = row
        limits = self._defaults.with_own(own)
        return QuotaUse(size_bytes, row_count, measured_at, members, invited, limits, frozenset(own or ()))


class RowLedger:
    """The rows that this process has added to companies since they were measured."""

    def __init__(self) -> None:
        self._rows: LruCache[str, tuple[datetime | None, int]] = LruCache(COMPANIES_REMEMBERED)

    def rows(self, company_id: str, measured_at: datetime | None) -> int:
        """Return how many rows were added since then, less those that went."""
        known = self._rows.get(company_id)
        return known[1] if known is not None and known[0] == measured_at else 0

    def add(self, company_id: str, measured_at: datetime | None, rows: int) -> None:
        """Count rows that were added."""
        self._rows.put(company_id, (measured_at, self.rows(company_id, measured_at) + rows))


class CompanyRoom:
    """What one request may add to a company."""

    def __init__(self, company_id: str, limits: Limits, holding: Holding, ledger: RowLedger) -> None:
        self._company_id = company_id
        self._limits = limits
        self._holding = holding
        self._ledger = ledger
        self._added = 0

    def take(self, rows: int) -> None:
        """Count rows that are about to be added, if any.

        Raises: `StorageQuotaExceeded` once there are as many bytes as there may be, `QuotaExceeded` for too many rows.
        """
        if not rows:
            return
        used, most = self._holding.size_bytes or 0, self._limits.bytes
        if most is not None and used >= most:
            detail = f"This company may store {most / 10**6:,.0f} MB, and all of that is used."
            raise StorageQuotaExceeded("bytes", used, most, detail)
        self._require_rows(rows)
        self._added += rows

    def note(self, rows: int) -> None:
        """Count rows that come or go anyway."""
        self._added += rows

    def settle(self, *, is_done: bool) -> None:
        """Remember what was counted, if it was written."""
        if is_done and self._added:
            self._ledger.add(self._company_id, self._holding.measured_at, self._added)

    def _require_rows(self, rows: int) -> None:
        most = self._limits.rows
        if most is None:
            return
        counted = self._ledger.rows(self._company_id, self._holding.measured_at)
        used = max(0, (self._holding.row_count or 0) + counted + self._added)
        if used + rows > most:
            detail = f"This company has {used:,} records, and may have {most:,}; {rows:,} more are too many."
            raise QuotaExceeded("rows", used, most, detail)


def _require_seats(wanted: int, use: QuotaUse) -> None:
    most = use.limits.seats
    if most is not None and wanted > most:
        detail = f"This company has {most:,} seats; members and open invitations have taken all of them."
        raise QuotaExceeded("seats", use.used("seats"), most, detail)
