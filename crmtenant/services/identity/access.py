"""Whether a person may enter a company, and what the company is: one catalog query, cached for a moment.

An entry is at most `ttl_seconds` old, so a change by another process is seen within that time. A change by this process,
or by one that was forked from the same, is seen at once, because whoever makes it calls `forget_user` or `forget_company`
when it is committed (ADR 30); what was looked up before that is not believed after it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import Integer, Text, bindparam, case, false, func, literal, select, text, true

from crmtenant.db.schema.migrations import served_revisions
from crmtenant.errors import DomainError, Forbidden, Unauthenticated, Unavailable
from crmtenant.lru_cache import LruCache
from crmtenant.models.catalog.support import SupportGrant, SupportVisit
from crmtenant.models.catalog.tables import Login, Membership, RefreshFamily, Server, Tenant
from crmtenant.models.catalog.usage import CompanyMeasure
from crmtenant.services.identity.quotas import HOLDING, NOTHING, Holding
from crmtenant.services.identity.support_rows import (
    SUPPORT_TOKEN_VERSION,
    is_there,
    is_visitor,
    visitor_name,
)
from crmtenant.shared_marks import SharedMarks

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

_OF_COMPANY = (
    Tenant.name,
    Tenant.slug,
    Tenant.country,
    Tenant.currency,
    Tenant.language,
    Tenant.time_zone,
    Tenant.delete_after,
    Tenant.expires_at,
    Server.host,
    Server.port,
    Tenant.database,
    Tenant.epoch,
    Tenant.password_version,
    Tenant.schema_revision,
    Server.is_full,
    func.coalesce(Tenant.migrating_until > func.now(), false()),
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
        *_OF_COMPANY,
        func.coalesce(_ENDED, text("'{}'::text[]")),
        *HOLDING,
    )
    .join_from(Membership, Login)
    .join(Tenant)
    .join(Server, Server.id == Tenant.server_id)
    .outerjoin(CompanyMeasure, CompanyMeasure.tenant_id == Tenant.id)
    .where(Membership.tenant_id == bindparam("tenant_id"), Membership.user_id == bindparam("user_id"))
)

_SUPPORT_ACCESS = (
    select(
        Tenant.state,
        literal(SUPPORT_TOKEN_VERSION, Integer),
        true(),
        case((is_there(), "active"), else_="removed"),
        SupportGrant.role,
        visitor_name(),
        literal("", Text),
        *_OF_COMPANY,
        text("'{}'::text[]"),
        *HOLDING,
    )
    .join_from(SupportVisit, SupportGrant)
    .join(Tenant, Tenant.id == SupportVisit.tenant_id)
    .join(Server, Server.id == Tenant.server_id)
    .outerjoin(CompanyMeasure, CompanyMeasure.tenant_id == Tenant.id)
    .where(SupportVisit.tenant_id == bindparam("tenant_id"), SupportVisit.id == bindparam("user_id"))
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
    expires_at: datetime | None
    host: str | None
    port: int | None
    database: str
    epoch: int
    password_version: int
    schema_revision: str | None
    server_is_full: bool
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


class Found(NamedTuple):
    """What was looked up about whom, until when it is good, and the mark that both had before."""

    access: Access
    tenant_id: str
    user_id: str
    until: float
    mark: int


class AccessDirectory:
    """Looks people up in companies and caches the results for `ttl_seconds`."""

    def __init__(
        self, catalog: Catalog, ttl_seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._catalog = catalog
        self._ttl_seconds = ttl_seconds
        self._clock = clock
        self._marks = SharedMarks()
        self._cache: LruCache[tuple[str, str], Found] = LruCache(MAX_ENTRIES)

    def find(self, tenant_id: str, user_id: str, seen_version: int = 0) -> Access | None:
        """Return the person's access, or None if they never belonged to such a company.

        `seen_version` is the version of a valid token: a cached entry with an older one is out of date.
        """
        found = self.found(tenant_id, user_id, seen_version)
        return found.access if found is not None else None

    def found(self, tenant_id: str, user_id: str, seen_version: int = 0) -> Found | None:
        """Return the same with how long it is good, for whoever keeps what follows from it."""
        # Both from before the query, so that nothing outlives its time or a change that is being made.
        mark, now = self._marks.of(tenant_id, user_id), self._clock()
        cached = self._cache.get((tenant_id, user_id))
        is_known = cached is not None and now < cached.until and mark == cached.mark
        if cached is not None and is_known and cached.access.token_version >= seen_version:
            return cached
        access = self._look_up(tenant_id, user_id)
        if access is None:
            return None
        found = Found(access, tenant_id, user_id, now + self._ttl_seconds, mark)
        self._cache.put((tenant_id, user_id), found)
        return found

    def is_good(self, found: Found) -> bool:
        """Return whether this may still be believed: its time has not passed, and neither was forgotten since."""
        return found.mark == self._marks.of(found.tenant_id, found.user_id) and self._clock() < found.until

    def forget_user(self, user_id: str) -> None:
        """Let no process use its cached entries of this person any more."""
        self._marks.change(user_id)

    def forget_company(self, tenant_id: str) -> None:
        """Let no process use its cached entries of this company any more."""
        self._marks.change(tenant_id)

    def _look_up(self, tenant_id: str, user_id: str) -> Access | None:
        with self._catalog.reading() as reader:
            statement = _SUPPORT_ACCESS if is_visitor(user_id) else _ACCESS
            row = reader.row(statement, {"tenant_id": tenant_id, "user_id": user_id})
        if row is None:
            return None
        *columns, ended = row[: -len(HOLDING)]
        return Access(*[*columns, frozenset(ended), Holding(*row[-len(HOLDING) :])])
