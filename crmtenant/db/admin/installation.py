"""Sets up an installation on a server: its roles, its template and, on one server, the catalog.

The administering role is a superuser (on the embedded server) or an ordinary role with CREATEDB and CREATEROLE.
An ordinary role does not have the rights of the roles that it creates, so it grants itself those of the owner role.
"""

from __future__ import annotations

from dataclasses import dataclass
from secrets import token_hex
from typing import TYPE_CHECKING

import structlog

from crmtenant.clock import now
from crmtenant.db.admin import statements
from crmtenant.db.admin.connection import Administration, administering
from crmtenant.db.admin.inventory import take_inventory
from crmtenant.db.admin.locks import AdvisoryLocks
from crmtenant.db.pool.address import ServerAddress
from crmtenant.db.schema.migrations import head, upgrade
from crmtenant.db.secrets.derived_password import DerivedPassword
from crmtenant.db.secrets.role_names import FIRST_PASSWORD_VERSION, RoleNames
from crmtenant.errors import OperatorError

if TYPE_CHECKING:
    from crmtenant.db.secrets.secret_source import SecretSource

_FENCED = "crmtenant: being recovered"
_IS_FENCED = "SELECT shobj_description(oid, 'pg_database') = %s FROM pg_database WHERE datname = %s"
_TEMPLATES = "SELECT datname FROM pg_database WHERE datistemplate AND pg_get_userbyid(datdba) = %s"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Template:
    """The database that new ones are copied from, and its schema revision."""

    database: str
    revision: str


class InstallationSetup:
    """Sets up one installation on one server. Every step can be repeated, which is also how it is repaired."""

    def __init__(self, server: ServerAddress, names: RoleNames, secrets: SecretSource) -> None:
        self._names = names
        self._server = server
        self._locks = AdvisoryLocks(server, names)
        self._password = DerivedPassword(FIRST_PASSWORD_VERSION, secrets)

    def ensure_roles(self) -> None:
        """Create the roles of the installation where they are missing."""
        with self._locks.provisioning() as admin:
            for role in (self._names.owner, self._names.rw, self._names.tenants):
                statements.ensure_group(admin, role)
            statements.act_as(admin, self._names.owner, may_set=True)

    def ensure_catalog(self) -> None:
        """Create or migrate the catalog, open to the role of the web process only."""
        catalog, app = self._names.catalog, self._names.app
        with self._locks.provisioning() as admin:
            statements.ensure_login(admin, app, self._password.newest(app))
            if statements.database_state(admin, catalog, self._names.owner) is None:
                self._check_not_lost(admin)
                statements.create_empty(admin, catalog, self._names.owner)
            if self._is_fenced(admin):
                raise OperatorError(
                    "The catalog is being recovered, and nobody is served meanwhile. If that was interrupted, finish it:"
                    " crmtenant catalog recover"
                )
            statements.open_to(admin, catalog, app)
            upgrade(self._server.admin(catalog), "catalog", owner=self._names.owner, writer=app)

    def _check_not_lost(self, admin: Administration) -> None:
        """Raise `OperatorError` if there are companies, whose catalog a new one would not be."""
        labels = take_inventory(admin, self._names).labels.values()
        companies = {label.company_id for label in labels if label.state != "filling"}
        if companies:
            raise OperatorError(
                f"The catalog {self._names.catalog} is lost: it is not there, but the databases of {len(companies)} companies are."
                " Recover it: crmtenant catalog recover"
            )

    def fence_catalog(self) -> str | None:
        """Put an empty catalog in the place of the one that there is, which only we can connect to: nobody is served.

        Returns the name under which the old one is kept, closed; None if there was none, or only one that an interrupted
        recovery left.
        """
        catalog, app = self._names.catalog, self._names.app
        with self._locks.provisioning() as admin:
            statements.ensure_login(admin, app, self._password.newest(app))
            statements.act_as(admin, app, may_set=False)
            fenced = self._make_fenced(admin)
            kept = self._put_aside(admin, f"{catalog}_lost_{now():%y%m%d%H%M}_{token_hex(2)}")
            statements.rename(admin, fenced, catalog)
            statements.open_to(admin, catalog)
        return kept

    def _make_fenced(self, admin: Administration) -> str:
        """Make the empty catalog that nobody but us can connect to, not in its place yet; return its name."""
        fenced = f"{self._names.catalog}_recovering"
        if state := statements.database_state(admin, fenced, self._names.owner):
            statements.drop(admin, fenced, is_broken=state.is_broken)
        statements.create_empty(admin, fenced, self._names.owner)
        admin.run(statements.statement("COMMENT ON DATABASE {} IS " + f"'{_FENCED}'", fenced))
        return fenced

    def _put_aside(self, admin: Administration, name: str) -> str | None:
        catalog = self._names.catalog
        state = statements.database_state(admin, catalog, self._names.owner)
        if state is None:
            return None
        if state.is_broken or self._is_fenced(admin):
            statements.drop(admin, catalog, is_broken=state.is_broken)
            return None
        statements.rename(admin, catalog, name)
        return name

    def migrate_fenced_catalog(self) -> None:
        """Bring the catalog that was restored to this release's schema."""
        with self._locks.provisioning():
            address = self._server.admin(self._names.catalog)
            upgrade(address, "catalog", owner=self._names.owner, writer=self._names.app)

    def open_catalog(self) -> None:
        """Let everybody in again."""
        with self._locks.provisioning() as admin:
            admin.run(statements.statement("COMMENT ON DATABASE {} IS NULL", self._names.catalog))
            statements.open_to(admin, self._names.catalog, self._names.app)

    def _is_fenced(self, admin: Administration) -> bool:
        return admin.is_true(_IS_FENCED, _FENCED, self._names.catalog)

    def ensure_template(self) -> Template:
        """Return the template of this release's schema revision, built beside older ones if it is missing.

        The last step marks the database as a template and closes it for good, because a session in it would make
        every CREATE DATABASE wait. So a database that is not a template yet was not finished.
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
        """Return whether the catalog is on this server."""
        with administering(self._server.admin()) as admin:
            return statements.database_state(admin, self._names.catalog, self._names.owner) is not None

    def remove(self) -> None:
        """Drop the templates and roles of the installation from a server without companies."""
        with self._locks.provisioning() as admin:
            for (template,) in admin.rows(_TEMPLATES, self._names.owner):
                admin.run(statements.statement("ALTER DATABASE {} IS_TEMPLATE false", template))
                statements.drop(admin, template)
            for role in (self._names.rw, self._names.tenants, self._names.owner):
                admin.run(statements.statement("DROP ROLE IF EXISTS {}", role))

    def _build(self, admin: Administration, template: str) -> None:
        statements.create_empty(admin, template, self._names.owner)
        template_address = self._server.admin(template)
        upgrade(template_address, "tenant", owner=self._names.owner, writer=self._names.rw)
        with administering(template_address) as in_template:
            if not statements.withhold_large_objects(in_template):
                log.warning("large_objects_not_withheld", reason="the administering role is no superuser")
            in_template.run("VACUUM (FREEZE, ANALYZE)")
        statements.seal_template(admin, template)
