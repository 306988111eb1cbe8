"""Opening the server of the settings, embedded or external, and checking its version and rights."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote
from uuid import uuid4

import psycopg2
import pytest
from plaster import get_settings

from crmtenant.db.embedded import open_server as server
from crmtenant.db.embedded.open_server import open_server
from crmtenant.db.pool.address import ServerAddress
from crmtenant.errors import OperatorError
from crmtenant.settings import Settings, read_settings

_INI = Path(__file__).parents[3] / "development.ini"


@pytest.fixture
def settings() -> Iterator[Settings]:
    directory = Path(tempfile.mkdtemp(prefix="crmtenant-test-"))
    directory.chmod(0o755)
    ini = get_settings(str(_INI), "app:main")
    yield replace(read_settings(ini, {}), data_dir=directory / "var")
    shutil.rmtree(directory)


def _naming(settings: Settings, address: ServerAddress) -> Settings:
    password = f":{quote(address.admin_password, safe='')}" if address.admin_password else ""
    place = f"{address.admin_user}{password}@{quote(address.host, safe='')}:{address.port}"
    return replace(settings, database_url=f"postgresql+psycopg2://{place}/postgres")


def test_our_own_server_is_started_and_closed(settings: Settings) -> None:
    opened = open_server(settings)
    opened.address.admin().connect().close()
    opened.close()
    with pytest.raises(psycopg2.OperationalError):
        opened.address.admin().connect()


def test_our_own_server_has_room_for_the_whole_budget(settings: Settings) -> None:
    opened = open_server(replace(settings, connection_budget=300))
    try:
        connection = opened.address.admin().connect()
        assert int(connection.get_parameter_status("server_version").split(".")[0]) == 18
        with connection.cursor() as cursor:
            cursor.execute("SHOW max_connections")
            assert cursor.fetchone() == ("350",)
        connection.close()
    finally:
        opened.close()


def test_somebody_elses_server_is_used_and_left_running(
    settings: Settings, server_address: ServerAddress
) -> None:
    opened = open_server(_naming(settings, server_address))
    assert opened.address == server_address
    opened.close()
    server_address.admin().connect().close()


def test_a_server_that_cannot_be_reached_is_told_in_one_sentence(settings: Settings) -> None:
    nowhere = ServerAddress("127.0.0.1", 1, "crm", "secret")
    with pytest.raises(OperatorError, match="cannot be reached") as caught:
        open_server(_naming(settings, nowhere))
    assert "\n" not in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.fixture
def plain_role(server_address: ServerAddress) -> Iterator[ServerAddress]:
    """The server seen by a role without any right, and let in by the pg_hba of both kinds of server."""
    # On an embedded server only such names are let in, and only to a database of theirs.
    name = "t_" + uuid4().hex.translate(str.maketrans("0189", "wxyz"))[:26]
    admin = server_address.admin().connect()
    admin.autocommit = True
    with admin.cursor() as cursor:
        cursor.execute(f"CREATE ROLE {name} LOGIN PASSWORD 'secret'")
        cursor.execute(f"CREATE DATABASE {name}")
        yield replace(server_address, admin_user=name, admin_password="secret")
        cursor.execute(f"DROP DATABASE {name}")
        cursor.execute(f"DROP ROLE {name}")
    admin.close()


@pytest.mark.parametrize(
    ("given", "lacking"), [("CREATEROLE", "may not create databases"), ("CREATEDB", "may not create roles")]
)
def test_a_role_without_a_right_is_refused_by_its_name(
    server_address: ServerAddress,
    plain_role: ServerAddress,
    given: str,
    lacking: str,
) -> None:
    admin = server_address.admin().connect()
    with admin, admin.cursor() as cursor:
        cursor.execute(f"ALTER ROLE {plain_role.admin_user} {given}")
    admin.close()
    with pytest.raises(OperatorError, match=lacking):
        server.check_rights(plain_role.admin(plain_role.admin_user))
