"""Companies that the catalog does not know, found again from their own databases.

What a database knows of itself is its company, who founded it, its label, and, unless it is a minute old, its essentials.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog
from sqlalchemy import select, union_all

from crmtenant.clock import now
from crmtenant.db.admin.connection import administering
from crmtenant.db.admin.identity import DatabaseIdentity, read_identity
from crmtenant.db.errors import RECOVERABLE_ERRORS
from crmtenant.db.pool.label import label_of
from crmtenant.db.secrets.role_names import FIRST_PASSWORD_VERSION
from crmtenant.models.catalog.tables import SetAside, Spare, Tenant
from crmtenant.services.recovery.essentials import EssentialMember
from crmtenant.services.recovery.recovered_rows import insert_company, members_of, write_members

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from crmtenant.db.admin.servers import ManagedServer
    from crmtenant.db.pool.catalog import Catalog
    from crmtenant.services.recovery.essentials import Essentials

#: How long a company that was being deleted is kept: nobody knows its day any more.
KEPT = timedelta(days=30)

log = structlog.get_logger(__name__)

_KNOWN = union_all(select(Tenant.database), select(Spare.database), select(SetAside.database))
_FOUNDER = "SELECT id, name, founder_id, founder_name, founder_email FROM public.company"


@dataclass(frozen=True, slots=True)
class FoundCompany:
    """A company that is in the catalog again, who founded it, how many people belong to it, and the addresses of those of
    them who have no password. `is_complete`: its members are known from a copy, not only its founder."""

    id: str
    slug: str
    founder_email: str
    members: int
    without_password: tuple[str, ...]
    is_complete: bool

    @property
    def hint(self) -> str:
        """What an operator is told about it."""
        members = f"founded by {self.founder_email}, {self.members} members"
        return members if self.is_complete else f"{members}; invite the others anew"


class FoundCompanies:
    """Finds companies that the catalog does not know. `essentials_of` returns the newest of a company that are known."""

    def __init__(self, catalog: Catalog, essentials_of: Callable[[str], Essentials | None]) -> None:
        self._catalog = catalog
        self._essentials_of = essentials_of

    def find(self, servers: Iterable[ManagedServer]) -> Iterator[FoundCompany]:
        """Write the rows of each company that is found on these servers, and open its database if it was served; yield it."""
        for server in servers:
            inventory = server.provisioner.inventory()
            with self._catalog.reading() as reader:
                known = {database for (database,) in reader.rows(_KNOWN)}
            for database in sorted(inventory.databases - inventory.broken - known):
                try:
                    found = self._found(server, database)
                except RECOVERABLE_ERRORS:
                    log.exception("company_not_found_again", database=database)
                    continue
                if found is not None:
                    yield found

    def _found(self, server: ManagedServer, database: str) -> FoundCompany | None:
        server.provisioner.let_in(database)
        identity = read_identity(server.address, database)
        state = _state(identity)
        if state is None:
            return None
        with administering(server.address.admin(database)) as inside:
            ((company_id, name, founder_id, founder_name, email),) = inside.rows(_FOUNDER)
        epoch = identity.label.epoch if identity.label else 1
        values = {
            "id": company_id,
            "name": name,
            "state": state,
            "server_id": server.id,
            "database": database,
            "schema_revision": server.changes.revision_of(database),
            "password_version": FIRST_PASSWORD_VERSION,
            "epoch": epoch,
            "delete_after": now() + KEPT if state == "deleting" else None,
        }
        essentials = self._essentials_of(company_id)
        known = essentials.company if essentials is not None else None
        founder = _member(founder_id, founder_name, email)
        with self._catalog.begin() as session:
            slug = insert_company(session, known, values)
            if slug is None:
                return None
            changes = write_members(session, company_id, members_of(essentials, founder))
        server.provisioner.restore_role(database, FIRST_PASSWORD_VERSION)
        server.provisioner.label_database(database, label_of(company_id, epoch, state))
        if state == "active":
            server.provisioner.open_database(database)
        return FoundCompany(
            company_id, slug, email, changes.joined, changes.without_password, essentials is not None
        )


def _member(user_id: str, name: str, email: str) -> EssentialMember:
    return EssentialMember(
        user_id=user_id, email=email, name=name, role="owner", state="active", is_active=True
    )


def _state(identity: DatabaseIdentity) -> str | None:
    """Return the state of the company that has this database, or None if none has it."""
    if len(identity.company_ids) != 1:
        return None
    if identity.label is None:
        return "active"
    is_own = identity.label.company_id in identity.company_ids
    return identity.label.state if is_own and identity.label.state not in {"replaced", "filling"} else None
