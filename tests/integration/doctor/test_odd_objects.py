"""One odd object on a server neither hides what is wrong with the others, nor keeps them from being put in order."""

import pytest

from crmtenant.db.schema.migrations import head
from crmtenant.ids import new_id
from crmtenant.services.jobs.reconciler import Discrepancy
from tests.integration.doctor.examining import doctor_of, examined, known_template
from tests.integration.installation import new_company
from tests.integration.saving import address_of


def _database(installation, name, owner=None):
    installation.do("CREATE DATABASE {} OWNER {} TEMPLATE template0", name, owner or installation.names.owner)


def _empty(installation, name):
    _database(installation, name)


def _another_programs(installation, name):
    _database(installation, name)
    installation.do("CREATE TABLE company (number int); INSERT INTO company VALUES (7)", database=name)


def _closed_template(installation, name):
    _database(installation, name)
    installation.do("ALTER DATABASE {} IS_TEMPLATE true ALLOW_CONNECTIONS false", name)


def _of_another_owner(installation, name):
    installation.do("CREATE ROLE {} NOLOGIN", f"{name}_owner")
    _database(installation, name, f"{name}_owner")


def _spare_of_another_owner(installation, name):
    _of_another_owner(installation, name)
    installation.rows(
        "INSERT INTO spare (database, server_id, revision, state, created_at)"
        " SELECT :name, id, :revision, 'making', now() FROM server RETURNING 1",
        name=name,
        revision=head("tenant"),
    )


def _invalid(installation, name):
    _database(installation, name)
    installation.do(f"UPDATE pg_database SET datconnlimit = -2 WHERE datname = '{name}'")


def _role_that_owns(installation, name):
    """A role of ours without a database, which owns a table elsewhere."""
    installation.do("CREATE ROLE {} LOGIN", name)
    installation.do("GRANT {} TO {}", installation.names.tenants, name)
    elsewhere = f"{installation.names.catalog}_elsewhere"
    installation.do("CREATE DATABASE {}", elsewhere)
    installation.do("CREATE TABLE kept (); ALTER TABLE kept OWNER TO {}", name, database=elsewhere)


ODDITIES = [
    _empty,
    _another_programs,
    _closed_template,
    _of_another_owner,
    _spare_of_another_owner,
    _invalid,
    _role_that_owns,
]


@pytest.fixture
def company(installation):
    """The database of a company that is closed, though the catalog says that it is served."""
    database = address_of(installation, installation.registrar.register(new_company()).tenant_id).database
    installation.reconciler().reconcile()
    installation.provisioner.close_database(database)
    return database


@pytest.fixture(params=ODDITIES, ids=lambda make: make.__name__.strip("_"))
def odd(installation, company, request):
    # Sorted before every other one, so that it is met first.
    name = "t_" + "2" * 4 + new_id("t")[6:]
    request.param(installation, name)
    yield name
    elsewhere = f"{installation.names.catalog}_elsewhere"
    installation.do("DROP DATABASE IF EXISTS {} WITH (FORCE)", elsewhere)
    installation.admin("UPDATE pg_database SET datistemplate = false WHERE datname = %s RETURNING 1", name)
    installation.rows("DELETE FROM spare WHERE database = :name RETURNING 1", name=name)
    for drop in ("DROP DATABASE IF EXISTS {}", "DROP ROLE IF EXISTS {}"):
        installation.do(drop, name)
    installation.do("DROP ROLE IF EXISTS {}", f"{name}_owner")


@pytest.mark.usefixtures("odd")
def test_the_others_are_put_in_order(installation, company):
    assert Discrepancy("database", company, "opened") in installation.reconciler().reconcile()
    assert installation.spares(1).top_up() == 1
    assert installation.registrar.register(new_company()).slug


@pytest.mark.usefixtures("odd")
def test_what_is_wrong_with_the_others_is_found_and_repaired(installation, company, tmp_path, monkeypatch):
    monkeypatch.setattr("crmtenant.services.doctor.checks.server.examine", examined)
    monkeypatch.setattr("crmtenant.services.doctor.checks.server.template_schema", known_template)
    doctor = doctor_of(installation, tmp_path, monkeypatch)
    installation.do("ALTER DATABASE {} CONNECTION LIMIT 0", company)
    assert {("door", "northwind"), ("limit", "northwind")} <= set(doctor(code=3))
    doctor("--fix", code=None)
    assert {check for check, about in doctor(code=None) if about == "northwind"} <= {"backup"}
