"""Opening, closing, repairing and dropping a company's database."""

import psycopg2
import pytest

from crmtenant.db.admin import provisioning
from crmtenant.db.admin.provisioning import Provisioner
from crmtenant.db.secrets.role_names import derived_password
from crmtenant.errors import OperatorError
from crmtenant.ids import new_id
from tests.dropping import ANYTHING
from tests.integration.db.databases import address_of, can_connect
from tests.integration.installation import ROLE_SECRET


def _drop(provisioner, database):
    provisioner.drop_database(database, ANYTHING)


STEPS_THAT_CHANGE = [_drop, Provisioner.close_database, Provisioner.open_database]


def test_closing_ends_the_sessions_that_are_open(installation, database):
    address = address_of(installation, database)
    connection = address.connect()
    installation.provisioner.close_database(database)
    with pytest.raises(psycopg2.OperationalError), connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    assert not can_connect(address)
    installation.provisioner.open_database(database)
    assert can_connect(address)


def test_dropping_leaves_neither_database_nor_role_and_can_be_repeated(installation, database):
    connection = address_of(installation, database).connect()
    for _ in range(2):
        installation.provisioner.drop_database(database, ANYTHING)
        assert installation.databases() == installation.roles() == set()
    connection.close()


def test_a_role_that_locked_itself_out_is_let_in_again(installation, database):
    address = address_of(installation, database)
    connection = address.connect()
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(
            f"ALTER ROLE {database} PASSWORD 'mine'; ALTER ROLE {database} SET search_path = pg_temp"
        )
    connection.close()
    assert not can_connect(address)
    installation.provisioner.restore_role(database, 1)
    connection = address.connect()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM contact")
    connection.close()


def test_the_password_of_another_version_does_not_open(installation, database):
    installation.provisioner.restore_role(database, 2)
    assert not can_connect(address_of(installation, database))
    assert can_connect(installation.provisioner.tenant_address(database, 2))


@pytest.mark.parametrize(
    "name", ["postgres", "template1", "t_short", "", f"t_{'a' * 26}; DROP", "T_" + "a" * 26]
)
@pytest.mark.parametrize("step", [Provisioner.make_database, *STEPS_THAT_CHANGE])
def test_no_step_touches_a_database_that_is_not_named_like_a_companys(installation, step, name):
    with pytest.raises(ValueError):
        step(installation.provisioner, name)


def test_another_installations_databases_are_not_ours_to_touch(installation, database, installations):
    other = installations()
    other.set_up()
    for step in STEPS_THAT_CHANGE:
        with pytest.raises(OperatorError, match="belongs to"):
            step(other.provisioner, database)
    assert other.provisioner.inventory().databases == frozenset()
    assert can_connect(address_of(installation, database))


def test_no_password_is_ever_part_of_a_statement(installation, monkeypatch):
    statements = []
    real = provisioning.Administration.run

    def record(admin, statement, *values):
        statements.append(statement if isinstance(statement, str) else statement.as_string(admin._connection))
        real(admin, statement, *values)

    monkeypatch.setattr(provisioning.Administration, "run", record)
    name = new_id("t")
    installation.provisioner.make_database(name)
    text = "\n".join(statements)
    assert "SCRAM-SHA-256$" in text
    assert derived_password(ROLE_SECRET, name, 1) not in text
