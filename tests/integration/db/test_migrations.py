"""The migrations make exactly what the models say."""

import secrets
from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from crmtenant.db.schema.migrations import head, upgrade
from crmtenant.models.catalog.tables import CatalogBase
from crmtenant.models.tenant import metadata as tenant_tables
from crmtenant.text.search_query import tsquery

METADATA = {"catalog": CatalogBase.metadata, "tenant": tenant_tables}

COLUMNS = """
    SELECT attrelid::regclass::text, attname, format_type(atttypid, atttypmod), attnotnull, attidentity,
           attcollation::regcollation::text, pg_get_expr(adbin, adrelid)
    FROM pg_attribute
    JOIN pg_class ON pg_class.oid = attrelid AND relkind = 'r' AND relnamespace = 'public'::regnamespace
    LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
    WHERE attnum > 0 AND NOT attisdropped
"""
CONSTRAINTS = """
    SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace AND contype <> 'n'
"""
INDEXES = "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"
ALEMBICS_OWN = "alembic_version"
#: Only administrators touch a company's copy of what the catalog says of it.
NOT_THE_WRITERS = {"essentials"}


@pytest.fixture
def empty_database(installation):
    """Makes empty databases owned by the installation's owner role; gone afterwards."""
    made = []

    def make():
        made.append(f"{installation.names.catalog}_{secrets.token_hex(4)}")
        installation.do("CREATE DATABASE {} OWNER {} TEMPLATE template0", made[-1], installation.names.owner)
        return installation.server.admin(made[-1])

    yield make
    for database in made:
        installation.do("DROP DATABASE {} WITH (FORCE)", database)


@pytest.fixture
def migrated(installation, empty_database):
    def make(kind):
        address = empty_database()
        upgrade(address, kind, owner=installation.names.owner, writer=installation.names.rw)
        return address

    return make


def _connection(address):
    return create_engine("postgresql+psycopg2://", creator=address.connect, poolclass=NullPool).connect()


def _shape(address):
    with _connection(address) as connection:
        return {
            tuple(row)
            for query in (COLUMNS, CONSTRAINTS, INDEXES)
            for row in connection.execute(text(query))
            if row[0] != ALEMBICS_OWN
        }


@pytest.mark.parametrize("kind", ["catalog", "tenant"])
def test_alembic_finds_nothing_left_to_do_after_the_migrations(kind, migrated):
    with _connection(migrated(kind)) as connection:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        assert compare_metadata(context, METADATA[kind]) == []
        assert context.get_current_revision() == head(kind)


@pytest.mark.parametrize("kind", ["catalog", "tenant"])
def test_the_migrations_make_what_create_all_makes_down_to_the_last_index(kind, migrated, empty_database):
    from_models = empty_database()
    with _connection(from_models) as connection, connection.begin():
        METADATA[kind].create_all(connection)
    shape = _shape(migrated(kind))
    assert shape == _shape(from_models)
    assert any("USING gin" in str(row) for row in shape) == (kind == "tenant")


LOGS = {"change", "batch", "batch_row", "clock"}
"""Tables of a company whose rows its own role may not all change."""


@pytest.mark.parametrize("kind", ["catalog", "tenant"])
def test_everything_belongs_to_the_owner_and_nothing_is_everybodys(kind, migrated, installation):
    with _connection(migrated(kind)) as connection:
        owners = connection.scalars(
            text(
                "SELECT DISTINCT pg_get_userbyid(relowner) FROM pg_class "
                "WHERE relnamespace = 'public'::regnamespace"
            )
        ).all()
        shared = connection.execute(
            text(
                "SELECT relname FROM pg_class, aclexplode(relacl) WHERE grantee = 0 "
                "AND relnamespace = 'public'::regnamespace "
                "UNION ALL SELECT nspname FROM pg_namespace, aclexplode(nspacl) "
                "WHERE grantee = 0 AND nspname = 'public'"
            )
        ).all()
        granted = connection.execute(
            text(
                "SELECT relname, array_agg(privilege_type::text ORDER BY 1) "
                "FROM pg_class, aclexplode(relacl) "
                "WHERE grantee = CAST(:writer AS regrole) AND relkind = 'r' GROUP BY 1"
            ),
            {"writer": installation.names.rw},
        ).all()
    assert owners == [installation.names.owner]
    assert shared == []
    grants = dict(granted)
    assert grants.pop(ALEMBICS_OWN) == ["SELECT"]
    if kind == "catalog":
        # Lines are only ever added; which columns may be given is granted one by one.
        assert grants.pop("journal") == ["SELECT"]
    if kind == "tenant":
        # What is written stays written; which columns may be given is granted one by one.
        assert {table: set(grants.pop(table)) for table in LOGS} == {
            "change": {"INSERT", "SELECT"},
            "batch": {"INSERT", "SELECT"},
            "batch_row": {"INSERT", "SELECT"},
            "clock": {"INSERT", "SELECT", "UPDATE"},
        }
    assert set(grants) == set(METADATA[kind].tables) - {"journal"} - LOGS - NOT_THE_WRITERS
    assert {tuple(sorted(privileges)) for privileges in grants.values()} == {
        ("DELETE", "INSERT", "SELECT", "UPDATE")
    }


