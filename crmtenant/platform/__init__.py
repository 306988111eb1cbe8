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
from crmtenant.lru_cache import LruCache
from crmtenant.platform.backup_secret import seal_of
from crmtenant.platform.databases import Databases
from crmtenant.platform.identity import identity_room
from crmtenant.platform.tenants import tenants_room
from crmtenant.security.keyring import Keyring
from crmtenant.services.fleet.journal import Journal
from crmtenant.services.identity.access import AccessDirectory
from crmtenant.services.mail.delivery import MailPreviews
from crmtenant.services.mail.outbox import MailOutbox
from crmtenant.services.operations import Operations
from crmtenant.services.tenants.database_requests import DelegatedProvisioning
from crmtenant.services.tenants.registration import Registrar
from crmtenant.settings import GENERATE, Settings

SIGNING_FILE = "signing-secret"
ROLE_FILE = "role-secret"
RECEIPT_FILE = "receipt-secret"
TOKENS_REMEMBERED = 20_000


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
        self.journal = Journal(settings.data_dir, catalog)
        self.mail = MailOutbox(is_open=settings.mail_url is not None, public_url=settings.public_url)
        self.mail_previews = MailPreviews(catalog)
        self.identity = identity_room(settings, keyring, catalog, access, self.mail)
        self.tenants = tenants_room(self._registrar(), keyring, catalog, self.identity, self.mail)
        self._companies_of_tokens: LruCache[int, str] = LruCache(TOKENS_REMEMBERED)
        self.welcome: list[str] = []
        self._keyring = keyring
        self._companions: list[tuple[Callable[[], None], Callable[[], None]]] = []
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
        return self._companies_of_tokens.get(hash(authorization))

    def remember_company(self, authorization: str, company_id: str) -> None:
        """Remember that this Authorization header is the company's."""
        self._companies_of_tokens.put(hash(authorization), company_id)

    def accompany(self, start: Callable[[], None], stop: Callable[[], None]) -> None:
        """Register what to call when the process begins to serve and when it ends."""
        self._companions.append((start, stop))

    def start_serving(self) -> None:
        """Start everything that was registered with `accompany`."""
        for start, _ in self._companions:
            start()

    def revive_server(self) -> bool:
        """Restart our own PostgreSQL if it is down; return whether it was. Raises: `OperatorError` if that fails."""
        return self._server.revive()

    def close(self) -> None:
        """Close what `open` opened, in the opposite order. May be called twice."""
        if not self._is_open:
            return
        self._is_open = False
        atexit.unregister(self.close)
        for _, stop in reversed(self._companions):
            stop()
        self.databases.broker.close()
        self._server.close()

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
