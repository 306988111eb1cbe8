"""What the catalog says that is wrong is found; what changes while the doctor looks hides nothing else."""

import json

import pytest
from click.testing import CliRunner

from crmtenant import advisory_locks
from crmtenant.cli import main
from crmtenant.db.schema.migrations import revisions
from crmtenant.services.doctor.checks import catalog
from crmtenant.services.doctor.server_state import known_databases
from tests.dropping import ANYTHING
from tests.integration.doctor.examining import change_tenant
from tests.integration.installation import new_company


@pytest.mark.parametrize(
    ("check", "change"),
    [("backup", "created_at = now() - interval '27 hours'"),
     ("revision", "schema_revision = '0001'")],
)  # fmt: skip
def test_what_the_catalog_says(installation, doctor, database, check, change):
    change_tenant(installation, change)
    assert doctor("--fix", code=3) == [(check, "northwind")]


@pytest.mark.parametrize(("is_served", "severity"), [(True, "warning"), (False, "problem")])
def test_a_schema_at_which_companies_are_served_is_less_of_a_problem(
    installation, doctor, database, monkeypatch, is_served, severity
):
    *_, before, newest = revisions("tenant")
    change_tenant(installation, f"schema_revision = '{before}'")
    if is_served:
        monkeypatch.setattr(catalog, "served_revisions", lambda: (newest, before))
    assert doctor(code=3) == [("revision", "northwind")]
    told = json.loads(CliRunner().invoke(main, ["doctor", "--json", "--company", "northwind"]).stdout)
    assert [(one["check"], one["severity"]) for one in told] == [("revision", severity)]


def test_what_a_killed_move_put_off_is_served_again(installation, doctor, database):
    change_tenant(installation, "migrating_until = now() - interval '1 second'")
    installation.provisioner.close_database(database)
    assert doctor(code=3) == [("lease", "northwind"), ("door", "northwind")]
    assert doctor("--fix", code=0) == []
    assert installation.rows("SELECT migrating_until FROM tenant") == [(None,)]
    assert database in installation.provisioner.inventory().open


def test_a_company_that_is_being_moved_is_left_to_whoever_renews_its_pause(installation, doctor, database):
    installation.provisioner.close_database(database)
    change_tenant(installation, "migrating_until = now() + interval '1 minute'")
    assert doctor("--fix", code=0) == []
    change_tenant(installation, "migrating_until = now() - interval '1 second'")
    ((tenant_id,),) = installation.rows("SELECT id FROM tenant")
    with installation.servers.try_lock(advisory_locks.company_move(tenant_id)):
        assert doctor("--fix", code=0) == []
    assert installation.rows("SELECT migrating_until FROM tenant") == [(None,)]
    assert database in installation.provisioner.inventory().open


def test_a_mail_that_was_not_sent_is_told(installation, doctor, database):
    installation.do(
        "INSERT INTO mail (kind, recipient, subject, text, created_at, due_at, attempts, problem)"
        " VALUES ('x', 'x', 'x', 'x', now(), now(), 9, 'refused')",
        database=installation.names.catalog,
    )
    assert doctor(code=3) == [("mail", "")]


@pytest.fixture
def after_the_first_look(monkeypatch):
    """Has something done as soon as the doctor has seen server and catalog, once."""

    def arrange(act):
        def seen(catalog, server_id):
            known = known_databases(catalog, server_id)
            monkeypatch.setattr("crmtenant.services.doctor.checks.server.known_databases", known_databases)
            act()
            return known

        monkeypatch.setattr("crmtenant.services.doctor.checks.server.known_databases", seen)

    return arrange


def test_a_company_that_left_meanwhile_is_no_trouble(installation, doctor, database, after_the_first_look):
    installation.registrar.register(new_company("Southwind"))
    ((other,),) = installation.rows("SELECT database FROM tenant WHERE slug = 'southwind'")
    installation.do("ALTER ROLE {} PASSWORD 'another'", other)

    def leave():
        installation.rows("DELETE FROM tenant WHERE slug = 'northwind' RETURNING 1")
        installation.provisioner.drop_database(database, ANYTHING)

    after_the_first_look(leave)
    assert doctor(code=3) == [("password", "southwind")]


def test_a_company_that_cannot_be_examined_is_told_and_hides_nothing_else(
    installation, doctor, database, after_the_first_look
):
    installation.registrar.register(new_company("Southwind"))
    ((other,),) = installation.rows("SELECT database FROM tenant WHERE slug = 'southwind'")
    installation.do("ALTER ROLE {} PASSWORD 'another'", other)
    after_the_first_look(lambda: installation.do("DROP DATABASE {} WITH (FORCE)", database))
    assert doctor(code=3) == [("company", "northwind"), ("password", "southwind")]
    assert doctor("--fix", code=3) == [("missing-database", "northwind")]
