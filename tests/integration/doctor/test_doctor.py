"""A healthy installation is told so; each way of breaking it is found, repaired where it can be, and quiet then."""

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from crmtenant.cli import main
from crmtenant.db.admin.connection import administering
from crmtenant.db.admin.inspection import examine
from crmtenant.db.admin.statements import ensure_login, statement
from crmtenant.db.pool.label import Label
from crmtenant.ids import new_id
from tests.integration.doctor.examining import change_tenant
from tests.integration.installation import new_company

REPAIRED = {
    "acl": "GRANT CONNECT ON DATABASE {} TO PUBLIC",
    "limit": "ALTER DATABASE {} CONNECTION LIMIT 0",
    "door": "REVOKE CONNECT ON DATABASE {0} FROM {0}",
    "password": "ALTER ROLE {} PASSWORD 'another'",
    "role-settings": "ALTER ROLE {} SET work_mem = '1GB'",
    "role-rights": "ALTER ROLE {} CREATEDB",
    "role-rights superuser": "ALTER ROLE {} SUPERUSER",
    "role-rights bypass": "ALTER ROLE {} BYPASSRLS",
    "role-rights limit": "ALTER ROLE {} CONNECTION LIMIT 7",
    "role-rights member": "GRANT pg_read_all_data TO {}",
}


def test_a_healthy_installation_is_told_so(whole_doctor, database):
    assert whole_doctor(code=0) == []
    assert whole_doctor("--fix", code=0) == []


@pytest.mark.parametrize("case", REPAIRED)
def test_what_is_broken_is_found_and_repaired(installation, doctor, database, case):
    if case.endswith(("superuser", "bypass", "member")) and installation.server != installation._superuser:
        pytest.skip("only a superuser can take these rights away")
    breaking = REPAIRED[case]
    installation.do(breaking, *[database] * (1 if "{0}" in breaking else breaking.count("{}")))
    expected = [(case.partition(" ")[0], "northwind")]
    assert doctor(code=3) == expected
    assert doctor("--company", "northwind", code=3) == expected
    assert doctor("--fix", code=0) == []
    assert doctor(code=0) == []
    ((tenant_id,),) = installation.rows("SELECT id FROM tenant")
    assert len(installation.company_rows(tenant_id)) == 1


def test_a_lost_role_is_made_again(installation, doctor, database):
    installation.do("REVOKE CONNECT ON DATABASE {0} FROM {0}", database)
    installation.do("DROP ROLE {}", database)
    assert ("missing-role", "northwind") in doctor(code=3)
    doctor("--fix")
    assert doctor("--fix", code=0) == []


def test_an_unused_database_of_nobody_is_dropped(installation, doctor, database):
    orphan = new_id("t")
    installation.provisioner.make_database(orphan)
    assert doctor(code=3) == [("orphan-database", orphan)]
    assert doctor("--fix", code=0) == []
    assert orphan not in installation.databases()


def test_a_companys_database_is_never_dropped(installation, doctor, database):
    installation.do("TRUNCATE tenant CASCADE", database=installation.names.catalog)
    assert doctor("--fix", code=3) == [("orphan-database", database)]
    assert database in installation.databases()


@pytest.mark.parametrize(
    ("label", "is_repaired"),
    [
        (lambda own: Label(own, 2, "suspended"), True),
        (lambda own: Label(own, 1, "replaced"), False),
        (lambda _: Label("c_" + "x" * 26, 1, "active"), False),
    ],
)
def test_a_database_that_contradicts_the_catalog_is_found(installation, doctor, database, label, is_repaired):
    ((tenant_id,),) = installation.rows("SELECT id FROM tenant")
    installation.provisioner.label_database(database, label(tenant_id))
    assert doctor(code=3) == [("label", "northwind")]
    assert doctor("--fix", code=0 if is_repaired else 3) == ([] if is_repaired else [("label", "northwind")])
    assert database in installation.databases()


def test_an_invalid_database_of_nobody_is_dropped(installation, doctor, database):
    orphan = new_id("t")
    installation.provisioner.make_database(orphan)
    installation.do("UPDATE pg_database SET datconnlimit = -2 WHERE datname = '" + orphan + "'")
    assert doctor(code=3) == [("invalid-database", orphan)]
    assert doctor("--fix", code=0) == []


@pytest.mark.parametrize(
    "change",
    ["ALTER TABLE contact ADD surprise text", "ALTER TABLE contact ALTER name DROP NOT NULL",
     "CREATE INDEX surprise ON contact (id)", "GRANT SELECT ON contact TO PUBLIC"],
)  # fmt: skip
def test_a_schema_that_is_not_the_templates_is_found(installation, whole_doctor, database, change):
    installation.registrar.register(new_company("Southwind"))
    installation.do(change, database=database)
    assert whole_doctor("--fix", code=3) == [("schema", "northwind")]
    assert whole_doctor("--company", "southwind", code=0) == []
    left = installation.admin(
        "SELECT datname FROM pg_database WHERE starts_with(datname, %s)",
        f"{installation.names.catalog}_scratch_",
    )
    assert left == []


