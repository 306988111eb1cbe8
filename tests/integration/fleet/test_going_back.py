"""A company that was migrated goes back to what it was before, with a look at what was written since."""

import time

import pytest

from crmtenant.db.admin.identity import Contradiction, replaced
from crmtenant.db.admin.inventory import unfinished_copy
from crmtenant.db.admin.provisioning import Provisioner
from crmtenant.db.admin.row_changes import TableChanges
from crmtenant.db.schema.migrations import head
from crmtenant.errors import OperatorError
from crmtenant.ids import new_id
from tests.integration.backups.changes import set_back
from tests.integration.fleet.test_migration import OLD, old_company, poison, revision_inside, shape
from tests.integration.killing import migrate_keeping_and_die
from tests.integration.saving import address_of

FIRST_THAT_CLONES = 180000
WRITE = """
    INSERT INTO task (title, status, position, priority, assignee_ids, labels, title_key, search,
                      created_at, updated_at, created_by, version{more})
    VALUES ('{title}', 'open', 1, 0, '{{{{}}}}', '{{{{}}}}', 'x', '', now(), now(), 'u', 1{values})
"""
_IDENTITY = """
    INSERT INTO company (id, name, founder_id, founder_name, founder_email, created_at)
    VALUES ('{}', 'Northwind', '{}', 'Anna', 'a@b.c', now())
"""
BEFORE = [("first", 1), ("second", 1)]


@pytest.fixture(params=["copy", "backup"])
def kind(request, monkeypatch):
    """What is kept: where databases are cloned, a copy; elsewhere a backup."""
    monkeypatch.setattr(Provisioner, "can_clone", lambda _: request.param == "copy")
    return request.param


@pytest.fixture
def copies(monkeypatch):
    monkeypatch.setattr(Provisioner, "can_clone", lambda _: True)


@pytest.fixture
def operations(installation, tmp_path):
    return installation.operations(tmp_path / "backups")


@pytest.fixture
def company(installation):
    """A company of an earlier release with two tasks: its id, and its database."""
    _, database = old_company(installation, "Northwind")
    installation.do(_IDENTITY.format(*_founder(installation)), database=database)
    for title, _ in BEFORE:
        installation.do(WRITE.format(title=title, more="", values=""), database=database)
    ((tenant_id,),) = installation.rows("SELECT id FROM tenant")
    return tenant_id, database


def _founder(installation):
    ((tenant_id, user_id),) = installation.rows("SELECT tenant_id, login_id FROM user_company_map")
    return tenant_id, user_id


def tasks(installation, database):
    return installation.admin("SELECT title, version FROM task ORDER BY id", database=database)


def database_of(installation, tenant_id):
    ((database,),) = installation.rows("SELECT database FROM tenant WHERE id = :id", id=tenant_id)
    return database


def _unfinished_copies(installation):
    return installation.admin(
        "SELECT datname FROM pg_database WHERE datname LIKE 'copying%%' AND pg_get_userbyid(datdba) = %s",
        installation.names.owner,
    )


def migrate(operations, **options):
    fleet = operations.fleet_migration
    return fleet.migrate(fleet.behind(), keep_copies="all", **options)


def work_on(installation, database):
    """Add a task, change one and delete one."""
    installation.do(
        WRITE.format(title="third", more=", updated_by", values=", 'u'")
        + "; UPDATE task SET version = 2, title = 'First' WHERE title = 'first'"
        "; DELETE FROM task WHERE title = 'second'",
        database=database,
    )


