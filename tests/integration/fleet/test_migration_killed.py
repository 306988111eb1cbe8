"""A fleet with bad companies in it, whose migration is killed again and again, comes to the new schema all the same.

`CRMTENANT_TORTURE` makes the fleet 50 companies and the kills 20.
"""

import pytest

from crmtenant.db.schema.migrations import head
from tests.integration.fleet.first_schema import OLD, bring_back
from tests.integration.fleet.test_migration import old_company, poison, revision_inside, shape
from tests.integration.killing import migrate_together_and_die
from tests.integration.saving import address_of
from tests.sampling import IS_TORTURE

COMPANIES, POISONED, KILLS = (50, 3, 20) if IS_TORTURE else (4, 1, 2)

FLEET = "crmtenant.services.fleet.migration:FleetMigration"
CHANGES = "crmtenant.db.schema.replay:SchemaChanges"
PLACES = [
    (f"{FLEET}._migrate_wave", "later"),
    (f"{CHANGES}.apply", "during"),
    (f"{FLEET}._execute", "after"),
    (f"{CHANGES}.apply", "before"),
    (f"{CHANGES}.apply", "after"),
    (f"{FLEET}._record_revision", "before"),
    (f"{FLEET}._record_revision", "during"),
    (f"{FLEET}._record_revision", "after"),
]


@pytest.fixture
def companies(installation):
    """Companies at the first revision, by the names of their databases, with a row in each."""
    made = dict(reversed(old_company(installation, f"Company {n}")) for n in range(COMPANIES))
    for database in made:
        mark(installation, database)
    return made


def mark(installation, database):
    installation.do(
        "INSERT INTO answer (user_id, key, request_hash, created_at) VALUES ('u', 'k', '\\x00', now())",
        database=database,
    )


def age(installation, database):
    """Bring the migrated company back to the first revision, so that there is always something to migrate."""
    bring_back(installation, database)
    mark(installation, database)
    installation.rows(
        "UPDATE tenant SET schema_revision = :old WHERE database = :database RETURNING 1",
        old=OLD,
        database=database,
    )


def serves(installation, database):
    """Whether the company's role comes in, finds the row it had, and writes."""
    ((tenant_id,),) = installation.rows("SELECT id FROM tenant WHERE database = :database", database=database)
    connection = address_of(installation, tenant_id).connect()
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute("UPDATE answer SET created_at = now() RETURNING user_id, key")
            return cursor.fetchall() == [("u", "k")]
    finally:
        connection.close()


def test_a_fleet_whose_migration_is_killed_over_and_over_arrives(installation, companies, chance):
    bad = set(chance.sample(sorted(companies), POISONED))
    for database in bad:
        poison(installation, database)
    old = shape(installation, next(database for database in companies if database not in bad))
    poisoned = shape(installation, next(iter(bad)))
    new = None
    # In torture each of them at least twice.
    places = chance.sample(PLACES, len(PLACES))
    for kill in range(KILLS):
        where, moment = places[kill % len(places)]
        migrate_together_and_die(
            installation,
            where,
            moment,
            chance.randint(1, 2),
            chance.uniform(0.001, 0.5 if moment == "later" else 0.01),
        )
        for database in companies:
            revision, found = revision_inside(installation, database), shape(installation, database)
            if database in bad:
                assert (revision, found) == (OLD, poisoned)
            elif revision == OLD:
                assert found == old
            else:
                new = new or found
                assert (revision, found) == (head("tenant"), new)
            assert serves(installation, database)
            if revision != OLD:
                age(installation, database)
    fleet = installation.fleet()
    report = fleet.migrate(fleet.behind())
    assert {result.company.database for result in report.failed} == bad
    assert (len(report.results), report.left) == (COMPANIES, 0)
    assert all("updated_by" in result.problem for result in report.failed)
    for database in companies.keys() - bad:
        assert revision_inside(installation, database) == head("tenant")
        assert serves(installation, database)
    assert {company.database for company in fleet.behind()} == bad
    assert installation.rows("SELECT 1 FROM tenant WHERE migrating_until IS NOT NULL") == []
