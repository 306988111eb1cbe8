"""The one moment at which a company gets another database: a transaction of the catalog.

A database that is being filled, and one that was replaced, is set aside: the catalog knows it, and no company
has it. Whoever clears away drops those whose time has come, unless a lock says that somebody is at them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from sqlalchemy import delete

from crmtenant.clock import now
from crmtenant.db.schema.migrations import head
from crmtenant.db.secrets.role_names import FIRST_PASSWORD_VERSION
from crmtenant.errors import OperatorError
from crmtenant.models.catalog.tables import SetAside

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crmtenant.db.admin.servers import ManagedServer
    from crmtenant.db.pool.catalog import Catalog
    from crmtenant.models.catalog.tables import Tenant


@dataclass(frozen=True, slots=True)
class Old:
    """The database that a company had until now."""

    server_id: int
    database: str


def set_aside(catalog: Catalog, server: ManagedServer, database: str, tenant_id: str) -> None:
    """Nothing comes back; the database, which is still to be made, is dropped by whoever finds nobody at it."""
    with catalog.begin() as session:
        session.add(
            SetAside(
                database=database,
                server_id=server.id,
                tenant_id=tenant_id,
                purpose="restoring",
                drop_after=now(),
            )
        )


def take_out(session: Session, database: str) -> None:
    """Nothing comes back; the database is set aside no more. `OperatorError` if it was not: then it is being
    dropped, for whoever clears away thinks that we are dead."""
    statement = delete(SetAside).where(SetAside.database == database).returning(SetAside.database)
    if session.scalars(statement).one_or_none() is None:
        raise OperatorError("The new database was cleared away meanwhile; try again.")


def swap(
    session: Session,
    company: Tenant,
    server: ManagedServer,
    database: str,
    purpose: Literal["retired", "moved"],
    kept_until: datetime,
) -> Old:
    """The database the company had; from now on it has this one, which is at this code's schema.

    The epoch grows: what was said about the old one, such as an ETag, holds no more.
    """
    old = Old(company.server_id, company.database)
    company.server_id, company.database = server.id, database
    company.epoch += 1
    company.password_version, company.schema_revision = FIRST_PASSWORD_VERSION, head("tenant")
    session.add(
        SetAside(
            database=old.database,
            server_id=old.server_id,
            tenant_id=company.id,
            purpose=purpose,
            drop_after=kept_until,
        )
    )
    take_out(session, database)
    return old
