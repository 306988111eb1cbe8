"""Every step of provisioning, done twice, done after a break, done by a role with few rights."""

import dataclasses
import secrets
import threading
from concurrent.futures import ThreadPoolExecutor

import psycopg2
import pytest

from crmtenant import advisory_locks
from crmtenant.db.admin import provisioning
from crmtenant.db.admin import statements as databases
from crmtenant.db.admin.connection import administering
from crmtenant.db.admin.provisioning import Gone
from crmtenant.db.schema.migrations import head
from crmtenant.db.secrets.role_names import derived_password
from crmtenant.errors import OperatorError
from crmtenant.ids import new_id
from tests.integration.installation import ROLE_SECRET


@pytest.fixture
def database(installation):
    name = new_id("t")
    installation.provisioner.make_database(name)
    return name


def _address(installation, database):
    return installation.provisioner.tenant_address(database, 1)


def _can_connect(address):
    try:
        address.connect().close()
    except psycopg2.OperationalError:
        return False
    return True


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
    provisioner.warm(_address(installation, database))
    assert _facts(installation) == before


def test_processes_that_start_together_set_up_one_installation(installations):
    installation = installations()
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: installation.set_up(), range(4)))
    assert installation.rows("SELECT template_database FROM server") == [
        (installation.names.template(head("tenant")),)
    ]


def test_a_company_connects_to_its_database_and_works_in_it(installation, database):
    connection = _address(installation, database).connect()
    with connection, connection.cursor() as cursor:
        cursor.execute("INSERT INTO company VALUES ('c', 'Acme', 'u', 'Anna', 'a@b.c', now())")
        cursor.execute("UPDATE company SET name = 'Acme 2'; SELECT name FROM company")
        assert cursor.fetchall() == [("Acme 2",)]
        cursor.execute("DELETE FROM company; SELECT current_user, current_database()")
        assert cursor.fetchall() == [(database, database)]
    connection.close()


def test_a_copy_has_everything_the_template_has(installation, database):
    tables = installation.admin(
        "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'", database=database
    )
    assert tables == [(8,)]
    assert installation.admin("SELECT version_num FROM alembic_version", database=database) == [
        (head("tenant"),)
    ]


