"""Two instances of the application over one catalog, and clients that each come from a place of their own."""

from __future__ import annotations

import configparser
import dataclasses
import secrets
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from people import Client
from psycopg2 import sql

from crmtenant.db.address import ServerAddress
from crmtenant.db.administration import administering
from crmtenant.db.server import Server
from crmtenant.platform import Platform
from crmtenant.settings import Settings, read_settings


def settings_for(directory: Path, **changes: Any) -> Settings:
    """development.ini's settings, with these changes."""
    ini = configparser.RawConfigParser(interpolation=None)
    ini.read(Path(__file__).parents[3] / "development.ini", encoding="utf-8")
    settings = read_settings(dict(ini["app:main"]), {"CRMTENANT_DATA": str(directory)})
    secrets_of_this = {"signing_secret": "s" * 40, "role_secret": "r" * 40}
    return dataclasses.replace(settings, data_dir=directory, **secrets_of_this, **changes)


@pytest.fixture(scope="session")
def catalog_name() -> str:
    return f"crmtenant_web_{secrets.token_hex(4)}"


@pytest.fixture(scope="session")
def directory() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="crmtenant-tests-") as name:
        yield Path(name)


@pytest.fixture(scope="session")
def platforms(server_address: ServerAddress, catalog_name: str, directory: Path) -> Iterator[Any]:
    """Makes platforms on the one catalog, closed at the end and gone from the server."""
    opened: list[Platform] = []

    def make(**changes: Any) -> Platform:
        settings = settings_for(directory, catalog_database=catalog_name, **changes)
        opened.append(Platform(settings, Server(server_address, lambda: None)))
        return opened[-1]

    yield make
    for platform in opened:
        platform.close()
    _tear_down(server_address, opened[0])


@pytest.fixture(scope="session")
def platform(platforms: Any) -> Platform:
    return platforms()


@pytest.fixture(scope="session")
def second_platform(platforms: Any, platform: Platform) -> Platform:
    """What another process would have: the same catalog and secrets, other memory."""
    return platforms()


@pytest.fixture
def client(platform: Platform) -> Client:
    return Client(platform)


@pytest.fixture
def second(second_platform: Platform) -> Client:
    return Client(second_platform)


@pytest.fixture
def newcomer(platform: Platform) -> Any:
    """Makes clients without an account."""
    return lambda **environ: Client(platform, **environ)


def _tear_down(server: ServerAddress, platform: Platform) -> None:
    inventory = platform.provisioner.inventory()
    for database in inventory.databases | inventory.roles:
        platform.provisioner.drop_database(database)
    names = platform.provisioner.names
    with administering(server.admin()) as admin:
        mine = admin.rows(
            "SELECT datname, datistemplate FROM pg_database WHERE pg_get_userbyid(datdba) = %s OR datname = %s",
            names.owner,
            names.catalog,
        )
        for database, is_template in mine:
            if is_template:
                admin.run(sql.SQL("ALTER DATABASE {} IS_TEMPLATE false").format(sql.Identifier(database)))
            admin.run(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(database)))
        for role in (names.app, names.rw, names.tenants, names.owner):
            admin.run(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(role)))
