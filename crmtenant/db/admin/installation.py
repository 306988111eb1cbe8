"""What exists once per installation on a server: its roles, its template and, on one of them, the catalog.

The administering role is a superuser (the embedded server) or, on PostgreSQL 16 and later, an ordinary role
with CREATEDB and CREATEROLE. Such a role does not by itself have the rights of the roles it makes, so it
grants itself those of the owner role.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

from crmtenant.db.admin import statements
from crmtenant.db.admin.connection import Administration, administering
from crmtenant.db.admin.locks import AdvisoryLocks
from crmtenant.db.pool.address import ServerAddress
from crmtenant.db.schema.migrations import head, upgrade
from crmtenant.db.secrets.derived_password import DerivedPassword
from crmtenant.db.secrets.role_names import FIRST_PASSWORD_VERSION, RoleNames

if TYPE_CHECKING:
    from crmtenant.db.secrets.secret_source import SecretSource

_TEMPLATES = "SELECT datname FROM pg_database WHERE datistemplate AND pg_get_userbyid(datdba) = %s"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Template:
    """The database new ones are copied from, and the schema revision it is at."""

    database: str
    revision: str


class InstallationSetup:
    """Lays what one installation stands on at one server. Every step can be repeated; repairing is doing it again."""

    def __init__(self, server: ServerAddress, names: RoleNames, secrets: SecretSource) -> None:
        self._names = names
        self._server = server
        self._locks = AdvisoryLocks(server, names)
        self._password = DerivedPassword(FIRST_PASSWORD_VERSION, secrets)

    def ensure_roles(self) -> None:
        """Nothing comes back; the roles of the installation exist."""
        with self._locks.provisioning() as admin:
            for role in (self._names.owner, self._names.rw, self._names.tenants):
                statements.ensure_group(admin, role)
            statements.act_as(admin, self._names.owner, may_set=True)

    def ensure_catalog(self) -> None:
        """Nothing comes back; the catalog exists, at this code's revision, open to the web process's role alone."""
        catalog, app = self._names.catalog, self._names.app
        with self._locks.provisioning() as admin:
            statements.ensure_login(admin, app, self._password.newest(app))
            if statements.database_state(admin, catalog, self._names.owner) is None:
                statements.create_empty(admin, catalog, self._names.owner)
            statements.open_to(admin, catalog, app)
            upgrade(self._server.admin(catalog), "catalog", owner=self._names.owner, writer=app)

    def ensure_template(self) -> Template:
        """The template of this code's revision, built beside older ones if it is not there yet.

        The last step of building makes the database a template and closes it for good: a session in it
        would keep every CREATE DATABASE waiting. So one that is not a template was never finished.
        """
        template = Template(self._names.template(head("tenant")), head("tenant"))
        with self._locks.provisioning() as admin:
            state = statements.database_state(admin, template.database, self._names.owner)
            if state and not state.is_template:
                statements.drop(admin, template.database, is_broken=state.is_broken)
            if not (state and state.is_template):
                self._build(admin, template.database)
        return template

    def holds_catalog(self) -> bool:
        """Whether the catalog is on this server."""
        with administering(self._server.admin()) as admin:
            return statements.database_state(admin, self._names.catalog, self._names.owner) is not None

    def withdraw(self) -> None:
        """Nothing comes back; templates and roles of the installation are gone from a server without companies."""
        with self._locks.provisioning() as admin:
            for (template,) in admin.rows(_TEMPLATES, self._names.owner):
                admin.run(statements.statement("ALTER DATABASE {} IS_TEMPLATE false", template))
                statements.drop(admin, template)
            for role in (self._names.rw, self._names.tenants, self._names.owner):
                admin.run(statements.statement("DROP ROLE IF EXISTS {}", role))

    def _build(self, admin: Administration, template: str) -> None:
        statements.create_empty(admin, template, self._names.owner)
        inside = self._server.admin(template)
        upgrade(inside, "tenant", owner=self._names.owner, writer=self._names.rw)
        with administering(inside) as at_template:
            if not statements.withhold_large_objects(at_template):
                log.warning("large_objects_not_withheld", reason="the administering role is no superuser")
            at_template.run("VACUUM (FREEZE, ANALYZE)")
        statements.seal_template(admin, template)
