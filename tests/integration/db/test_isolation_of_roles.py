"""A company's role reaches its own rows only, whatever SQL is run as it."""

import dataclasses
import itertools

import psycopg2
import pytest

from crmtenant.db.schema.migrations import head
from crmtenant.db.secrets.role_names import derived_password
from crmtenant.ids import new_id
from tests.integration.installation import ROLE_SECRET, new_company


@pytest.fixture(scope="module")
def company_pair(shared_installation):
    pair = (new_id("t"), new_id("t"))
    for name in pair:
        shared_installation.provisioner.make_database(name)
    yield pair
    shared_installation.clear()


@pytest.fixture(scope="module")
def places(shared_installation, company_pair):
    names = shared_installation.names
    one, other = company_pair
    return {
        "one": one,
        "other": other,
        "catalog": names.catalog,
        "template": names.template(head("tenant")),
        "postgres": "postgres",
        "template1": "template1",
    }


def _opens(address):
    try:
        address.connect().close()
    except psycopg2.OperationalError:
        return False
    return True


def test_each_role_opens_its_own_database_and_no_other_of_ours(shared_installation, company_pair, places):
    provisioner = shared_installation.provisioner
    one, other = company_pair
    roles = {
        "one": provisioner.tenant_address(one, 1),
        "other": provisioner.tenant_address(other, 1),
        "catalog": shared_installation.addresses.catalog(),
    }
    ours = ("one", "other", "catalog", "template")
    opened = {
        (who, where)
        for who, where in itertools.product(roles, ours)
        if _opens(dataclasses.replace(roles[who], database=places[where]))
    }
    assert opened == {("one", "one"), ("other", "other"), ("catalog", "catalog")}


def test_the_password_of_one_company_is_not_that_of_another(shared_installation, company_pair):
    one, other = (shared_installation.provisioner.tenant_address(name, 1) for name in company_pair)
    password = derived_password(ROLE_SECRET, one.user, 1)
    assert _opens(dataclasses.replace(one, password=password, derived=None))
    assert not _opens(dataclasses.replace(other, password=password, derived=None))


def test_the_group_roles_cannot_log_in(shared_installation):
    names = shared_installation.names
    assert shared_installation.admin(
        "SELECT count(*) FROM pg_roles WHERE rolcanlogin AND rolname IN (%s, %s, %s)",
        names.owner,
        names.rw,
        names.tenants,
    ) == [(0,)]


REFUSED = {
    "becoming another company": "SET ROLE {other}",
    "becoming the owner": "SET ROLE {owner}",
    "becoming the group with the rights": "SET ROLE {rw}",
    "becoming the group of companies": "SET ROLE {tenants}",
    "becoming the administrator": "SET SESSION AUTHORIZATION postgres",
    "another company's database by name": 'SELECT * FROM "{other}".public.contact',
    "a role": "CREATE ROLE mine",
    "another's password": "ALTER ROLE {other} PASSWORD 'x'",
    "more rights": "ALTER ROLE {one} SUPERUSER",
    "more rights by membership": "GRANT {owner} TO {one}",
    "another database": "CREATE DATABASE mine",
    "dropping another's database": "DROP DATABASE {other}",
    "renaming its database": "ALTER DATABASE {one} RENAME TO mine",
    "settings for its database": "ALTER DATABASE {one} SET search_path = pg_temp",
    "a table": "CREATE TABLE mine ()",
    "a schema": "CREATE SCHEMA mine",
    "a function": "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "a temporary table": "CREATE TEMP TABLE mine ()",
    "an extension": "CREATE EXTENSION IF NOT EXISTS vector",
    "a foreign server": "CREATE SERVER mine FOREIGN DATA WRAPPER postgres_fdw",
    "changing its tables": "ALTER TABLE contact ADD COLUMN mine int",
    "rewriting the log": "UPDATE change SET by = 'u_other'",
    "deleting from the log": "DELETE FROM change",
    "emptying the log": "TRUNCATE change",
    "rewriting what a batch wrote": "UPDATE batch_row SET before = '{{}}'",
    "deleting what a batch wrote": "DELETE FROM batch_row",
    "rewriting a batch": "UPDATE batch SET summary = '{{}}'",
    "giving a batch to somebody else": "UPDATE batch SET by = 'u_other', undone_at = now()",
    "deleting a batch": "DELETE FROM batch",
    "emptying batches": "TRUNCATE batch, batch_row",
    "emptying a table": "TRUNCATE contact",
    "dropping a table": "DROP TABLE task",
    "an index": "CREATE INDEX mine ON contact (name)",
    "a trigger": "CREATE TRIGGER mine BEFORE INSERT ON contact EXECUTE FUNCTION tsvector_update_trigger()",
    "the schema revision": "UPDATE alembic_version SET version_num = '9999'",
    "a program": "COPY contact TO PROGRAM 'id'",
    "a file": "COPY contact TO '/tmp/mine'",
    "reading a file": "SELECT pg_read_file('/etc/passwd')",
    "listing files": "SELECT pg_ls_dir('.')",
    "a large object from a file": "SELECT lo_import('/etc/passwd')",
    "others' verifiers": "SELECT * FROM pg_authid",
    "ending others' sessions": (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{admin}'"
    ),
    "the server's settings": "ALTER SYSTEM SET fsync = off",
    "reloading the server": "SELECT pg_reload_conf()",
    "a checkpoint": "CHECKPOINT",
    "holding up creations": "BEGIN; LOCK TABLE pg_database",
}


