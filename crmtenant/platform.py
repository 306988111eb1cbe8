"""Everything the house stands on, opened from the settings and closed again.

`main()`, the command line, pshell and the tests all start here: there is one way the parts are put together.
"""

from __future__ import annotations

import atexit
from collections.abc import Callable
from dataclasses import dataclass

from crmtenant.db.admin.installation import InstallationSetup
from crmtenant.db.admin.servers import ManagedServers
from crmtenant.db.embedded.open_server import Server, open_server
from crmtenant.db.pool.address import NO_RIGHTS
from crmtenant.db.pool.addresses import Addresses
from crmtenant.db.pool.broker import Broker
from crmtenant.db.pool.catalog import Catalog
from crmtenant.db.schema.migrations import check_catalog
from crmtenant.db.secrets.role_names import RoleNames
from crmtenant.db.secrets.secret_source import secrets_of
from crmtenant.errors import OperatorError
from crmtenant.security.keyring import Keyring
from crmtenant.security.passwords import Passwords
from crmtenant.security.tokens import Tokens
from crmtenant.services.identity.access import Directory
from crmtenant.services.identity.rate_limits import Attempts
from crmtenant.services.identity.sessions import Sessions
from crmtenant.services.mail.outbox import MailOutbox
from crmtenant.services.operations import Operations
from crmtenant.services.tenants.database_requests import DelegatedProvisioning
from crmtenant.services.tenants.registration import Registrar
from crmtenant.settings import GENERATE, Settings

SIGNING_FILE = "signing-secret"
ROLE_FILE = "role-secret"


@dataclass(frozen=True, slots=True)
class Unopened:
    """A platform of which there are only the settings: enough to look at the application, not to serve it."""

    settings: Settings


class Platform:
    """The open parts. `close` ends what `open` began, in the opposite order, and may be called twice.

    `operations` is what needs the rights to make and drop databases; a process without them has none.
    """

    def __init__(self, settings: Settings, server: Server) -> None:
        self.settings = settings
        self._server = server
        role_secrets = secrets_of(settings.role_secret, settings.data_dir / ROLE_FILE)
        self.keyring = Keyring(secrets_of(settings.signing_secret, settings.data_dir / SIGNING_FILE))
        names = RoleNames(settings.catalog_database)
        self.addresses = Addresses(server.address, names, role_secrets)
        self.broker = Broker(
            budget=settings.connection_budget,
            per_database=settings.connections_per_tenant,
            simultaneous_connects=settings.simultaneous_connects,
            statement_timeout_seconds=settings.statement_timeout_seconds,
        )
        self.catalog = Catalog(self.broker, self.addresses.catalog())
        self.directory = Directory(self.catalog, settings.lookup_ttl_seconds)
        self._operations: Operations | None = None
        if server.address.admin_user is None:
            check_catalog(self.catalog.address)
            self.registrar = Registrar(self.catalog, self.addresses, DelegatedProvisioning(self.catalog))
        else:
            setup = InstallationSetup(server.address, names, role_secrets)
            setup.ensure_roles()
            setup.ensure_catalog()
            self._operations = Operations(
                self.catalog,
                self.addresses,
                ManagedServers(self.catalog, server.address, names, role_secrets),
                settings.backup_dir,
                self.directory.forget_company,
                settings.data_dir / ROLE_FILE if settings.role_secret == GENERATE else None,
            )
            self._operations.prepare()
            self.registrar = self._operations.registrar
        self.tokens = Tokens(self.keyring, settings.access_token_seconds)
        self.passwords = Passwords(
            min_length=settings.password_min_length, parallel=settings.password_hash_parallel
        )
        self.attempts = Attempts(self.catalog, lambda: self.keyring.keys("attempts"))
        self.sessions = Sessions(
            self.catalog, settings.refresh_idle_seconds, settings.refresh_absolute_seconds
        )
        self.mailbox = MailOutbox(is_open=settings.mail_url is not None, public_url=settings.public_url)
        self.welcome: list[str] = []
        self._companions: list[tuple[Callable[[], None], Callable[[], None]]] = []
        self._is_open = True

    @property
    def cursor_keys(self) -> tuple[bytes, ...]:
        """What cursors are signed with: the first now, the others before."""
        return self.keyring.keys("cursors")

    @property
    def first_session_keys(self) -> tuple[bytes, ...]:
        """What the sign-ins that registrations end with are derived from: the first now, the others before."""
        return self.keyring.keys("first-session")

    @property
    def operations(self) -> Operations:
        """What needs the rights to make and drop databases; `OperatorError` where there are none."""
        if self._operations is None:
            raise OperatorError(NO_RIGHTS)
        return self._operations

    @property
    def has_rights(self) -> bool:
        """Whether this process may make and drop databases."""
        return self._operations is not None

    @classmethod
    def open(cls, settings: Settings) -> Platform:
        """The platform these settings describe; PostgreSQL runs, the catalog is up to date."""
        server = open_server(settings)
        try:
            platform = cls(settings, server)
        except BaseException:
            server.close()
            raise
        atexit.register(platform.close)
        return platform

    def accompany(self, start: Callable[[], None], stop: Callable[[], None]) -> None:
        """Nothing comes back; `start` runs when the process begins to serve, `stop` when it ends."""
        self._companions.append((start, stop))

    def start_serving(self) -> None:
        """Nothing comes back; what goes on beside the requests has begun."""
        for start, _ in self._companions:
            start()

    def revive_server(self) -> bool:
        """Whether our own PostgreSQL was down and runs again; `OperatorError` if it does not come up."""
        return self._server.revive()

    def close(self) -> None:
        """Nothing comes back; threads, connections and our own PostgreSQL are gone."""
        if not self._is_open:
            return
        self._is_open = False
        atexit.unregister(self.close)
        for _, stop in reversed(self._companions):
            stop()
        self.broker.close()
        self._server.close()
