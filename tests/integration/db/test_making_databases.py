"""Making a company's database: what it is then, and what a break leaves behind."""

import threading

import psycopg2
import pytest

from crmtenant.db.admin import statements as databases
from crmtenant.db.admin.provisioning import Gone
from crmtenant.db.admin.scratch import scratch_copy
from crmtenant.db.schema.migrations import head
from crmtenant.ids import new_id
from crmtenant.models.tenant import metadata
from tests.integration.db.databases import address_of, can_connect


def test_a_company_connects_to_its_database_and_works_in_it(installation, database):
    connection = address_of(installation, database).connect()
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
    assert tables == [(len(metadata.tables) + 1,)]  # Alembic has one of its own
    assert installation.admin("SELECT version_num FROM alembic_version", database=database) == [
        (head("tenant"),)
    ]


def test_a_scratch_copy_drops_what_another_left_and_nothing_that_only_begins_alike(installation):
    prefix, template = f"{installation.names.catalog}_scratch_", installation.names.template(head("tenant"))
    left, others = f"{prefix}0123abcd", [f"{prefix}production", f"{prefix}0123abcd_template_0001"]
    for name in (left, *others):
        installation.do("CREATE DATABASE {} OWNER {}", name, installation.names.owner)
    try:
        with scratch_copy(installation.server, installation.names, template):
            pass
        found = installation.admin("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", prefix)
        assert sorted(found) == sorted((name,) for name in others)
    finally:
        for name in others:
            installation.do("DROP DATABASE {}", name)


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
    assert can_connect(address_of(installation, name))


def test_a_copy_is_closed_to_everybody_until_it_is_its_companys_alone(installation, monkeypatch):
    name, seen = new_id("t"), []
    real = databases.open_to

    def look(admin, database, *roles):
        seen.append(can_connect(address_of(installation, database)))
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
    assert can_connect(address_of(installation, name))


def test_a_database_whose_drop_was_interrupted_is_replaced(installation, database):
    installation.do("UPDATE pg_database SET datconnlimit = -2 WHERE datname = " + f"'{database}'")
    assert not can_connect(address_of(installation, database))
    assert installation.provisioner.inventory().broken == {database}
    installation.provisioner.make_database(database)
    assert can_connect(address_of(installation, database))


def test_a_database_that_is_no_longer_wanted_is_not_made(installation):
    with pytest.raises(Gone):
        installation.provisioner.make_database(new_id("t"), is_wanted=lambda: False)
    assert installation.provisioner.inventory().roles == frozenset()
