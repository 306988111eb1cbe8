"""The server new companies live on, and the template they are copied from, as the catalog has them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, or_, select
from sqlalchemy.dialects.postgresql import insert

from crmtenant.errors import OperatorError
from crmtenant.models.base import now
from crmtenant.models.catalog import Server

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crmtenant.db.catalog import Catalog
    from crmtenant.db.provisioning import Template

HOME = "main"


@dataclass(frozen=True, slots=True)
class Home:
    """Where a new company's database is made, from what, and the schema revision it then is at."""

    server_id: int
    template: str
    revision: str


_HOME = select(Server.id, Server.template_database, Server.template_revision).where(
    Server.name == bindparam("name"), Server.template_database.is_not(None)
)


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
            "changed_at": now(),
        },
        where=or_(
            Server.template_revision.is_(None), Server.template_revision < new.excluded.template_revision
        ),
    )
    with catalog.begin() as session:
        session.execute(statement)


def home(session: Session, *, server: str = HOME) -> Home:
    """Where new companies go now. Raises `OperatorError` before the first template was recorded."""
    row = session.execute(_HOME, {"name": server}).one_or_none()
    if row is None:
        raise OperatorError(f"no template has been recorded for the server {server}")
    server_id, template, revision = row
    assert template is not None
    assert revision is not None
    return Home(server_id, template, revision)
