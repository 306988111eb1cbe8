"""Every company comes to the new schema wholly or not at all, and a bad one stops nobody else."""

import pytest
from sqlalchemy import text

from crmtenant import advisory_locks
from crmtenant.db.schema.migrations import head
from crmtenant.db.schema.replay import change_from
from crmtenant.errors import OperatorError, Unavailable
from tests.integration.fleet.first_schema import OLD, bring_back
from tests.integration.installation import new_company
from tests.integration.killing import migrate_and_die


@pytest.fixture
def fleet(installation):
    return installation.fleet()


def old_company(installation, name):
    """A company whose database is still at the first revision."""
    registered = installation.registrar.register(new_company(name))
    ((database,),) = installation.rows("SELECT database FROM tenant WHERE id = :id", id=registered.tenant_id)
    bring_back(installation, database)
    with installation.catalog.begin() as session:
        session.execute(
            text("UPDATE tenant SET schema_revision = :old WHERE id = :id"),
            {"old": OLD, "id": registered.tenant_id},
        )
    return registered.slug, database


def poison(installation, database):
    """Somebody put a column in the way of the one that is to be added."""
    installation.do("ALTER TABLE task ADD COLUMN updated_by int", database=database)


def revision_inside(installation, database):
    ((revision,),) = installation.admin("SELECT version_num FROM alembic_version", database=database)
    return revision


def revisions(installation):
    return dict(installation.rows("SELECT slug, schema_revision FROM tenant"))


def shape(installation, database):
    return installation.admin(
        "SELECT table_name, column_name, data_type, is_nullable FROM information_schema.columns "
        "WHERE table_schema = 'public' ORDER BY 1, ordinal_position",
        database=database,
    )


def test_a_migrated_company_is_what_a_new_one_is(installation, fleet):
    slug, database = old_company(installation, "Old")
    new = installation.registrar.register(new_company("New"))
    ((new_database,),) = installation.rows("SELECT database FROM tenant WHERE id = :id", id=new.tenant_id)
    report = fleet.migrate(fleet.behind())
    assert [(result.company.slug, result.problem) for result in report.results] == [(slug, None)]
    assert revisions(installation) == {slug: head("tenant"), new.slug: head("tenant")}
    assert shape(installation, database) == shape(installation, new_database)
    assert fleet.behind() == []


def test_a_company_that_cannot_be_migrated_stays_as_it_was_and_stops_nobody(installation, fleet):
    companies = [old_company(installation, f"Company {n}") for n in range(4)]
    bad_slug, bad = companies[2]
    poison(installation, bad)
    before = shape(installation, bad)
    report = fleet.migrate(fleet.behind())
    assert [result.company.slug for result in report.failed] == [bad_slug]
    assert "updated_by" in report.failed[0].problem
    assert revisions(installation) == {slug: head("tenant") for slug, _ in companies} | {bad_slug: OLD}
    assert (revision_inside(installation, bad), shape(installation, bad)) == (OLD, before)
    assert installation.rows("SELECT 1 FROM tenant WHERE migrating_until IS NOT NULL") == []


def test_a_suspended_company_is_migrated_and_stays_shut(installation, fleet):
    slug, database = old_company(installation, "Shut")
    ((tenant_id,),) = installation.rows("SELECT id FROM tenant")
    installation.lifecycle().suspend(tenant_id)
    assert fleet.migrate(fleet.behind()).failed == []
    assert revisions(installation) == {slug: head("tenant")}
    assert database not in installation.provisioner.inventory().open


def test_a_company_that_was_deleted_before_a_release_is_migrated_when_it_comes_back(installation, tmp_path):
    slug, database = old_company(installation, "Old")
    ((tenant_id,),) = installation.rows("SELECT id FROM tenant")
    lifecycle = installation.operations(tmp_path).lifecycle
    lifecycle.delete(tenant_id)
    poison(installation, database)
    with pytest.raises(OperatorError, match=f"{slug} could not be migrated"):
        lifecycle.undelete(tenant_id)
    assert installation.rows("SELECT state FROM tenant") == [("deleting",)]
    installation.do("ALTER TABLE task DROP COLUMN updated_by", database=database)
    lifecycle.undelete(tenant_id)
    assert installation.rows("SELECT state, schema_revision FROM tenant") == [("active", head("tenant"))]
    assert revision_inside(installation, database) == head("tenant")
    assert database in installation.provisioner.inventory().open


def test_a_canary_that_fails_keeps_all_others_as_they_are(installation, fleet):
    companies = [old_company(installation, f"Company {n}") for n in range(3)]
    canary, database = companies[1]
    poison(installation, database)
    report = fleet.migrate(fleet.behind(), canaries=[canary])
    assert (report.is_stopped, report.left, len(report.results)) == (True, 2, 1)
    assert set(revisions(installation).values()) == {OLD}


def test_a_wave_with_too_many_failures_is_the_last(installation, fleet):
    companies = [old_company(installation, f"Company {n}") for n in range(3)]
    for _, database in companies[:2]:
        poison(installation, database)
    report = fleet.migrate(fleet.behind(), tolerate=0, jobs=1)
    assert (report.is_stopped, len(report.results), report.left) == (True, 1, 2)
    assert set(revisions(installation).values()) == {OLD}


def test_only_one_process_migrates(installation, fleet):
    old_company(installation, "Old")
    with installation.servers.try_lock(advisory_locks.MIGRATION), pytest.raises(Unavailable):
        fleet.migrate(fleet.behind())
    assert len(fleet.migrate(fleet.behind()).results) == 1


def test_a_database_at_a_revision_nobody_expects_is_left_alone(installation, fleet):
    _, database = old_company(installation, "Odd")
    installation.do("UPDATE alembic_version SET version_num = 'elsewhere'", database=database)
    (result,) = fleet.migrate(fleet.behind()).failed
    assert result.problem == f"is at schema revision elsewhere, where the catalog says {OLD}"


def test_a_revision_this_release_does_not_know_is_told(installation):
    with pytest.raises(OperatorError, match="is at schema revision 9999, which this release does not know"):
        change_from("9999", "owner", "writer")


@pytest.mark.sampled(2)
@pytest.mark.parametrize(
    ("where", "moment"),
    [
        ("crmtenant.services.fleet.migration:FleetMigration._execute", "before"),
        ("crmtenant.services.fleet.migration:FleetMigration._execute", "after"),
        ("crmtenant.db.schema.replay:SchemaChanges.apply", "before"),
        ("crmtenant.db.schema.replay:SchemaChanges.apply", "during"),
        ("crmtenant.db.schema.replay:SchemaChanges.apply", "after"),
    ],
)
def test_a_migration_killed_anywhere_leaves_each_company_wholly_old_or_new(
    installation, fleet, where, moment
):
    databases = dict(old_company(installation, f"Company {n}") for n in range(3))
    migrate_and_die(installation, where, moment)
    for database in databases.values():
        has_column = ("task", "updated_by", "text", "NO") in shape(installation, database)
        assert has_column == (revision_inside(installation, database) != OLD)
    fleet.migrate(fleet.behind())
    first, *others = [shape(installation, database) for database in databases.values()]
    assert all(other == first for other in others)
    assert set(revisions(installation).values()) == {head("tenant")}
    assert installation.rows("SELECT 1 FROM tenant WHERE migrating_until IS NOT NULL") == []
