"""Provisioning by an administering role that is no superuser."""

import dataclasses
import secrets

import psycopg2
import pytest

from crmtenant.ids import new_id
from tests.dropping import ANYTHING


@pytest.fixture
def modest_server(installation):
    """The server as seen by an ordinary role with CREATEDB and CREATEROLE, as managed services give out."""
    name, password = f"test_{secrets.token_hex(6)}", secrets.token_hex(16)
    installation.do(f"CREATE ROLE {{}} LOGIN CREATEDB CREATEROLE PASSWORD '{password}'", name)
    yield dataclasses.replace(installation.server, admin_user=name, admin_password=password)
    installation.do("DROP OWNED BY {}", name)
    installation.do("DROP ROLE {}", name)


def test_an_ordinary_administering_role_can_do_all_of_it(installations, modest_server, installation):
    modest = installations(modest_server)
    modest.set_up()
    name = new_id("t")
    modest.provisioner.make_database(name)
    address = modest.provisioner.tenant_address(name, 1)
    session = address.connect()
    modest.provisioner.close_database(name)
    with pytest.raises(psycopg2.OperationalError), session.cursor() as cursor:
        cursor.execute("SELECT 1")
    modest.provisioner.open_database(name)
    modest.provisioner.restore_role(name, 1)
    assert modest.provisioner.is_unused(name)
    held = address.connect()
    modest.provisioner.drop_database(name, ANYTHING)
    held.close()
    assert modest.provisioner.inventory().roles == frozenset()
    modest.tear_down()
