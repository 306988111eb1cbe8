"""A whole installation, and how it looks from outside."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

from psycopg2 import sql
from sqlalchemy import text

from crmtenant.db.admin.connection import administering
from crmtenant.db.admin.dumps import Dumps
from crmtenant.db.admin.installation import InstallationSetup
from crmtenant.db.admin.interrupts import Interrupts
from crmtenant.db.admin.provisioning import Provisioner
from crmtenant.db.admin.servers import ManagedServers
from crmtenant.db.pool.address import ServerAddress
from crmtenant.db.pool.addresses import Addresses
from crmtenant.db.pool.broker import Broker
from crmtenant.db.pool.catalog import Catalog
from crmtenant.db.secrets.role_names import RoleNames
from crmtenant.db.secrets.secret_source import SecretSource
from crmtenant.models.catalog.tables import CatalogBase
from crmtenant.services.backups.seals import Seal
from crmtenant.services.fleet.migration import FleetMigration
from crmtenant.services.fleet.server_rows import record_template
from crmtenant.services.fleet.spares import Spares
from crmtenant.services.jobs.catalog_recovery import CatalogRecovery
from crmtenant.services.jobs.reconciler import Reconciler
from crmtenant.services.operations import Operations
from crmtenant.services.tenants.database_requests import LocalProvisioning
from crmtenant.services.tenants.lifecycle import Lifecycle
from crmtenant.services.tenants.registration import Registrar
from crmtenant.services.tenants.registration_rows import NewCompany

ROLE_SECRET = "r" * 32
SECRETS = SecretSource(lambda: (ROLE_SECRET,))
SEAL = Seal(SecretSource(lambda: ("a key that backups of the tests are sealed with",)))


def new_company(name: str = "Northwind", **values: Any) -> NewCompany:
    """A request nobody else makes, unless values say so."""
    email = f"{secrets.token_hex(8)}@example.com"
    given = {
        "company_name": name,
        "person_name": "Anna Berg",
        "email": email,
        "email_key": values.get("email", email),
        "password_hash": "unusable",
    }
    return NewCompany(**{**given, **values})


class Installation:
    """Roles, catalog, template and services of one installation, and what the server's administrator sees."""

    def __init__(self, server: ServerAddress, catalog: str, superuser: ServerAddress | None = None) -> None:
        self.server = server
        self._superuser = superuser or server
        self.names = RoleNames(catalog)
        self.setup = InstallationSetup(server, self.names, SECRETS)
        self.provisioner = Provisioner(server, self.names, SECRETS)
        self.broker = Broker(
            budget=40, per_database=16, simultaneous_connects=4, statement_timeout_seconds=10
        )
        self.addresses = Addresses(server, self.names, SECRETS)
        self.catalog = Catalog(self.broker, self.addresses.catalog())
        self.servers = ManagedServers(self.catalog, server, self.names, SECRETS)
        self.registrar = Registrar(
            self.catalog, self.addresses, LocalProvisioning(self.catalog, self.servers)
        )
        self.is_down = False

    def set_up(self) -> None:
        self.setup.ensure_roles()
        self.setup.ensure_catalog()
        record_template(self.catalog, self.setup.ensure_template())
        # The very one that the services use, so that a test may break it.
        self.provisioner = self.servers.home.provisioner

    def spares(self, count: int) -> Spares:
        return Spares(self.catalog, self.servers, count)

    def reconciler(self, **options: Any) -> Reconciler:
        return Reconciler(self.catalog, self.servers, self.registrar, self.spares(0), **options)

    def lifecycle(self) -> Lifecycle:
        return Lifecycle(self.catalog, self.servers)

    def operations(self, backup_dir: Path) -> Operations:
        return Operations(self.catalog, self.addresses, self.servers, backup_dir, SEAL)

    def recovery(self, backup_dir: Path) -> CatalogRecovery:
        """What recovers the catalog from the backups in this directory."""

        def operations_on(catalog: Catalog) -> Operations:
            servers = ManagedServers(catalog, self.server, self.names, SECRETS)
            return Operations(catalog, self.addresses, servers, backup_dir, SEAL)

        return CatalogRecovery(
            self.setup,
            Dumps(self.server, self.names, Interrupts()),
            Catalog(self.broker, self.server.admin(self.names.catalog)),
            SEAL,
            backup_dir,
            operations_on,
        )

    def fleet(self) -> FleetMigration:
        return FleetMigration(self.catalog, self.servers)

    def admin(self, statement: str, *values: Any, database: str = "postgres") -> list[tuple[Any, ...]]:
        """What the server's superuser sees."""
        with administering(self._superuser.admin(database)) as admin:
            return admin.rows(statement, *values)

    def do(self, statement: str, *names: str, database: str = "postgres") -> None:
        """Run a statement as the server's superuser."""
        with administering(self._superuser.admin(database)) as admin:
            admin.run(sql.SQL(statement).format(*map(sql.Identifier, names)))

    def rows(self, statement: str, **values: Any) -> list[tuple[Any, ...]]:
        """What the catalog says."""
        with self.catalog.begin() as session:
            return [tuple(row) for row in session.execute(text(statement), values)]

    def company_rows(self, tenant_id: str) -> list[tuple[Any, ...]]:
        """What the company's own database says whose it is, seen as its own role."""
        ((database, version),) = self.rows(
            "SELECT database, password_version FROM tenant WHERE id = :id", id=tenant_id
        )
        with self.broker.begin(self.provisioner.tenant_address(database, version)) as session:
            return [
                tuple(row)
                for row in session.execute(text("SELECT id, name, founder_id, founder_email FROM company"))
            ]

    def databases(self) -> set[str]:
        return set(self.provisioner.inventory().databases)

    def roles(self) -> set[str]:
        """Every role of a company on the server, whichever way it is ours."""
        return {
            role for (role,) in self.admin("SELECT rolname FROM pg_roles WHERE rolname ~ '^t_[a-z2-7]{26}$'")
        } & (set(self.provisioner.inventory().roles) | self.databases())

    def assert_no_orphans(self) -> None:
        """Databases, roles and rows are the same set of companies, each of them working."""
        inventory = self.provisioner.inventory()
        tenants = {database for (database,) in self.rows("SELECT database FROM tenant")}
        spares = {database for (database,) in self.rows("SELECT database FROM spare")}
        retired = {database for (database,) in self.rows("SELECT database FROM set_aside")}
        assert self.rows("SELECT 1 FROM set_aside WHERE purpose <> 'retired'") == []
        assert inventory.databases == inventory.roles == tenants | spares | retired
        assert not inventory.open & retired
        assert not tenants & spares
        assert not inventory.broken
        assert self.rows("SELECT 1 FROM tenant WHERE state <> 'active'") == []
        assert self.rows("SELECT 1 FROM spare WHERE state <> 'ready'") == []
        people = self.rows("SELECT login_id, tenant_id FROM user_company_map")
        assert {login for login, _ in people} == {login for (login,) in self.rows("SELECT id FROM login")}
        assert {tenant for _, tenant in people} == {
            tenant for (tenant,) in self.rows("SELECT id FROM tenant")
        }
        for user_id, tenant_id in people:
            ((company, _, founder, _),) = self.company_rows(tenant_id)
            assert (company, founder) == (tenant_id, user_id)

    def clear(self) -> None:
        """Remove every company, spare and login."""
        tables = ", ".join(
            table.name
            for table in CatalogBase.metadata.sorted_tables
            if table.name not in {"server", "journal"}
        )
        self.do(f"TRUNCATE {tables}", database=self.names.catalog)
        # Waits for a CREATE DATABASE whose client was killed.
        inventory = self.provisioner.inventory()
        for database in inventory.databases:
            self.broker.forget(self.provisioner.tenant_address(database, 1))
        # In one session: connecting for each database would take longer than dropping it.
        with administering(self._superuser.admin()) as admin:
            for database in inventory.databases:
                admin.run(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(database)))
            for role in inventory.databases | inventory.roles:
                admin.run(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(role)))

    def tear_down(self) -> None:
        """Remove everything of the installation from the server."""
        self.is_down = True
        self.broker.close()
        names = self.names
        for database, is_template in self.admin(
            "SELECT datname, datistemplate FROM pg_database "
            "WHERE pg_get_userbyid(datdba) = %s OR datname = %s",
            names.owner,
            names.catalog,
        ):
            if is_template:
                self.do("ALTER DATABASE {} IS_TEMPLATE false", database)
            self.do("DROP DATABASE {} WITH (FORCE)", database)
        companies = self.admin(
            "SELECT rolname FROM pg_roles JOIN pg_auth_members ON member = pg_roles.oid "
            "WHERE roleid = to_regrole(%s) AND rolname LIKE 't\\_%%'",
            names.tenants,
        )
        for role in (*(name for (name,) in companies), names.app, names.rw, names.tenants, names.owner):
            self.do("DROP ROLE IF EXISTS {}", role)
