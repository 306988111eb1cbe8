"""What `pshell development.ini` begins with: `company("northwind")`, and the models.

A company is reached as on the web, by a `Tenant` over a request, here an artificial one. PostgreSQL itself refuses
writes unless the company was opened with `write=True`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click
from sqlalchemy import Connection, event
from sqlalchemy.orm import Session, SessionTransaction
from transaction.interfaces import NoTransaction

from crmtenant.api.web.http import Request
from crmtenant.db.pool.sessions import MANAGER
from crmtenant.errors import OperatorError
from crmtenant.models.tenant.contact import Contact
from crmtenant.models.tenant.project import Project
from crmtenant.models.tenant.task import Task
from crmtenant.permissions import Permission
from crmtenant.resources.tenant import Tenant
from crmtenant.security.identity import Identity
from crmtenant.services.monitoring.journal import Command, command_of
from crmtenant.services.tenants import companies

if TYPE_CHECKING:
    from crmtenant.db.pool.reader import Reader
    from crmtenant.platform import Platform

#: The actor of what operators write; no person has this id.
OPERATOR_ID = "operator"
COMPANIES_SHOWN = 10

BANNER = """\
crmtenant. {companies}

  north = company("{example}")                    read-only: PostgreSQL refuses to write
  north.session.query(Contact).count()
  north = company("{example}", write=True)        ... north.commit() or north.rollback()
"""


def setup(env: dict[str, Any]) -> Iterator[None]:
    """Pyramid's pshell hook: add names before the shell opens, release everything after it closed."""
    shell = Shell(env["registry"])
    env.update(company=shell.company, Contact=Contact, Project=Project, Task=Task)
    click.echo(shell.banner())
    try:
        yield
    finally:
        shell.close()


class OpenCompany:
    """A company in the shell: its `tenant`, with `session` and `read` of the tenant."""

    def __init__(self, tenant: Tenant, is_writable: bool) -> None:
        self.tenant = tenant
        self.is_writable = is_writable

    @property
    def session(self) -> Session:
        """Return the session of the company's database, in the transaction that `commit` and `rollback` end."""
        session: Session = self.tenant.session
        return session

    @property
    def read(self) -> Reader:
        """Return the reader of the company's database: `read.rows(select(Contact.name))`."""
        reader: Reader = self.tenant.reader
        return reader

    def commit(self) -> None:
        """Commit what was written."""
        MANAGER.commit()
        MANAGER.begin()

    def rollback(self) -> None:
        """Roll back what was written since the last commit."""
        MANAGER.abort()
        MANAGER.begin()

    def __repr__(self) -> str:
        kind = "writable" if self.is_writable else "read-only"
        return f"<{self.tenant.identity.company_name} ({self.tenant.identity.slug}), {kind}>"


class Shell:
    """What the shell has opened, to be released at the end."""

    def __init__(self, registry: Any) -> None:
        self._registry = registry
        self._platform: Platform = registry.platform
        self._requests: list[Request] = []
        self._written: str | None = None
        self._journalled = [self._begin()]

    def company(self, name: str, *, write: bool = False) -> OpenCompany:
        """Return the company with this slug or id, read-only unless `write=True`; has `tenant`, `session`, `read`.

        Raises: `OperatorError` if there is none, or another is open for writing.
        """
        place = self._platform.tenants.companies.find(name)
        if place is None:
            raise OperatorError(f"There is no company called {name!r}.")
        if write and self._written not in {None, place.id}:
            # One transaction spans everything the shell has open, and two databases do not commit atomically.
            raise OperatorError("Another company is open for writing; one shell writes to one company.")
        self._written = place.id if write else self._written
        self._journalled.append(self._begin(place.slug, "writing" if write else "reading"))
        _be_in_transaction()
        tenant = self._tenant(place)
        if not write:
            event.listen(tenant.session, "after_begin", _refuse_writes)
        return OpenCompany(tenant, write)

    def banner(self) -> str:
        """Return the text that the shell begins with."""
        found = [place.slug for place in self._platform.tenants.companies.newest(COMPANIES_SHOWN)]
        sentence = f"Companies, newest first: {', '.join(found)}." if found else "There is no company yet."
        return BANNER.format(companies=sentence, example=found[0] if found else "northwind")

    def close(self) -> None:
        """Roll back what was not committed, return connections to the pool, and journal the end."""
        if _is_in_transaction():
            MANAGER.abort()
        for request in self._requests:
            for callback in request.finished_callbacks:
                callback(request)
        for command in self._journalled:
            self._platform.journal.end(command, 0, "")
        self._platform.close()

    def _begin(self, *words: str) -> Command:
        settings_file = next((word for word in sys.argv if word.endswith(".ini")), "")
        return self._platform.journal.begin(command_of("pshell", words, settings_file), words[:1])

    def _tenant(self, place: companies.CompanyPlace) -> Tenant:
        request = Request.blank("/api")
        request.registry = self._registry
        self._requests.append(request)
        address = self._platform.databases.addresses.of(place, place.id)
        request.root = Tenant(request, self._platform, _operator(place), address)
        tenant: Tenant = request.root
        return tenant


def _operator(place: companies.CompanyPlace) -> Identity:
    return Identity(
        user_id=OPERATOR_ID,
        person_name="Operator",
        email="",
        session_id="",
        company_id=place.id,
        company_name=place.name,
        slug=place.slug,
        role=OPERATOR_ID,
        company_epoch=place.epoch,
        permissions=frozenset(Permission),
        country=place.country,
        currency=place.currency,
        language=place.language,
        time_zone=place.time_zone,
    )


def _refuse_writes(_: Session, __: SessionTransaction, connection: Connection) -> None:
    connection.exec_driver_sql("SET TRANSACTION READ ONLY")
    # After a first query PostgreSQL does not allow setting the transaction back to READ WRITE.
    connection.exec_driver_sql("SELECT 1")


def _is_in_transaction() -> bool:
    try:
        MANAGER.get()
    except NoTransaction:
        return False
    return True


def _be_in_transaction() -> None:
    if not _is_in_transaction():
        MANAGER.begin()
