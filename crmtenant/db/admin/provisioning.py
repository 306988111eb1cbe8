"""Creates, opens, closes and drops companies' databases and roles. Every step can be repeated, which is also how it
is repaired.

An administering role that is no superuser grants itself what it needs: to end a company's sessions, the rights of
the company's role.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from crmtenant.db.admin import statements
from crmtenant.db.admin.connection import Administration, administering
from crmtenant.db.admin.identity import SPARE, Belief, Contradiction, read_identity
from crmtenant.db.admin.inventory import (
    Inventory,
    database_sizes,
    is_companys,
    take_inventory,
    unfinished_copy,
)
from crmtenant.db.admin.locks import AdvisoryLocks
from crmtenant.db.admin.replication import drop_subscriptions
from crmtenant.db.admin.statements import DatabaseState
from crmtenant.db.pool.address import DatabaseAddress, ServerAddress
from crmtenant.db.pool.label import Label
from crmtenant.db.schema.migrations import head
from crmtenant.db.secrets.derived_password import DerivedPassword
from crmtenant.db.secrets.role_names import FIRST_PASSWORD_VERSION, RoleNames
from crmtenant.errors import OperatorError

if TYPE_CHECKING:
    from crmtenant.db.secrets.secret_source import SecretSource

#: Connections that a company's role may have from all processes.
CONNECTION_LIMIT = 40


class Gone(Exception):
    """The database is no longer wanted: it was removed from the catalog while the lock was awaited."""


class Provisioner:
    """Manages the companies' databases and roles of one installation on one server.

    Every step that changes something holds the provisioning lock.
    """

    def __init__(
        self,
        server: ServerAddress,
        names: RoleNames,
        secrets: SecretSource,
        *,
        connection_limit: int = CONNECTION_LIMIT,
    ) -> None:
        self.names = names
        self._server = server
        self._secrets = secrets
        self._connection_limit = connection_limit
        self._locks = AdvisoryLocks(server, names)

    def tenant_address(self, database: str, password_version: int) -> DatabaseAddress:
        """Return a company's database as its own role."""
        return self._server.as_role(database, database, DerivedPassword(password_version, self._secrets))

    # Creating and dropping

    def make_database(
        self,
        database: str,
        *,
        template: str | None = None,
        password_version: int = FIRST_PASSWORD_VERSION,
        is_wanted: Callable[[], bool] = lambda: True,
        belief: Belief = SPARE,
    ) -> None:
        """Create the database and its role where they are missing, and open the database to that role only.

        `template` must be finished; by default it is this release's. `is_wanted` is called once the lock is held;
        raises `Gone` if it returns False, and `Contradiction` if there is such a database that is something else.
        """
        _check_name(database)
        with self._locks.provisioning() as admin:
            if not is_wanted():
                raise Gone(database)
            self._check_existing(admin, database, belief)
            self._ensure_role(admin, database, password_version)
            self._ensure_copy(admin, template or self.names.template(head("tenant")), database)
            statements.open_to(admin, database, database)

    def make_empty(self, database: str, company_id: str) -> None:
        """Create the role, and a database without tables that it cannot connect to yet, to be filled for the company."""
        _check_name(database)
        with self._locks.provisioning() as admin:
            self._ensure_role(admin, database, FIRST_PASSWORD_VERSION)
            statements.create_empty(admin, database, self.names.owner)
            statements.set_label(admin, database, Label(company_id, 0, "filling"))

    def can_clone(self) -> bool:
        """Return whether the server copies databases by sharing their blocks: PostgreSQL 18, if it is set up to."""
        with administering(self._server.admin()) as admin:
            return admin.is_true("SELECT current_setting('file_copy_method', true) = 'clone'")

    def copy_database(self, database: str, copy: str, label: Label) -> None:
        """Make a copy of a database that its role is shut out of; the copy has no role yet, and is closed.

        It has its name only once it is labelled: without a label it would be taken for the company.
        """
        _check_name(database)
        _check_name(copy)
        unfinished = unfinished_copy(copy)
        with administering(self._server.admin()) as admin:
            statements.copy_template(admin, database, unfinished, self.names.owner, "file_copy")
            statements.set_label(admin, unfinished, label)
            statements.rename(admin, unfinished, copy)

    def finish_filled(self, database: str) -> None:
        """Give a database that was filled from a backup the properties of a copy of the template."""
        with administering(self._server.admin(database)) as inside:
            statements.withhold_large_objects(inside)
            inside.run("SET statement_timeout = 0; ANALYZE")

    def rewrite_company(self, database: str, company_id: str, name: str) -> None:
        """Write the company's id and name to its database, which its own role cannot connect to yet."""
        with administering(self._server.admin(database)) as inside:
            inside.run("UPDATE public.company SET id = %s, name = %s", company_id, name)

    def _ensure_role(self, admin: Administration, role: str, password_version: int) -> None:
        statements.ensure_login(
            admin,
            role,
            DerivedPassword(password_version, self._secrets).newest(role),
            connection_limit=self._connection_limit,
            inherits_from=self.names.rw,
            group=self.names.tenants,
        )

    def _ensure_copy(self, admin: Administration, template: str, database: str) -> None:
        state = self._state(admin, database)
        if state and state.is_broken:
            statements.drop(admin, database, is_broken=True)
        if state is None or state.is_broken:
            statements.copy_template(admin, template, database, self.names.owner)

    def warm(self, address: DatabaseAddress) -> None:
        """Open the first connection, which is slow because it builds the database's caches."""
        address.connect().close()

    def open_database(self, database: str, *, is_wanted: Callable[[], bool] = lambda: True) -> None:
        """Let the database's own role connect, and no other, if `is_wanted` returns True."""
        with self._provisioning_of(database) as admin:
            if is_wanted():
                statements.open_to(admin, database, database)

    def close_database(self, database: str, *, is_wanted: Callable[[], bool] = lambda: True) -> None:
        """Disconnect the database's role and keep it out, if `is_wanted` returns True.

        The administering role can still connect. A missing database is ignored.
        """
        _check_name(database)
        with self._locks.provisioning() as admin:
            exists = self._state(admin, database) and statements.role_exists(admin, database)
            if exists and is_wanted():
                statements.shut_out(admin, database, database)

    def restore_role(self, database: str, password_version: int) -> None:
        """Set the role's password to the derived one and reset its settings: a role can change both itself."""
        with self._provisioning_of(database) as admin:
            self._ensure_role(admin, database, password_version)
            admin.run(statements.statement("ALTER ROLE {} RESET ALL", database))
            admin.run(statements.statement("ALTER ROLE {} IN DATABASE {} RESET ALL", database, database))

    def label_of(self, database: str) -> Label | None:
        """Return what the database says of itself, or None if it says nothing or does not exist."""
        with administering(self._server.admin()) as admin:
            return statements.label_in(admin, database)

    def label_database(self, database: str, label: Label, *, is_revived: bool = False) -> None:
        """Write what the database says of itself. A missing database is ignored.

        Raises `Contradiction` for a label that is another company's, or newer, or says that the database was replaced,
        unless it is revived.
        """
        _check_name(database)
        with self._locks.provisioning() as admin:
            if self._state(admin, database) is None:
                return
            older = statements.label_in(admin, database)
            if older is not None and not label.may_follow(older, is_revived=is_revived):
                raise Contradiction(
                    f"The database {database} is labelled {older.text()}, which {label.text()} may not replace."
                )
            if label != older:
                statements.set_label(admin, database, label)

    def drop_database(self, database: str, belief: Belief) -> None:
        """Drop the database and its role. Raises: `Contradiction`, and changes nothing, if it is not what the caller
        believes it is."""
        self.check_identity(database, belief)
        drop_subscriptions(self._server, database)
        with self._locks.provisioning() as admin:
            self._drop_unfinished_copy(admin, unfinished_copy(database), belief)
            has_role = statements.role_exists(admin, database)
            if state := self._state(admin, database):
                if has_role:
                    statements.act_as(admin, database, may_set=False)
                if not state.is_broken:
                    self._check_shut(admin, database, belief, has_role=has_role)
                statements.drop(admin, database, is_broken=state.is_broken)
            if has_role:
                admin.run(statements.statement("DROP ROLE {}", database))

    def _drop_unfinished_copy(self, admin: Administration, copy: str, belief: Belief) -> None:
        """Drop what whoever copied a database left when he was killed: a copy without a label that nobody was let into.

        Raises: `Contradiction` if it is another company's.
        """
        if state := self._state(admin, copy):
            if not state.is_broken:
                statements.open_to(admin, copy)
                belief.check_company(copy, read_identity(self._server, copy))
            statements.drop(admin, copy, is_broken=state.is_broken)

    def check_identity(self, database: str, belief: Belief) -> None:
        """Raise `Contradiction` if the database is there and not what the caller believes it is."""
        _check_name(database)
        with self._locks.provisioning() as admin:
            self._check_existing(admin, database, belief)

    def _check_existing(self, admin: Administration, database: str, belief: Belief) -> None:
        state = self._state(admin, database)
        if state is not None and not state.is_broken:
            self._check(admin, database, belief)

    def _check(self, admin: Administration, database: str, belief: Belief) -> None:
        statements.open_to(admin, database)
        belief.check(database, read_identity(self._server, database))

    def _check_shut(self, admin: Administration, database: str, belief: Belief, *, has_role: bool) -> None:
        """Check once more, now that nobody can write in it."""
        was_open = has_role and database in take_inventory(admin, self.names).open
        if has_role:
            statements.shut_out(admin, database, database)
        try:
            self._check(admin, database, belief)
        except Contradiction:
            if was_open:
                statements.open_to(admin, database, database)
            raise

    # Inspecting

    def inventory(self) -> Inventory:
        """Return the companies' databases and roles of this installation, whatever the catalog says."""
        with self._locks.provisioning() as admin:
            return take_inventory(admin, self.names)

    def sizes(self) -> dict[str, int]:
        """Return the size of each company's database in bytes, by database name."""
        with administering(self._server.admin()) as admin:
            return database_sizes(admin, self.names)

    def let_in(self, database: str) -> None:
        """Let the administering role look into a database that takes no connections."""
        with self._provisioning_of(database) as admin:
            statements.open_to(admin, database)

    def is_unused(self, database: str) -> bool:
        """Return whether no company uses the database. A closed one is opened to its owner first."""
        with self._provisioning_of(database) as admin:
            statements.open_to(admin, database)
            return read_identity(self._server, database).is_nobodys

    def _state(self, admin: Administration, database: str) -> DatabaseState | None:
        return statements.database_state(admin, database, self.names.owner)

    @contextmanager
    def _provisioning_of(self, database: str) -> Iterator[Administration]:
        """Yield an administering session that holds the lock; `OperatorError` unless the database exists."""
        _check_name(database)
        with self._locks.provisioning() as admin:
            if self._state(admin, database) is None:
                raise OperatorError(f"there is no database {database}")
            yield admin


def _check_name(database: str) -> None:
    """Raise `ValueError` for a name that is not a company's, so that no wrong database is ever dropped."""
    if not is_companys(database):
        raise ValueError(database)
