"""Whether a person may enter a company, and what the company is: one catalog query, cached for a moment.

An entry is at most `ttl_seconds` old, so a change by another process is seen within that time. A change by this
process is seen at once, because whoever makes it calls `forget_user` or `forget_company`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, false, func, select, text

from crmtenant.db.schema.migrations import served_revisions
from crmtenant.errors import DomainError, Forbidden, Unauthenticated, Unavailable
from crmtenant.lru_cache import LruCache
from crmtenant.models.catalog.tables import Login, Membership, RefreshFamily, Server, Tenant
from crmtenant.models.catalog.usage import CompanyMeasure
from crmtenant.services.identity.quotas import HOLDING, NOTHING, Holding

if TYPE_CHECKING:
    from crmtenant.db.pool.catalog import Catalog

MAX_ENTRIES = 10_000
UPDATING_SECONDS = 5

# Longer than an access token lives, so a sign-in that ended is listed until its last token has expired.
_RETENTION = text("interval '20 minutes'")

_ENDED = (
    select(func.array_agg(RefreshFamily.id))
    .where(RefreshFamily.user_id == Login.id, RefreshFamily.revoked_at > func.now() - _RETENTION)
    .scalar_subquery()
)

_ACCESS = (
    select(
        Tenant.state,
        Login.token_version,
        Login.is_active,
        Membership.state,
        Membership.role,
        Login.name,
        Login.email,
        Tenant.name,
        Tenant.slug,
        Tenant.country,
        Tenant.currency,
        Tenant.language,
        Tenant.time_zone,
        Tenant.delete_after,
        Server.host,
        Server.port,
        Tenant.database,
        Tenant.epoch,
        Tenant.password_version,
        Tenant.schema_revision,
        func.coalesce(Tenant.migrating_until > func.now(), false()),
        func.coalesce(_ENDED, text("'{}'::text[]")),
        *HOLDING,
    )
    .join_from(Membership, Login)
    .join(Tenant)
    .join(Server, Server.id == Tenant.server_id)
    .outerjoin(CompanyMeasure, CompanyMeasure.tenant_id == Tenant.id)
    .where(Membership.tenant_id == bindparam("tenant_id"), Membership.user_id == bindparam("user_id"))
)


@dataclass(frozen=True, slots=True)
class Access:
    """What the catalog knows about one person in one company, and where the company's database is."""

    tenant_state: str
    token_version: int
    login_is_active: bool
    membership_state: str
    role: str
    person_name: str
    email: str
    company_name: str
    slug: str
    country: str | None
    currency: str | None
    language: str | None
    time_zone: str | None
    delete_after: datetime | None
    host: str | None
    port: int | None
    database: str
    epoch: int
    password_version: int
    schema_revision: str | None
    is_migrating: bool
    ended_sessions: frozenset[str] = frozenset()
    holding: Holding = NOTHING

    def refusal(self, token_version: int, session_id: str) -> DomainError | None:
        """Return why a token of this version and sign-in is refused, or None if it is accepted."""
        is_current = (
            self.login_is_active
            and self.membership_state == "active"
            and self.token_version == token_version
            and session_id not in self.ended_sessions
        )
        if not is_current or self.tenant_state not in {"active", "suspended"}:
            return Unauthenticated()
        if self.tenant_state == "suspended":
            return suspended()
        if self.is_migrating or self.schema_revision not in served_revisions():
            return being_updated()
        return None


def being_updated() -> Unavailable:
    """Return the error while the company's database is being migrated or has a schema we do not serve."""
    return Unavailable(
        "This company is being updated.",
        retry_after_seconds=UPDATING_SECONDS,
        code="company_being_updated",
    )


def suspended() -> Forbidden:
    """Return the error for every member of a suspended company."""
    return Forbidden("This company is suspended.", code="tenant_suspended")


class AccessDirectory:
    """Looks people up in companies and caches the results for `ttl_seconds`."""

    def __init__(
        self, catalog: Catalog, ttl_seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._catalog = catalog
        self._ttl_seconds = ttl_seconds
        self._clock = clock
        self._cache: LruCache[tuple[str, str], tuple[float, Access]] = LruCache(MAX_ENTRIES)

    def find(self, tenant_id: str, user_id: str, seen_version: int = 0) -> Access | None:
        """Return the person's access, or None if they never belonged to such a company.

        `seen_version` is the version of a valid token: a cached entry with an older one is out of date.
        """
        cached = self._cache.get((tenant_id, user_id))
        now = self._clock()
        if cached is not None and now < cached[0] and cached[1].token_version >= seen_version:
            return cached[1]
        access = self._look_up(tenant_id, user_id)
        if access is not None:
            # Counted from before the query, so that no entry outlives its time.
            self._cache.put((tenant_id, user_id), (now + self._ttl_seconds, access))
        return access

    def forget_user(self, user_id: str) -> None:
        """Drop the cached entries of this person."""
        self._cache.drop_where(lambda key: key[1] == user_id)

    def forget_company(self, tenant_id: str) -> None:
        """Drop the cached entries of this company."""
        self._cache.drop_where(lambda key: key[0] == tenant_id)

    def _look_up(self, tenant_id: str, user_id: str) -> Access | None:
        with self._catalog.reading() as reader:
            row = reader.row(_ACCESS, {"tenant_id": tenant_id, "user_id": user_id})
        if row is None:
            return None
        *columns, ended = row[: -len(HOLDING)]
        return Access(*[*columns, frozenset(ended), Holding(*row[-len(HOLDING) :])])
