"""A whole installation for tests: its settings, its removal, and companies whose people can be asked."""

from __future__ import annotations

import configparser
import dataclasses
import secrets
from collections import defaultdict
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from typing import Any

from psycopg2 import sql
from webtest import TestApp, TestResponse

from crmtenant.api.crm import ENTITIES
from crmtenant.api.entities.registration import entity_tree_of
from crmtenant.db.admin import statements as databases
from crmtenant.db.admin.connection import Administration, administering
from crmtenant.db.pool.address import DatabaseAddress, ServerAddress
from crmtenant.ids import new_id
from crmtenant.models.catalog.tables import Login, Membership
from crmtenant.permissions import Role
from crmtenant.platform import Platform
from crmtenant.services.tenants import companies
from crmtenant.services.tenants.registration_rows import NewCompany
from crmtenant.settings import Settings, read_settings
from tests.clock import Clock
from tests.dropping import ANYTHING
from tests.functional.hashing import quick

INI = Path(__file__).parents[2] / "development.ini"
#: of the nouns, each before those that it refers to
TABLES = tuple(reversed(entity_tree_of(ENTITIES).entities.by_table))
#: those whose rows have an id of their own
NUMBERED = (*TABLES, "batch", "notification")
OF_PEOPLE = ("watch", "notification_setting")
OTHERS = ("answer", "batch_row", "batch", "change", "notification", "watch", "notification_setting")
SECRETS = {"signing_secret": "s" * 40, "role_secret": "r" * 40}


def settings_for(directory: Path, **changes: Any) -> Settings:
    """development.ini's settings, with these changes."""
    ini = configparser.RawConfigParser(interpolation=None)
    ini.read(INI, encoding="utf-8")
    settings = read_settings(dict(ini["app:main"]), {"CRMTENANT_DATA": str(directory)})
    return dataclasses.replace(
        settings, data_dir=directory, backup_dir=directory / "backups", **SECRETS, **changes
    )


#: Sessions of the administrator's in companies' databases, by catalog, open until the installation is torn down.
_sessions: defaultdict[str, ExitStack] = defaultdict(ExitStack)


def for_tests(platform: Platform, clock: Clock) -> Platform:
    """The platform, which hashes quickly and tells by this clock how old is what it keeps in memory."""
    quick(platform.identity.passwords)
    platform.identity.access._clock = clock
    platform._keyring._known._clock = clock
    return platform


def tear_down(server: ServerAddress, platform: Platform) -> None:
    """Remove everything of the installation from the server."""
    _sessions.pop(platform.settings.catalog_database, ExitStack()).close()
    provisioner = platform.operations.servers.home.provisioner
    inventory = provisioner.inventory()
    for database in inventory.databases | inventory.roles:
        provisioner.drop_database(database, ANYTHING)
    names = provisioner.names
    with administering(server.admin()) as admin:
        # A connection that was closed just now may still have its session, which is to be ended.
        databases.act_as(admin, names.app, may_set=False)
        mine = admin.rows(
            "SELECT datname, datistemplate FROM pg_database WHERE pg_get_userbyid(datdba) = %s OR datname = %s",
            names.owner,
            names.catalog,
        )
        for database, is_template in mine:
            if is_template:
                admin.run(sql.SQL("ALTER DATABASE {} IS_TEMPLATE false").format(sql.Identifier(database)))
            databases.drop(admin, database)
        for role in (names.app, names.rw, names.tenants, names.owner):
            admin.run(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(role)))


class Client:
    """Asks as one person of one company: JSON and token go along by themselves, every status comes back."""

    def __init__(self, app: TestApp, token: str | None) -> None:
        self.app = app
        self.token = token

    def get(self, path: str, headers: dict[str, str] | None = None, **query: Any) -> TestResponse:
        """The answer to GET; `query` becomes parameters."""
        params = {name.rstrip("_"): _spelled(value) for name, value in query.items()}
        return self.app.get(path, params, headers=self._headers(headers), status="*", expect_errors=True)

    def head(self, path: str, headers: dict[str, str] | None = None) -> TestResponse:
        """The answer to HEAD."""
        return self.app.head(path, headers=self._headers(headers), status="*", expect_errors=True)

    def post(self, path: str, data: Any = None, headers: dict[str, str] | None = None) -> TestResponse:
        """The answer to POST of this JSON."""
        return self._send("post_json", path, {} if data is None else data, headers)

    def put(self, path: str, data: Any, headers: dict[str, str] | None = None) -> TestResponse:
        """The answer to PUT of this JSON."""
        return self._send("put_json", path, data, headers)

    def patch(self, path: str, data: Any, headers: dict[str, str] | None = None) -> TestResponse:
        """The answer to PATCH with this merge patch."""
        return self._send("patch_json", path, data, headers)

    def delete(self, path: str, headers: dict[str, str] | None = None) -> TestResponse:
        """The answer to DELETE."""
        return self.app.delete(path, headers=self._headers(headers), status="*", expect_errors=True)

    def raw(self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None) -> Any:
        """The answer to exactly these bytes under this method."""
        return self.app.request(
            path, method=method, body=body, headers=self._headers(headers), status="*", expect_errors=True
        )

    def environ(self, method: str = "GET", **environ: Any) -> TestResponse:
        """The answer to a WSGI environ that no URL can spell."""
        path = environ.pop("PATH_INFO", "/api")
        # The cookies that others left would be looked up by an address that cannot be read.
        self.app.reset()
        request = self.app.RequestClass.blank("/", method=method, headers=self._headers(None))
        request.environ.update({"PATH_INFO": path, **environ})
        return self.app.do_request(request, status="*", expect_errors=True)

    def create(self, path: str, **data: Any) -> dict[str, Any]:
        """The item that POST of this JSON makes."""
        made = self.post(path, data)
        assert made.status_int == 201, made.text
        item: dict[str, Any] = made.json
        return item

    def read(self, path: str, **query: Any) -> Any:
        """What GET finds."""
        found = self.get(path, **query)
        assert found.status_int == 200, found.text
        return found.json

    def ids(self, path: str, **query: Any) -> list[int]:
        """The ids of a list's one page, in its order."""
        return [item["id"] for item in self.read(path, **query)["items"]]

    def _send(self, how: str, path: str, data: Any, headers: dict[str, str] | None) -> TestResponse:
        send = getattr(self.app, how)
        return send(path, data, headers=self._headers(headers), status="*", expect_errors=True)

    def _headers(self, headers: dict[str, str] | None) -> dict[str, str]:
        own = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return {**own, **(headers or {})}