@pytest.mark.parametrize("what", REFUSED)
def test_injected_sql_is_refused(what, shared_installation, company_pair):
    names = shared_installation.names
    one, other = company_pair
    statement = REFUSED[what].format(
        one=one,
        other=other,
        owner=names.owner,
        rw=names.rw,
        tenants=names.tenants,
        admin=shared_installation.server.admin_user,
    )
    connection = shared_installation.provisioner.tenant_address(one, 1).connect()
    # A session of the administrator for "ending others' sessions" to aim at.
    target = shared_installation.server.admin().connect()
    connection.autocommit = True
    try:
        with connection.cursor() as cursor, pytest.raises(psycopg2.Error) as refusal:
            cursor.execute(statement)
    finally:
        connection.close()
        target.close()
    assert refusal.value.pgcode in {"42501", "0A000", "42704"}, refusal.value


@pytest.mark.parametrize("grant", ["CONNECT ON DATABASE {}", "SELECT ON contact", "EXECUTE ON FUNCTION now"])
def test_a_role_cannot_pass_on_what_it_may(grant, shared_installation, company_pair):
    """PostgreSQL only warns that nothing was granted."""
    one, other = company_pair
    address = shared_installation.provisioner.tenant_address(one, 1)
    connection = address.connect()
    before = _privileges(shared_installation, one)
    with connection, connection.cursor() as cursor:
        try:
            cursor.execute(f"GRANT {grant.format(one)} TO {other}, PUBLIC")
        except psycopg2.errors.InsufficientPrivilege:
            connection.rollback()
    connection.close()
    assert _privileges(shared_installation, one) == before


def _privileges(installation, database):
    """Who may do what. PostgreSQL may spell out what was implied before; that gives nobody anything."""
    return (
        installation.admin(
            "SELECT coalesce(datacl, acldefault('d', datdba))::text FROM pg_database WHERE datname = %s",
            database,
        ),
        installation.admin(
            "SELECT oid, coalesce(relacl, acldefault('r', relowner))::text FROM pg_class ORDER BY 1",
            database=database,
        ),
        installation.admin(
            "SELECT oid, coalesce(proacl, acldefault('f', proowner))::text FROM pg_proc ORDER BY 1",
            database=database,
        ),
    )


@pytest.mark.parametrize(
    "statement", ["SELECT lo_create(0)", "SELECT lo_from_bytea(0, 'x')", "SELECT lo_creat(0)"]
)
def test_large_objects_are_refused_where_a_superuser_could_see_to_it(
    statement, shared_installation, company_pair
):
    ((is_superuser,),) = shared_installation.admin(
        "SELECT rolsuper FROM pg_roles WHERE rolname = %s", shared_installation.server.admin_user
    )
    if not is_superuser:
        pytest.skip("only a superuser can withhold them")
    connection = shared_installation.provisioner.tenant_address(company_pair[0], 1).connect()
    with connection.cursor() as cursor, pytest.raises(psycopg2.errors.InsufficientPrivilege):
        cursor.execute(statement)
    connection.close()


def test_a_role_never_becomes_anything_else_by_going_back(shared_installation, company_pair):
    connection = shared_installation.provisioner.tenant_address(company_pair[0], 1).connect()
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE; RESET SESSION AUTHORIZATION; SET ROLE NONE; SELECT current_user")
        assert cursor.fetchall() == [(company_pair[0],)]
    connection.close()


def test_no_name_or_comment_on_the_server_tells_who_a_company_is(shared_installation):
    registered = shared_installation.registrar.register(new_company("Telltale Industries"))
    ((database,),) = shared_installation.rows(
        "SELECT database FROM tenant WHERE id = :id", id=registered.tenant_id
    )
    seen = shared_installation.admin(
        "SELECT datname, shobj_description(oid, 'pg_database') FROM pg_database "
        "UNION ALL SELECT rolname, shobj_description(oid, 'pg_authid') FROM pg_roles "
        "UNION ALL SELECT setrole::regrole::text, setconfig::text FROM pg_db_role_setting"
    )
    assert (database, None) in seen
    assert not [row for row in seen if "telltale" in str(row).lower()]


def test_a_company_marks_its_own_batches_as_undone(shared_installation, company_pair):
    connection = shared_installation.provisioner.tenant_address(company_pair[0], 1).connect()
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO batch (kind, at, by, noun, summary) VALUES ('bulk', now(), 'u', 'contact', '{}') RETURNING id"
        )
        cursor.execute("UPDATE batch SET undone_at = now(), undone_by = 'u' WHERE id = %s", cursor.fetchone())
        assert cursor.rowcount == 1
    connection.close()
