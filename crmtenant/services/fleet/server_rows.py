"""The servers companies live on: which there are, where new companies go, and what these are copied from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import Float, bindparam, case, cast, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from crmtenant.clock import now
from crmtenant.db.admin.servers import HOME
from crmtenant.errors import OperatorError
from crmtenant.models.catalog.tables import Server

if TYPE_CHECKING:
    from sqlalchemy import Row
    from sqlalchemy.orm import Session

    from crmtenant.db.admin.installation import Template
    from crmtenant.db.admin.servers import ManagedServer, ManagedServers
    from crmtenant.db.pool.catalog import Catalog

#: A server fuller than this takes no new companies.
FULL_SHARE = 0.9


@dataclass(frozen=True, slots=True)
class Home:
    """Where a new company's database is made, from what, and the schema revision it then is at."""

    server_id: int
    template: str
    revision: str
    host: str | None
    port: int | None


_USED_SHARE = case(
    (Server.capacity_bytes > 0, func.coalesce(Server.used_bytes, 0) / cast(Server.capacity_bytes, Float)),
    else_=0.0,
)
_PLACES = select(
    Server.id, Server.template_database, Server.template_revision, Server.host, Server.port
).where(Server.template_database.is_not(None))
_OPEN = (~Server.is_draining, Server.weight > 0, _USED_SHARE < FULL_SHARE)
# Whoever draws the least of -ln(u)/w is drawn with a chance of w in the sum of all weights (Efraimidis and
# Spirakis, 2006); 1 - random() is never 0.
_DRAWN = (
    _PLACES.where(*_OPEN).order_by(-func.ln(1 - func.random()) / (Server.weight * (1 - _USED_SHARE))).limit(1)
)
_PLACE = _PLACES.where(Server.id == bindparam("server_id"))
_TAKES_COMPANIES = select(Server.id).where(Server.id == bindparam("server_id"), *_OPEN)


def home(session: Session) -> Home:
    """Where the next new company goes: drawn by weight and free space.

    Raises `OperatorError` when no server takes any, as before the first template was recorded.
    """
    row = session.execute(_DRAWN).one_or_none()
    if row is None:
        raise OperatorError("No server takes new companies: all are drained, full, or without a template.")
    return _home(row)


def place(session: Session, server_id: int) -> Home | None:
    """What databases on this server are made from; None before its first template was recorded."""
    row = session.execute(_PLACE, {"server_id": server_id}).one_or_none()
    return _home(row) if row else None


def _home(row: Row[int, str | None, str | None, str | None, int | None]) -> Home:
    server_id, template, revision, server, port = row
    assert template is not None
    assert revision is not None
    return Home(server_id, template, revision, server, port)


def takes_companies(session: Session, server_id: int) -> bool:
    """Whether new companies may come to this server."""
    return session.execute(_TAKES_COMPANIES, {"server_id": server_id}).one_or_none() is not None


def ensure_home(catalog: Catalog) -> None:
    """Nothing comes back; the catalog knows the server it is on."""
    with catalog.begin() as session:
        session.execute(insert(Server).values(name=HOME).on_conflict_do_nothing())


def record_template(catalog: Catalog, template: Template, *, server: str = HOME) -> None:
    """Nothing comes back; from now on, all processes make new companies from this template.

    Never goes back to an older revision: while a new release is rolled out, old processes start too.
    """
    new = insert(Server).values(
        name=server, template_database=template.database, template_revision=template.revision
    )
    statement = new.on_conflict_do_update(
        index_elements=[Server.name],
        set_={
            "template_database": new.excluded.template_database,
            "template_revision": new.excluded.template_revision,
            "updated_at": now(),
        },
        where=or_(
            Server.template_revision.is_(None), Server.template_revision < new.excluded.template_revision
        ),
    )
    with catalog.begin() as session:
        session.execute(statement)


def prepare(catalog: Catalog, server: ManagedServer) -> None:
    """Nothing comes back; companies can be made on the server: it has our roles and this code's template."""
    server.setup.ensure_roles()
    record_template(catalog, server.setup.ensure_template(), server=server.name)


def measure(catalog: Catalog, servers: ManagedServers) -> None:
    """Nothing comes back; the catalog knows how much of each server our companies take."""
    for server in servers.all():
        used = sum(server.provisioner.sizes().values())
        with catalog.begin() as session:
            session.execute(update(Server).where(Server.id == server.id).values(used_bytes=used))