def test_what_differs_in_a_schema_is_named(installation, doctor, database):
    installation.do("ALTER TABLE contact ADD surprise text; DROP INDEX ix_contact_match", database=database)
    (told,) = json.loads(CliRunner().invoke(main, ["doctor", "--json", "--company", "northwind"]).stdout)
    assert "column contact surprise" in told["meaning"]
    assert "ix_contact_match" in told["meaning"]


def test_a_sequence_that_lags_behind_goes_on_after_the_highest_number(installation, doctor, database):
    installation.admin(
        "INSERT INTO saved_view (name, page, query, is_shared, name_key, created_at, updated_at, created_by,"
        " updated_by, version) VALUES ('x', 'contacts', '{}', false, 'x', now(), now(), 'u', 'u', 1) RETURNING 1",
        database=database,
    )
    installation.admin("SELECT setval('saved_view_id_seq', 1, false)", database=database)
    installation.admin("UPDATE saved_view SET id = 41 RETURNING 1", database=database)
    assert doctor(code=3) == [("sequence", "northwind")]
    assert doctor("--fix", code=0) == []
    assert installation.admin("SELECT nextval('saved_view_id_seq')", database=database) == [(42,)]


def test_a_database_of_another_company_is_told(installation, doctor, database):
    installation.do("UPDATE company SET id = 'c_another'", database=database)
    assert ("identity", "northwind") in doctor("--fix", code=3)


def test_a_database_of_another_owner_is_told(installation, doctor, database):
    installation.do("CREATE ROLE {}", f"{installation.names.catalog}_stranger")
    installation.do("ALTER DATABASE {} OWNER TO {}", database, f"{installation.names.catalog}_stranger")
    try:
        assert doctor("--fix", code=3) == [("owner", "northwind")]
        assert doctor("--company", "northwind", code=3) == [("owner", "northwind")]
    finally:
        installation.do("ALTER DATABASE {} OWNER TO {}", database, installation.names.owner)
        installation.do("DROP ROLE {}", f"{installation.names.catalog}_stranger")
    assert doctor(code=0) == []


def test_a_role_of_no_database_is_dropped(installation, doctor, database):
    orphan, strangers = new_id("t"), new_id("t")
    with administering(installation.server.admin()) as admin:
        ensure_login(admin, orphan, "p", group=installation.names.tenants)
        ensure_login(admin, strangers, "p")
    try:
        assert doctor(code=3) == [("orphan-role", orphan)]
        assert doctor("--fix", code=0) == []
        left = installation.admin("SELECT rolname FROM pg_roles WHERE rolname IN (%s, %s)", orphan, strangers)
        assert left == [(strangers,)]
        assert database in installation.roles()
    finally:
        installation.do("DROP ROLE {}", strangers)


def test_a_role_that_left_the_group_of_the_companies_comes_back(installation, doctor, database):
    with administering(installation.server.admin()) as admin:
        admin.run(statement("REVOKE {} FROM {}", installation.names.tenants, database))
    assert doctor(code=3) == [("role-rights", "northwind")]
    assert doctor("--fix", code=0) == []
    assert database in installation.provisioner.inventory().roles


@pytest.mark.parametrize("change", ["NOLOGIN", "CONNECTION LIMIT 0"])
def test_a_role_that_is_kept_out_hides_nothing_else(installation, doctor, database, change):
    installation.registrar.register(new_company("Southwind"))
    ((other,),) = installation.rows("SELECT database FROM tenant WHERE slug = 'southwind'")
    installation.do(f"ALTER ROLE {{}} {change}", database)
    installation.do("ALTER ROLE {} PASSWORD 'another'", other)
    assert doctor(code=3) == [("role-rights", "northwind"), ("password", "southwind")]
    assert doctor("--fix", code=0) == []


def test_a_database_that_takes_no_connections_hides_nothing_else(installation, doctor, database):
    installation.registrar.register(new_company("Southwind"))
    installation.do("ALTER DATABASE {} ALLOW_CONNECTIONS false", database)
    change_tenant(installation, "created_at = now() - interval '27 hours' WHERE slug = 'southwind'")
    assert sorted(doctor(code=3)) == [("backup", "southwind"), ("door", "northwind")]
    assert doctor("--fix", code=3) == [("backup", "southwind")]


def test_a_missing_database_is_told(installation, doctor, database):
    installation.do("DROP DATABASE {} WITH (FORCE)", database)
    assert doctor("--fix", code=3) == [("missing-database", "northwind")]


def test_a_directory_of_no_database_is_told(installation, doctor, database, monkeypatch):
    ((data,),) = installation.admin("SELECT current_setting('data_directory')")
    left = Path(data) / "base" / "4000000000"
    if not left.parent.is_dir() or installation.server != installation._superuser:
        pytest.skip("the server's files are elsewhere, or not ours to look at")
    left.mkdir()
    try:
        assert doctor(code=0) == []
        monkeypatch.setattr("crmtenant.services.doctor.checks.server.examine", examine)
        os.utime(left, (0, 0))
        assert doctor("--fix", code=3) == [("orphan-directories", "main")]
        assert left.is_dir()
    finally:
        left.rmdir()


def test_spares_that_are_missing_are_made(installation, doctor, database):
    doctor("--fix", code=0)
    assert installation.rows("SELECT state FROM spare") == [("ready",)]
