"""The open installation: its databases and the services over them, one attribute per room.

`main()`, the command line, pshell and the tests all start here, so the parts are put together in one place.
"""

from __future__ import annotations

import atexit
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from crmtenant import clock
from crmtenant.db.admin.installation import InstallationSetup
from crmtenant.db.admin.servers import ManagedServers
from crmtenant.db.embedded.open_server import Server, open_server
from crmtenant.db.pool.address import NO_RIGHTS
from crmtenant.db.schema.migrations import check_catalog
from crmtenant.db.secrets.role_names import RoleNames
from crmtenant.db.secrets.secret_source import SecretSource, secrets_of
from crmtenant.errors import OperatorError
from crmtenant.platform.backup_secret import seal_of
from crmtenant.platform.companions import Companions
from crmtenant.platform.databases import Databases
from crmtenant.platform.division import Share, divide, most_processes
from crmtenant.platform.identity import identity_room
from crmtenant.platform.storage import Storage
from crmtenant.platform.tenants import tenants_room
from crmtenant.process_table import ProcessTable
from crmtenant.security.keyring import Keyring
from crmtenant.services.identity.access import AccessDirectory
from crmtenant.services.mail.calls import MailCalls
from crmtenant.services.mail.delivery import MailPreviews
from crmtenant.services.mail.outbox import MailOutbox
from crmtenant.services.monitoring.journal import Journal
from crmtenant.services.operations import Operations
from crmtenant.services.tenants.database_requests import DelegatedProvisioning
from crmtenant.services.tenants.registration import Registrar
from crmtenant.settings import GENERATE, Settings

SIGNING_FILE = "signing-secret"
ROLE_FILE = "role-secret"
RECEIPT_FILE = "receipt-secret"


@dataclass(frozen=True, slots=True)
class UnopenedPlatform:
    """Only the settings: enough to inspect how the application is configured, not to serve it."""

    settings: Settings


class Platform:
    """The open parts of an installation.

    `operations` needs the rights to create and drop databases; a process without them has none.
    """

    def __init__(self, settings: Settings, server: Server, now: Callable[[], datetime] = clock.now) -> None:
        self.settings = settings
        self.clock = now
        self._server = server
        role_secrets = secrets_of(settings.role_secret, settings.data_dir / ROLE_FILE)
        names = RoleNames(settings.catalog_database)
        keyring = Keyring(secrets_of(settings.signing_secret, settings.data_dir / SIGNING_FILE))
        self.databases = Databases.open(settings, server.address, names, role_secrets)
        catalog = self.databases.catalog
        access = AccessDirectory(catalog, settings.lookup_ttl_seconds)
        self._operations = self._open_operations(names, role_secrets, access)
        self.storage = Storage(server.free_bytes, settings.min_free_bytes)
        self.journal = Journal(settings.data_dir, catalog)
        self.mail = MailOutbox(is_open=settings.mail_url is not None, public_url=settings.public_url)
        self.mail_previews = MailPreviews(catalog)
        self.mail_calls = MailCalls(catalog)
        self.identity = identity_room(settings, keyring, catalog, self.databases.addresses, access, self.mail)
        self.tenants = tenants_room(
            settings, self._registrar(), keyring, catalog, self.identity, self.mail, self.storage.require_room
        )
        self.welcome: list[str] = []
        self._keyring = keyring
        self._companions = Companions()
        self.processes: ProcessTable | None = None
        self._is_open = True

    @property
    def cursor_keys(self) -> tuple[bytes, ...]:
        """The keys that sign cursors: the current one first, then older ones."""
        return self._keyring.keys("cursors")

    @property
    def operations(self) -> Operations:
        """What needs the rights to create and drop databases. Raises: `OperatorError` without them."""
        if self._operations is None:
            raise OperatorError(NO_RIGHTS)
        return self._operations

    @classmethod
    def open(cls, settings: Settings) -> Platform:
        """Open the installation that the settings describe: PostgreSQL runs and the catalog is up to date."""
        server = open_server(settings)
        try:
            platform = cls(settings, server)
        except BaseException:
            server.close()
            raise
        atexit.register(platform.close)
        return platform

    def company_of(self, authorization: str) -> str | None:
        """Return the company that this Authorization header was last served for, for whose turn it is and nothing else."""
        return self.identity.admissions.company_of(authorization)

    def signed_company_of(self, authorization: str) -> str | None:
        """Return the company that the token in this Authorization header was issued for, revoked or not."""
        return self.identity.admissions.signed_company_of(authorization)

    def accompany(
        self, start: Callable[[], None], stop: Callable[[], None], *, each_process: bool = False
    ) -> None:
        """Register what to call when the installation begins to be served and when that ends; or each process of it."""
        self._companions.add(start, stop, each_process=each_process)

    def start_serving(self) -> None:
        """Start everything that was registered with `accompany`, where one process does it all."""
        self._companions.start()

    @property
    def has_background(self) -> bool:
        """Whether there is anything to do but to serve."""
        return self._companions.has_background

    @property
    def open_connections(self) -> int:
        """How many connections to PostgreSQL the pool of this process has."""
        return self.databases.broker.open_connections

    def most_processes(self, threads: int) -> int:
        """Return how many processes the connections are enough for."""
        return most_processes(self.settings, threads, has_background=self.has_background)

    def prepare_processes(self, count: int, threads: int) -> None:
        """Prepare for being forked into so many serving processes, and one that works in the background.

        Raises: `SettingsError` if there are too few connections for that.
        """
        self._division = divide(self.settings, count, threads, has_background=self.has_background)
        self.processes = ProcessTable(count)
        # No connection may have two owners.
        self.databases.broker.close()

    def start_process(self) -> None:
        """Be one of the serving processes that were forked."""
        self._server.inherit(is_watching=False)
        self._limit(self._division.serving)
        self._companions.start_each()

    def start_background(self) -> None:
        """Be the forked process that works in the background."""
        self._server.inherit(is_watching=True)
        self._limit(self._division.background)
        self._companions.start_background()

    def revive_server(self) -> bool:
        """Restart our own PostgreSQL if it is down; return whether it was. Raises: `OperatorError` if that fails."""
        return self._server.revive()

    def close(self) -> None:
        """Close what `open` opened, in the opposite order. May be called twice."""
        if not self._is_open:
            return
        self._is_open = False
        atexit.unregister(self.close)
        self._companions.stop()
        self.databases.broker.close()
        self._server.close()

    def _limit(self, share: Share) -> None:
        self.databases.broker.limit(share.connections, share.per_company, share.connecting)
        self.identity.passwords.limit(share.hashing)

    def _open_operations(
        self, names: RoleNames, role_secrets: SecretSource, access: AccessDirectory
    ) -> Operations | None:
        """Bring the installation up to date and return its operations, or check it if we have no rights to."""
        settings, address, databases = self.settings, self._server.address, self.databases
        if address.admin_user is None:
            check_catalog(databases.catalog.address)
            return None
        setup = InstallationSetup(address, names, role_secrets)
        setup.ensure_roles()
        setup.ensure_catalog()
        operations = Operations(
            databases.catalog,
            databases.addresses,
            ManagedServers(databases.catalog, address, names, role_secrets),
            settings.backup_dir,
            seal_of(settings),
            access.forget_company,
            settings.data_dir / ROLE_FILE if settings.role_secret == GENERATE else None,
        )
        operations.prepare()
        return operations

    def _registrar(self) -> Registrar:
        if self._operations is not None:
            return self._operations.registrar
        catalog = self.databases.catalog
        return Registrar(catalog, self.databases.addresses, DelegatedProvisioning(catalog))