def test_a_migrated_company_goes_back_and_what_was_written_is_kept(installation, operations, company, kind):
    tenant_id, database = company
    before = shape(installation, database)
    assert migrate(operations).failed == []
    assert database in installation.provisioner.inventory().open
    work_on(installation, database)
    with operations.going_back.prepare(tenant_id) as prepared:
        assert (prepared.slug, prepared.revision, prepared.source.revision) == (
            "northwind",
            head("tenant"),
            OLD,
        )
        assert prepared.written == [TableChanges("task", added=1, changed=1, deleted=1)]
        assert not prepared.is_served
        prepared.go()
    back = database_of(installation, tenant_id)
    assert back != database
    assert installation.rows("SELECT schema_revision, epoch, state FROM tenant") == [(OLD, 2, "active")]
    assert (shape(installation, back), tasks(installation, back)) == (before, BEFORE)
    assert revision_inside(installation, back) == OLD
    assert address_of(installation, tenant_id).connect().close() is None
    assert installation.rows("SELECT database, purpose FROM set_aside") == [(database, "retired")]
    assert {label.state for label in installation.provisioner.inventory().labels.values()} == {
        "active",
        "replaced",
    }
    assert installation.reconciler().reconcile() == []
    installation.assert_no_orphans()

    operations.restorer.undo(tenant_id)
    assert tasks(installation, database_of(installation, tenant_id)) == [("First", 2), ("third", 1)]
    assert installation.rows("SELECT schema_revision FROM tenant") == [(head("tenant"),)]
    installation.assert_no_orphans()


def test_nothing_changes_until_it_is_asked_for(installation, operations, company, kind):
    tenant_id, database = company
    migrate(operations)
    kept = installation.rows("SELECT database, purpose FROM set_aside")
    assert [purpose for _, purpose in kept] == (["copied"] if kind == "copy" else [])
    with operations.going_back.prepare(tenant_id) as prepared:
        assert prepared.written == []
    assert database_of(installation, tenant_id) == database
    assert installation.rows("SELECT database, purpose FROM set_aside") == kept
    assert installation.databases() == {database, *(name for name, _ in kept)}
    assert operations.cleanup.sweep() == []


def test_what_was_being_copied_is_dropped_only_if_it_is_the_same_companys(installation, company):
    tenant_id, database = company
    copy = new_id("t")
    unfinished = unfinished_copy(copy)
    installation.provisioner.close_database(database)
    while installation.admin("SELECT 1 FROM pg_stat_activity WHERE datname = %s", database):
        time.sleep(0.01)
    installation.do(f"CREATE DATABASE {{}} TEMPLATE {database} OWNER {installation.names.owner}", unfinished)
    with pytest.raises(Contradiction, match="another company's"):
        installation.provisioner.drop_database(copy, replaced("c_another", 1))
    assert len(_unfinished_copies(installation)) == 1
    installation.provisioner.drop_database(copy, replaced(tenant_id, 1))
    assert _unfinished_copies(installation) == []


@pytest.mark.usefixtures("copies")
def test_a_copy_is_dropped_after_a_day(installation, operations, company):
    tenant_id, database = company
    migrate(operations)
    ((copy,),) = installation.rows(
        "SELECT database FROM set_aside WHERE drop_after > now() + interval '23 h'"
    )
    assert copy not in installation.provisioner.inventory().open
    assert installation.reconciler().reconcile() == []
    set_back(installation, "set_aside", "drop_after")
    assert operations.cleanup.sweep() == [copy]
    assert installation.databases() == {database}
    with (
        pytest.raises(OperatorError, match="nothing that northwind could go back to"),
        operations.going_back.prepare(tenant_id),
    ):
        pass


def test_a_backup_of_more_than_a_day_ago_is_nothing_to_go_back_to(
    installation, operations, company, monkeypatch
):
    monkeypatch.setattr(Provisioner, "can_clone", lambda _: False)
    migrate(operations)
    installation.rows("UPDATE backup SET made_at = made_at - interval '25 hours' RETURNING 1")
    with (
        pytest.raises(OperatorError, match="nothing that northwind"),
        operations.going_back.prepare(company[0]),
    ):
        pass