def test_migrating_twice_changes_nothing(installation, migrated):
    address = migrated("tenant")
    before = _shape(address)
    upgrade(address, "tenant", owner=installation.names.owner, writer=installation.names.rw)
    assert _shape(address) == before


def test_threads_that_migrate_at_once_take_turns(installation, empty_database):
    kinds = ["catalog", "tenant", "tenant", "catalog"]
    addresses = [(empty_database(), kind) for kind in kinds]
    with ThreadPoolExecutor(len(addresses)) as pool:
        list(
            pool.map(
                lambda pair: upgrade(*pair, owner=installation.names.owner, writer=installation.names.rw),
                addresses,
            )
        )
    shapes = [_shape(address) for address, _ in addresses]
    assert shapes[0] == shapes[3]
    assert shapes[1] == shapes[2]
    assert shapes[0] != shapes[1]


def test_rows_from_before_were_last_changed_by_who_made_them(installation, empty_database):
    address = empty_database()
    names = installation.names
    upgrade(address, "tenant", owner=names.owner, writer=names.rw, revision="0001")
    columns = "name, status, member_ids, tags, name_key, search, created_at, updated_at, created_by, version"
    with _connection(address) as connection, connection.begin():
        connection.execute(
            text(
                f"INSERT INTO project ({columns}) "
                "VALUES ('Old', 'planned', '{}', '{}', 'old', '', now(), now(), 'u_anna', 1)"
            )
        )
    upgrade(address, "tenant", owner=names.owner, writer=names.rw)
    with _connection(address) as connection:
        assert connection.execute(text("SELECT updated_by FROM project")).all() == [("u_anna",)]


CONTACT = """
    INSERT INTO contact (kind, name, organization_id, emails, phones, addresses, urls, tags, custom, name_key,
                         email_keys, phone_keys, countries, search, created_at, updated_at, created_by, updated_by, version)
    VALUES (:kind, :name, :organization_id, :emails, :phones, '[]', '[]', '{}', '{}', 'x',
            '{}', '{}', '{}', '', now(), now(), 'u', 'u', 7)
"""
OLD_CONTACTS = (
    {
        "kind": "organization",
        "name": "Müller Söhne AG",
        "organization_id": None,
        "emails": "[]",
        "phones": "[]",
    },
    {
        "kind": "person",
        "name": "Sean O'Brien",
        "organization_id": 1,
        "emails": '[{"value": "Sean@exämple.de"}]',
        "phones": '[{"value": "+49 89 1234567", "e164": "+49891234567"}]',
    },
)
FINDS = "SELECT name FROM contact WHERE search @@ CAST(:q AS tsquery) ORDER BY id"


def test_rows_from_before_are_found_by_the_rules_of_today(installation, empty_database):
    address, names = empty_database(), installation.names
    upgrade(address, "tenant", owner=names.owner, writer=names.rw, revision="0005")
    with _connection(address) as connection, connection.begin():
        for contact in OLD_CONTACTS:
            connection.execute(text(CONTACT), contact)
    upgrade(address, "tenant", owner=names.owner, writer=names.rw)
    with _connection(address) as connection:
        keys = connection.execute(
            text("SELECT match_key, email_keys, source_keys, version FROM contact ORDER BY id")
        ).all()
        found = {
            q: connection.scalars(text(FINDS), {"q": tsquery(q)}).all()
            for q in ("obrien", "0049 89 123", "4567", "ller sohne gmbh")
        }
    assert [tuple(row) for row in keys] == [
        ("mullersohne ag", [], [], 7),
        ("brien o sean", ["sean@xn--exmple-cua.de"], [], 7),
    ]
    assert found == {
        "obrien": ["Sean O'Brien"],
        "0049 89 123": ["Sean O'Brien"],
        "4567": ["Sean O'Brien"],
        "ller sohne gmbh": ["Müller Söhne AG"],
    }
