"""Whether a person may come into a company, and what the company is: one catalog query, kept for a moment.

What is kept is at most `ttl_seconds` old, so what another process changed is seen within that; what this
process changed is seen at once, because whoever changes it calls `forget_person` or `forget_company`.
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

if TYPE_CHECKING:
    from crmtenant.db.pool.catalog import Catalog

KEPT = 10_000
UPDATING_SECONDS = 5

# Longer than an access token lives, so a sign-in that ended is listed until its last token is dead.
_REMEMBERED = text("interval '20 minutes'")

_ENDED = (
    select(func.array_agg(RefreshFamily.id))
    .where(RefreshFamily.user_id == Login.id, RefreshFamily.revoked_at > func.now() - _REMEMBERED)
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
    )
    .join_from(Membership, Login)
    .join(Tenant)
    .join(Server, Server.id == Tenant.server_id)
    .where(Membership.tenant_id == bindparam("tenant_id"), Membership.user_id == bindparam("user_id"))
)


@dataclass(frozen=True, slots=True)
class Access:
    """What the catalog knows about one person in one company. Where its database is, is for
    the broker alone."""

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

    def refusal(self, token_version: int, session_id: str) -> DomainError | None:
        """Why a token with this version, from this sign-in, is not let in; None if it is."""
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
    """What anybody hears whose company's database is being migrated, or is at a schema we do not know."""
    return Unavailable(
        "This company is being brought up to date.",
        retry_after_seconds=UPDATING_SECONDS,
        code="company_being_updated",
    )


def suspended() -> Forbidden:
    """What anybody hears who belongs to a suspended company."""
    return Forbidden("This company is suspended.", code="tenant_suspended")


class Directory:
    """Looks people up in companies; keeps the answers for `ttl_seconds`."""

    def __init__(
        self, catalog: Catalog, ttl_seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._catalog = catalog
        self._ttl_seconds = ttl_seconds
        self._clock = clock
        self._kept: LruCache[tuple[str, str], tuple[float, Access]] = LruCache(KEPT)

    def access(self, tenant_id: str, user_id: str, seen_version: int = 0) -> Access | None:
        """What the catalog says, or None if this person never belonged to such a company.

        `seen_version` is the version of a token that held: what is kept from before it is out of date.
        """
        kept = self._kept.get((tenant_id, user_id))
        now = self._clock()
        if kept is not None and now < kept[0] and kept[1].token_version >= seen_version:
            return kept[1]
        access = self._look_up(tenant_id, user_id)
        if access is not None:
            # The moment before the query: what is kept is never older than it says.
            self._kept.put((tenant_id, user_id), (now + self._ttl_seconds, access))
        return access

    def forget_person(self, user_id: str) -> None:
        """Nothing comes back; the next request of this person asks the catalog."""
        self._kept.drop_where(lambda key: key[1] == user_id)

    def forget_company(self, tenant_id: str) -> None:
        """Nothing comes back; the next request to this company asks the catalog."""
        self._kept.drop_where(lambda key: key[0] == tenant_id)

    def _look_up(self, tenant_id: str, user_id: str) -> Access | None:
        with self._catalog.reading() as reader:
            row = reader.row(_ACCESS, {"tenant_id": tenant_id, "user_id": user_id})
        if row is None:
            return None
        *known, ended = row
        return Access(*[*known, frozenset(ended)])