@pytest.mark.usefixtures("copies")
def test_only_of_canaries_where_no_more_is_wanted_and_of_none_by_default(installation, operations):
    slugs = [old_company(installation, name)[0] for name in ("Canary", "Wren", "Robin")]
    fleet = operations.fleet_migration
    fleet.migrate(fleet.behind(slugs[:2]), canaries=["canary"], keep_copies="canaries")
    fleet.migrate(fleet.behind())
    copied = installation.rows("SELECT slug FROM set_aside JOIN tenant ON tenant.id = tenant_id")
    assert copied == [("canary",)]


@pytest.mark.usefixtures("copies")
def test_a_company_whose_migration_fails_is_served_as_it_was(installation, operations, company):
    tenant_id, database = company
    poison(installation, database)
    assert [result.company.tenant_id for result in migrate(operations).failed] == [tenant_id]
    assert database in installation.provisioner.inventory().open
    assert (revision_inside(installation, database), tasks(installation, database)) == (OLD, BEFORE)


def test_a_company_of_which_nothing_can_be_kept_is_not_migrated(
    installation, operations, company, monkeypatch
):
    def refuse(*_):
        raise OperatorError("No room for a copy.")

    _, database = company
    monkeypatch.setattr(Provisioner, "can_clone", lambda _: True)
    monkeypatch.setattr(Provisioner, "copy_database", refuse)
    (result,) = migrate(operations).failed
    assert result.problem == "No room for a copy."
    assert revision_inside(installation, database) == OLD
    assert database in installation.provisioner.inventory().open
    assert installation.rows("SELECT 1 FROM set_aside") == []


@pytest.mark.usefixtures("copies")
def test_a_suspended_company_stays_shut(installation, operations, company):
    tenant_id, database = company
    operations.lifecycle.suspend(tenant_id)
    migrate(operations)
    assert database not in installation.provisioner.inventory().open
    with operations.going_back.prepare(tenant_id) as prepared:
        prepared.go()
    assert database_of(installation, tenant_id) not in installation.provisioner.inventory().open
    assert installation.rows("SELECT schema_revision, state FROM tenant") == [(OLD, "suspended")]


@pytest.mark.sampled(2)
@pytest.mark.parametrize(
    ("where", "moment"),
    [
        ("crmtenant.db.admin.provisioning:Provisioner.copy_database", "before"),
        ("crmtenant.db.admin.statements:copy_template", "after"),
        ("crmtenant.db.admin.statements:set_label", "after"),
        ("crmtenant.db.admin.provisioning:Provisioner.copy_database", "after"),
        ("crmtenant.db.schema.replay:SchemaChanges.apply", "after"),
    ],
)
def test_what_a_killed_migration_left_is_cleaned_up(installation, operations, company, where, moment):
    tenant_id, database = company
    migrate_keeping_and_die(installation, where, moment)
    installation.rows("UPDATE tenant SET migrating_until = now() - interval '1 s' RETURNING 1")
    installation.reconciler().reconcile()
    assert database in installation.provisioner.inventory().open
    assert [label.company_id for label in installation.provisioner.inventory().labels.values()].count(
        tenant_id
    ) >= 1
    fleet = operations.fleet_migration
    assert fleet.migrate(fleet.behind()).failed == []
    set_back(installation, "set_aside", "drop_after")
    assert len(operations.cleanup.sweep()) == 1
    assert installation.databases() == {database}
    assert _unfinished_copies(installation) == []
    assert tasks(installation, database) == BEFORE
    installation.assert_no_orphans()


def test_databases_are_cloned_where_the_server_is_set_up_to(installation):
    provisioner = installation.provisioner
    assert not provisioner.can_clone()
    ((version,),) = installation.admin("SELECT current_setting('server_version_num')::int")
    if version < FIRST_THAT_CLONES:
        return
    installation.do("ALTER DATABASE postgres SET file_copy_method = clone")
    try:
        assert provisioner.can_clone()
    finally:
        installation.do("ALTER DATABASE postgres RESET file_copy_method")