def _spelled(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


class Company:
    """A registered company with one person in each role."""

    def __init__(self, server: ServerAddress, platform: Platform, app: TestApp, name: str) -> None:
        self.server = server
        self.platform = platform
        self.app = app
        self.name = name
        email = f"{secrets.token_hex(8)}@example.com"
        registered = platform.tenants.registrar.register(
            NewCompany(
                company_name=name,
                person_name=f"{name} owner",
                email=email,
                email_key=email,
                password_hash="unusable",
                country="DE",
            )
        )
        self.id, self.slug = registered.tenant_id, registered.slug
        self.people: dict[str, str] = {Role.OWNER: registered.user_id}
        roles = (Role.ADMIN, Role.MEMBER, Role.VIEWER)
        self.people |= dict(zip(roles, self.join(*roles), strict=True))

    def join(self, *roles: str) -> list[str]:
        """The ids of new people in these roles."""
        ids = [new_id("u") for _ in roles]
        with self.platform.databases.catalog.begin() as session:
            for user_id, role in zip(ids, roles, strict=True):
                email, name = f"{user_id}@example.com", f"{self.name} {role}"
                session.add(
                    Login(id=user_id, email=email, email_key=email, name=name, password_hash="unusable")
                )
                session.flush()
                session.add(Membership(user_id=user_id, tenant_id=self.id, role=role))
        return ids

    @property
    def address(self) -> DatabaseAddress:
        """Its database, as its own role: asked anew each time, for its password may have been changed."""
        with self.platform.databases.catalog.reading() as reader:
            place = companies.find(reader, self.id)
        assert place is not None
        return self.platform.databases.addresses.of(place, place.id)

    def token(self, role: str = Role.OWNER) -> str:
        """An access token of the person in this role."""
        return self.platform.identity.tokens.issue(self.people[role], self.id, 1)

    def client(self, role: str = Role.OWNER, app: TestApp | None = None) -> Client:
        """A client of the person in this role."""
        return Client(app or self.app, self.token(role))

    def rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """What the database itself says, on a connection of its own."""
        connection = self.address.connect()
        try:
            with connection.cursor() as cursor:
                cursor.execute(statement, values)
                found: list[tuple[Any, ...]] = cursor.fetchall()
                return found
        finally:
            connection.close()

    @cached_property
    def administration(self) -> Administration:
        session = administering(self.server.admin(self.address.database))
        return _sessions[self.platform.settings.catalog_database].enter_context(session)

    def execute(self, statement: str) -> None:
        """Run the statement as the administrator, and commit it."""
        self.administration.run(statement)

    def everything(self) -> list[list[tuple[Any, ...]]]:
        """Every row of every table, as they stand."""
        order = {**dict.fromkeys(NUMBERED, "id"), **{table: f"{table}::text" for table in OF_PEOPLE}}
        return [
            self.administration.rows(f"SELECT * FROM {table} ORDER BY {by}") for table, by in order.items()
        ]

    def counts(self) -> dict[str, int]:
        """How many rows each table holds, those in the trash apart."""
        questions = {table: f"SELECT count(*) FROM {table}" for table in TABLES}
        questions |= {f"live {name}": f"{text} WHERE deleted_at IS NULL" for name, text in questions.items()}
        questions["answer"] = "SELECT count(*) FROM answer"
        (found,) = self.administration.rows(
            f"SELECT {', '.join(f'({question})' for question in questions.values())}"
        )
        return dict(zip(questions, found, strict=True))

    def skip_to(self, row_id: int) -> None:
        """Let the next row of every table have this id."""
        restarts = (f"setval(pg_get_serial_sequence('{table}', 'id'), {row_id}, false)" for table in NUMBERED)
        self.administration.run(f"SELECT {', '.join(restarts)}")

    def skip_to_next(self) -> None:
        """Let the next row of every table that has rows have the id after its highest."""
        advance = "(SELECT setval(pg_get_serial_sequence('{0}', 'id'), max(id)) FROM {0} HAVING max(id) IS NOT NULL)"
        self.administration.run(f"SELECT {', '.join(advance.format(table) for table in NUMBERED)}")

    def empty(self) -> None:
        """Delete every row and let ids begin at 1 again."""
        statements = [f"DELETE FROM {table}" for table in OTHERS + TABLES]
        restarts = (f"setval(pg_get_serial_sequence('{table}', 'id'), 1, false)" for table in NUMBERED)
        self.administration.run("; ".join([*statements, f"SELECT {', '.join(restarts)}"]))
