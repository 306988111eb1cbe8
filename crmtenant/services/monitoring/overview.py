"""All companies of an installation as operators see them: size, activity, backups."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import psycopg2
import structlog
from sqlalchemy import bindparam, func, or_, select

from crmtenant.models.catalog.tables import IS_SOUND, Backup, Membership, RefreshFamily, Server, Tenant

if TYPE_CHECKING:
    from crmtenant.db.admin.servers import ManagedServers
    from crmtenant.db.pool.catalog import Catalog

log = structlog.get_logger(__name__)

_USERS = (
    select(func.count())
    .where(Membership.tenant_id == Tenant.id, Membership.state == "active")
    .scalar_subquery()
)
_LAST_USED = (
    select(func.max(RefreshFamily.rotated_at)).where(RefreshFamily.tenant_id == Tenant.id).scalar_subquery()
)
_LAST_PROVEN = (
    select(func.max(Backup.made_at)).where(Backup.tenant_id == Tenant.id, IS_SOUND).scalar_subquery()
)
_ALL = (
    select(
        Tenant.id,
        Tenant.slug,
        Tenant.name,
        Tenant.state,
        Tenant.database,
        Server.name,
        Tenant.schema_revision,
        Tenant.created_at,
        Tenant.delete_after,
        Tenant.expires_at,
        _USERS,
        _LAST_USED,
        _LAST_PROVEN,
    )
    .join(Server, Server.id == Tenant.server_id)
    .order_by(Tenant.slug)
)
_NAMED = _ALL.where(or_(Tenant.id == bindparam("name"), Tenant.slug == bindparam("name")))


@dataclass(frozen=True, slots=True)
class CompanyOverview:
    """A company as operators see it.

    `used_at`: when a sign-in was last refreshed, which happens every quarter of an hour while somebody works in it.
    `proven_at`: when the newest backup that could be restored was made.
    """

    id: str
    slug: str
    name: str
    state: str
    database: str
    server: str
    schema_revision: str | None
    created_at: datetime
    delete_after: datetime | None
    expires_at: datetime | None
    users: int
    used_at: datetime | None
    proven_at: datetime | None
    size_bytes: int | None


def _sizes(servers: ManagedServers) -> dict[str, int]:
    """Return the size in bytes of each database, except on servers that cannot be reached."""
    sizes: dict[str, int] = {}
    for server in servers.all():
        try:
            sizes |= server.provisioner.sizes()
        except psycopg2.OperationalError:
            log.warning("server_unreachable", server=server.name)
    return sizes


def overview(catalog: Catalog, servers: ManagedServers, name: str | None = None) -> list[CompanyOverview]:
    """Return the companies by slug; only the one with this slug or id, if a name is given."""
    return overview_of(catalog, _sizes(servers), name)


def overview_of(catalog: Catalog, sizes: Mapping[str, int], name: str | None = None) -> list[CompanyOverview]:
    """Return the same, where the sizes of the databases are known."""
    with catalog.reading() as reader:
        rows = reader.rows(_ALL) if name is None else reader.rows(_NAMED, {"name": name})
    return [CompanyOverview(*[*row, sizes.get(row[4])]) for row in rows]
