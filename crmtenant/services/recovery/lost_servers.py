"""Servers that will never be back: their companies belong on the others, where their backups are restored.

The catalog that does so is one that is being recovered: nobody is served.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg2
from sqlalchemy import delete, select

from crmtenant.db.admin.servers import HOME
from crmtenant.errors import OperatorError
from crmtenant.ids import new_id
from crmtenant.models.catalog.tables import Server, SetAside, Spare, Tenant

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy.orm import Session

    from crmtenant.db.admin.servers import ManagedServer, ManagedServers
    from crmtenant.db.pool.catalog import Catalog


def forget(catalog: Catalog, servers: ManagedServers, names: Collection[str]) -> None:
    """Forget these servers, and have their companies be on the catalog's, in databases that are not there.

    Raises `OperatorError` if one of them answers: it has the companies still.
    """
    for server in servers.all():
        if server.name in names:
            _check_gone(server)
            with catalog.begin() as session:
                _forget(session, server.id, servers.home.id)


def _check_gone(server: ManagedServer) -> None:
    if server.name == HOME:
        raise OperatorError(f"{HOME} is the catalog's server, which is not gone.")
    try:
        server.address.admin().connect().close()
    except psycopg2.OperationalError:
        return
    raise OperatorError(f"The server {server.name} answers, so it is not gone.")


def _forget(session: Session, server_id: int, home_id: int) -> None:
    for company in session.scalars(select(Tenant).where(Tenant.server_id == server_id)):
        company.server_id, company.database = home_id, new_id("t")
    session.flush()
    for table in (Spare, SetAside):
        session.execute(delete(table).where(table.server_id == server_id))
    session.execute(delete(Server).where(Server.id == server_id))
