"""The catalog's rows of servers: where new companies go, and which template they are copied from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import Float, bindparam, case, cast, func, or_, select
from sqlalchemy.dialects.postgresql import insert

from crmtenant.clock import now
from crmtenant.db.admin.servers import HOME
from crmtenant.errors import OperatorError, StorageFull
from crmtenant.models.catalog.tables import Server

if TYPE_CHECKING:
    from sqlalchemy import Row
    from sqlalchemy.orm import Session

    from crmtenant.db.admin.installation import Template
    from crmtenant.db.admin.servers import ManagedServer
    from crmtenant.db.pool.catalog import Catalog

#: A server fuller than this takes no new companies.
FULL_SHARE = 0.9


@dataclass(frozen=True, slots=True)
class Placement:
    """The server of a new company's database, its template, and that template's schema revision."""

    server_id: int
    template: str
    revision: str
    host: str | None
    port: int | None


_USED_SHARE = case(
    (Server.capacity_bytes > 0, func.coalesce(Server.used_bytes, 0) / cast(Server.capacity_bytes, Float)),
    else_=0.0,
)
_PLACEMENTS = select(
    Server.id, Server.template_database, Server.template_revision, Server.host, Server.port
).where(Server.template_database.is_not(None))
_WANTED = (~Server.is_draining, Server.weight > 0)
_OPEN = (*_WANTED, _USED_SHARE < FULL_SHARE, ~Server.is_full)
# The server that draws the least of -ln(u)/w is drawn with a chance of w in the sum of all weights (Efraimidis and
# Spirakis, 2006); 1 - random() is never 0.
_DRAWN = (
    _PLACEMENTS.where(*_OPEN)
    .order_by(-func.ln(1 - func.random()) / (Server.weight * (1 - _USED_SHARE)))
    .limit(1)
)
_FULL = _PLACEMENTS.where(*_WANTED).limit(1)
_PLACEMENT = _PLACEMENTS.where(Server.id == bindparam("server_id"))
_OTHERS = _PLACEMENTS.where(Server.id != bindparam("server_id"), *_OPEN)
_ALL_LOCKED = select(Server.id).order_by(Server.id).with_for_update(key_share=True)
_TAKES_COMPANIES = select(Server.id).where(Server.id == bindparam("server_id"), *_OPEN)


def choose_placement(session: Session) -> Placement:
    """Draw a server for the next new company, by weight and free space.

    Raises: `StorageFull` when those that take companies are full; `OperatorError` when none does, as before the first
    template was recorded.
    """
    row = session.execute(_DRAWN).one_or_none()
    if row is None and session.execute(_FULL).first() is not None:
        raise StorageFull("There is no room for another company: every server that takes new ones is full.")
    if row is None:
        raise OperatorError("No server takes new companies: all are drained or without a template.")
    return _placement(row)


def placement_on(session: Session, server_id: int) -> Placement | None:
    """Return the placement on this server; None before its first template was recorded."""
    row = session.execute(_PLACEMENT, {"server_id": server_id}).one_or_none()
    return _placement(row) if row else None


def _placement(row: Row[int, str | None, str | None, str | None, int | None]) -> Placement:
    server_id, template, revision, host, port = row
    assert template is not None
    assert revision is not None
    return Placement(server_id, template, revision, host, port)


def takes_companies(session: Session, server_id: int) -> bool:
    """Return whether this server takes new companies."""
    return session.execute(_TAKES_COMPANIES, {"server_id": server_id}).one_or_none() is not None


def others_take_companies(session: Session, server_id: int) -> bool:
    """Return whether another server takes new companies, and keep all of them as they are until the transaction ends:
    otherwise two could be drained at once, each for the other's sake."""
    session.execute(_ALL_LOCKED)
    return session.execute(_OTHERS, {"server_id": server_id}).first() is not None


def ensure_home(catalog: Catalog) -> None:
    """Record the server that the catalog is on."""
    with catalog.begin() as session:
        session.execute(insert(Server).values(name=HOME).on_conflict_do_nothing())


def record_template(catalog: Catalog, template: Template, *, server: str = HOME) -> None:
    """Record the template that all processes copy new companies from.

    An older revision never replaces a newer one: while a new release is rolled out, old processes start too.
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
    """Give the server our roles and this release's template, so that companies can be created on it."""
    server.setup.ensure_roles()
    record_template(catalog, server.setup.ensure_template(), server=server.name)