@pytest.mark.parametrize("who", ["admin", "app", "tenant"])
def test_nobody_connects_to_the_template(installation, database, who):
    template = installation.names.template(head("tenant"))
    app = installation.addresses.catalog()
    address = {
        "admin": installation.server.admin(template),
        "app": dataclasses.replace(app, database=template),
        "tenant": dataclasses.replace(_address(installation, database), database=template),
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


@pytest.mark.parametrize("step", ["ensure_login", "copy_template", "open_to"])
@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_database_whose_making_broke_off_is_finished_by_making_it_again(
    installation, monkeypatch, step, moment
):
    name = new_id("t")
    real = getattr(databases, step)

    def break_off(*arguments, **options):
        if moment == "after":
            real(*arguments, **options)
        raise ConnectionAbortedError

    with monkeypatch.context() as patch:
        patch.setattr(databases, step, break_off)
        with pytest.raises(ConnectionAbortedError):
            installation.provisioner.make_database(name)
    installation.provisioner.make_database(name)
    assert _can_connect(_address(installation, name))


def test_a_copy_is_closed_to_everybody_until_it_is_its_companys_alone(installation, monkeypatch):
    name, seen = new_id("t"), []
    real = databases.open_to

    def look(admin, database, *roles):
        seen.append(_can_connect(_address(installation, database)))
        real(admin, database, *roles)

    monkeypatch.setattr(databases, "open_to", look)
    installation.provisioner.make_database(name)
    assert seen == [False]


def test_create_database_ended_from_outside_leaves_nothing_and_can_be_repeated(installation):
    name, ended = new_id("t"), threading.Event()

    def end_it():
        while not ended.is_set():
            ended_one = installation.admin(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE query LIKE 'CREATE DATABASE%%' AND query LIKE %s AND pid <> pg_backend_pid()",
                f'%"{name}"%',
            )
            if ended_one:
                ended.set()

    thread = threading.Thread(target=end_it)
    thread.start()
    try:
        with pytest.raises(psycopg2.OperationalError):
            installation.provisioner.make_database(name)
    finally:
        ended.set()
        thread.join()
    assert name not in installation.databases()
    installation.provisioner.make_database(name)
    assert _can_connect(_address(installation, name))


def test_a_database_whose_drop_was_interrupted_is_replaced(installation, database):
    installation.do("UPDATE pg_database SET datconnlimit = -2 WHERE datname = " + f"'{database}'")
    assert not _can_connect(_address(installation, database))
    assert installation.provisioner.inventory().broken == {database}
    installation.provisioner.make_database(database)
    assert _can_connect(_address(installation, database))


def test_a_database_that_is_no_longer_wanted_is_not_made(installation):
    with pytest.raises(Gone):
        installation.provisioner.make_database(new_id("t"), is_wanted=lambda: False)
    assert installation.provisioner.inventory().roles == frozenset()


def test_closing_ends_the_sessions_that_are_open(installation, database):
    address = _address(installation, database)
    connection = address.connect()
    installation.provisioner.close_database(database)
    with pytest.raises(psycopg2.OperationalError), connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    assert not _can_connect(address)
    installation.provisioner.open_database(database)
    assert _can_connect(address)


def test_dropping_leaves_neither_database_nor_role_and_can_be_repeated(installation, database):
    connection = _address(installation, database).connect()
    for _ in range(2):
        installation.provisioner.drop_database(database)
        assert installation.databases() == installation.roles() == set()
    connection.close()


def test_a_role_that_locked_itself_out_is_let_in_again(installation, database):
    address = _address(installation, database)
    connection = address.connect()
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(
            f"ALTER ROLE {database} PASSWORD 'mine'; ALTER ROLE {database} SET search_path = pg_temp"
        )
    connection.close()
    assert not _can_connect(address)
    installation.provisioner.restore_role(database, 1)
    connection = address.connect()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM contact")
    connection.close()


def test_the_password_of_another_version_does_not_open(installation, database):
    installation.provisioner.restore_role(database, 2)
    assert not _can_connect(_address(installation, database))
    assert _can_connect(installation.provisioner.tenant_address(database, 2))


@pytest.mark.parametrize(
    "name", ["postgres", "template1", "t_short", "", f"t_{'a' * 26}; DROP", "T_" + "a" * 26]
)
@pytest.mark.parametrize("step", ["make_database", "drop_database", "close_database", "open_database"])
def test_no_step_touches_a_database_that_is_not_named_like_a_companys(installation, step, name):
    with pytest.raises(ValueError):
        getattr(installation.provisioner, step)(name)


def test_another_installations_databases_are_not_ours_to_touch(installation, database, installations):
    other = installations()
    other.set_up()
    for step in ("drop_database", "close_database", "open_database"):
        with pytest.raises(OperatorError, match="belongs to"):
            getattr(other.provisioner, step)(database)
    assert other.provisioner.inventory().databases == frozenset()
    assert _can_connect(_address(installation, database))


def test_a_catalog_database_that_is_somebody_elses_is_refused(installations):
    installation = installations()
    installation.setup.ensure_roles()
    installation.do("CREATE DATABASE {}", installation.names.catalog)
    with pytest.raises(OperatorError, match="belongs to"):
        installation.setup.ensure_catalog()


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
    modest.provisioner.drop_database(name)
    held.close()
    assert modest.provisioner.inventory().roles == frozenset()
    modest.tear_down()


def test_a_turn_outlives_nothing_but_its_session(installation):
    lock = advisory_locks.of_installation(installation.names.catalog, advisory_locks.MAINTENANCE)
    with (
        installation.servers.try_lock(advisory_locks.MAINTENANCE) as first,
        installation.servers.try_lock(advisory_locks.MAINTENANCE) as second,
    ):
        assert (first, second) == (True, False)
    with administering(installation.server.admin()) as admin:
        assert admin.try_lock(lock)
