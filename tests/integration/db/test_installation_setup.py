"""The roles, catalog and template of an installation: set up twice, at the same time, after a break."""

import dataclasses
from concurrent.futures import ThreadPoolExecutor

import psycopg2
import pytest

from crmtenant.db.admin import statements as databases
from crmtenant.db.schema.migrations import head
from crmtenant.errors import OperatorError
from tests.integration.db.databases import address_of


def _facts(installation):
    """What PostgreSQL holds of the installation, without salts and object ids."""
    names = installation.names
    pattern = f"{names.catalog}%"
    return {
        "databases": installation.admin(
            "SELECT datname, datistemplate, datallowconn, datconnlimit, datacl::text, datdba "
            "FROM pg_database WHERE datname LIKE %s OR pg_get_userbyid(datdba) = %s ORDER BY 1",
            pattern,
            names.owner,
        ),
        "roles": installation.admin(
            "SELECT rolname, rolcanlogin, rolconnlimit, rolsuper, rolcreatedb, rolcreaterole, rolbypassrls "
            "FROM pg_roles WHERE rolname LIKE %s OR rolname = ANY(%s) ORDER BY 1",
            pattern,
            sorted(installation.roles()),
        ),
        "members": installation.admin(
            "SELECT roleid::regrole::text, member::regrole::text, admin_option, inherit_option, set_option "
            "FROM pg_auth_members WHERE roleid::regrole::text LIKE %s ORDER BY 1, 2, 3, 4, 5",
            pattern,
        ),
    }


def test_every_step_can_be_repeated_and_changes_nothing(installation, database):
    before = _facts(installation)
    setup, provisioner = installation.setup, installation.provisioner
    setup.ensure_roles()
    setup.ensure_catalog()
    setup.ensure_template()
    provisioner.make_database(database)
    provisioner.open_database(database)
    provisioner.restore_role(database, 1)
    provisioner.warm(address_of(installation, database))
    assert _facts(installation) == before


def test_processes_that_start_together_set_up_one_installation(installations):
    installation = installations()
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: installation.set_up(), range(4)))
    assert installation.rows("SELECT template_database FROM server") == [
        (installation.names.template(head("tenant")),)
    ]


@pytest.mark.parametrize("who", ["admin", "app", "tenant"])
def test_nobody_connects_to_the_template(installation, database, who):
    template = installation.names.template(head("tenant"))
    app = installation.addresses.catalog()
    address = {
        "admin": installation.server.admin(template),
        "app": dataclasses.replace(app, database=template),
        "tenant": dataclasses.replace(address_of(installation, database), database=template),
    }[who]
    with pytest.raises(psycopg2.OperationalError):
        address.connect()


def test_the_template_is_a_template_and_closed(installation):
    assert installation.admin(
        "SELECT datistemplate, datallowconn FROM pg_database WHERE datname = %s",
        installation.names.template(head("tenant")),
    ) == [(True, False)]


def test_a_template_whose_building_broke_off_is_built_anew(installations, monkeypatch):
    installation = installations()
    installation.setup.ensure_roles()

    def break_off(*_):
        raise ConnectionAbortedError

    with monkeypatch.context() as patch:
        patch.setattr(databases, "seal_template", break_off)
        with pytest.raises(ConnectionAbortedError):
            installation.setup.ensure_template()
    half_built = _template_oid(installation)
    template = installation.setup.ensure_template()
    assert template.database == installation.names.template(head("tenant"))
    assert _template_oid(installation) != half_built
    finished = _template_oid(installation)
    installation.setup.ensure_template()
    assert _template_oid(installation) == finished


def _template_oid(installation):
    ((oid,),) = installation.admin(
        "SELECT oid FROM pg_database WHERE datname = %s", installation.names.template(head("tenant"))
    )
    return oid


def test_a_catalog_database_that_is_somebody_elses_is_refused(installations):
    installation = installations()
    installation.setup.ensure_roles()
    installation.do("CREATE DATABASE {}", installation.names.catalog)
    with pytest.raises(OperatorError, match="belongs to"):
        installation.setup.ensure_catalog()
