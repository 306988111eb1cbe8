"""Statements that connections keep prepared, and what a migration or a pooler does to them."""

from typing import Any

import psycopg2
import pytest
from sqlalchemy import BigInteger, Integer, Text, bindparam, column, insert, literal, select, table

from crmtenant.db.pool.connection import Purpose
from crmtenant.db.pool.prepared import MAX_PREPARED, PreparedStatementLost, compiled, execute_in
from crmtenant.db.pool.snapshot import Snapshot
from tests.integration.db.databases import address_of

_THING = table(
    "thing", column("id", BigInteger), column("name", Text(collation="C")), column("count", Integer)
)
_READ = select(_THING.c.name).where(_THING.c.id == bindparam("id"))
_ALL = select(_THING.c.name, literal("50 %").label("share")).order_by(_THING.c.id)
_INSERT = insert(_THING).values(name=bindparam("name", type_=Text)).returning(_THING.c.id)


@pytest.fixture
def address(installation: Any, database: str) -> Any:
    installation.admin(
        "CREATE TABLE thing (id bigint GENERATED ALWAYS AS IDENTITY, name text, count integer);"
        f"GRANT ALL ON thing TO \"{database}\"; INSERT INTO thing (name) VALUES ('one'), ('two') RETURNING id",
        database=database,
    )
    return address_of(installation, database)


def _kept(installation: Any, address: Any, *, is_read_only: bool = True) -> list[str]:
    """What the connection that is used next keeps, as PostgreSQL says, which is what we believe."""
    pooled = installation.broker.take(Purpose(address, is_read_only))
    with pooled.cursor() as cursor:
        cursor.execute("SELECT name FROM pg_prepared_statements ORDER BY prepare_time, name")
        found = [name for (name,) in cursor.fetchall()]
    pooled.rollback()
    assert sorted(found) == sorted(pooled.prepared)
    pooled.close()
    return found


def _read(installation: Any, address: Any, row_id: int = 1, **options: bool) -> Any:
    with installation.broker.reading(address) as reader:
        return reader.row(_READ, {"id": row_id}, is_prepared=True, **options)


def test_a_statement_is_prepared_once_a_connection(installation: Any, address: Any) -> None:
    assert [_read(installation, address, row_id) for row_id in (1, 2, 3)] == [("one",), ("two",), None]
    assert len(_kept(installation, address)) == 1


def test_text_as_it_was_sent(installation: Any, address: Any) -> None:
    assert _read(installation, address, as_bytes=True) == (b"one",)
    assert _read(installation, address) == ("one",)


def test_what_the_statement_itself_sets_is_part_of_it(installation: Any, address: Any) -> None:
    for _ in range(2):
        with installation.broker.reading(address) as reader:
            assert reader.rows(_ALL, is_prepared=True) == [("one", "50 %"), ("two", "50 %")]


def test_a_connection_keeps_a_few_and_the_oldest_goes(installation: Any, address: Any) -> None:
    statements = [select(_THING.c.name).limit(number) for number in range(1, MAX_PREPARED + 3)]
    with installation.broker.reading(address) as reader:
        for statement in statements:
            reader.rows(statement, is_prepared=True)
    first = _kept(installation, address)
    assert len(first) == MAX_PREPARED
    with installation.broker.reading(address) as reader:
        assert reader.rows(statements[0], is_prepared=True) == [("one",)]
    assert len(_kept(installation, address)) == MAX_PREPARED
    assert first[0] not in _kept(installation, address)


def test_its_columns_are_of_another_type_since_a_migration(installation: Any, address: Any) -> None:
    """SQLSTATE 0A000. Every connection finds out by itself, and goes."""
    with installation.broker.reading(address) as one, installation.broker.reading(address) as other:
        for reader in (one, other):
            assert reader.row(_READ, {"id": 1}, is_prepared=True) == ("one",)
    _alter(installation, address, "ALTER COLUMN name TYPE varchar(20)")
    assert _read(installation, address) == ("one",)
    assert _read(installation, address) == ("one",)
    assert _kept(installation, address) == []
    assert _read(installation, address) == ("one",)
    assert len(_kept(installation, address)) == 1


@pytest.mark.parametrize("change", ["ADD COLUMN more text DEFAULT 'x'", "ALTER COLUMN count TYPE bigint"])
def test_a_migration_that_leaves_its_columns(installation: Any, address: Any, change: str) -> None:
    _read(installation, address)
    _alter(installation, address, change)
    assert _read(installation, address, 2) == ("two",)
    assert len(_kept(installation, address)) == 1


@pytest.mark.parametrize("reset", ["DISCARD ALL", "DEALLOCATE ALL"])
def test_it_is_no_longer_there(installation: Any, address: Any, reset: str) -> None:
    """SQLSTATE 26000, after what poolers do between their clients."""
    _read(installation, address)
    _do(installation, address, reset)
    assert _read(installation, address, 2) == ("two",)
    assert _kept(installation, address) == []
    assert _read(installation, address, 1) == ("one",)


def test_it_is_there_although_nobody_knows(installation: Any, address: Any) -> None:
    """SQLSTATE 42P05: a pooler handed out a connection with what somebody else had prepared."""
    _read(installation, address)
    pooled = installation.broker.take(Purpose(address, is_read_only=True))
    pooled.prepared = []
    pooled.close()
    assert _read(installation, address, 2) == ("two",)
    assert _kept(installation, address) == []


def test_statements_of_one_text_and_other_values_have_names_of_their_own() -> None:
    one, other = (compiled(select(_THING.c.id).where(_THING.c.name == name)) for name in ("one", "other"))
    assert one.text == other.text
    assert one.name != other.name


def test_a_column_that_is_gone_is_an_error(installation: Any, address: Any) -> None:
    _read(installation, address)
    _alter(installation, address, "DROP COLUMN name")
    with pytest.raises(psycopg2.errors.UndefinedColumn):
        _read(installation, address)


def test_the_connection_goes_where_the_first_execution_fails(installation: Any, address: Any) -> None:
    """It is prepared then, and nobody would know."""
    failing = select(literal(1) / bindparam("by", type_=Integer))
    with installation.broker.reading(address) as reader, pytest.raises(psycopg2.errors.DivisionByZero):
        reader.rows(failing, {"by": 0}, is_prepared=True)
    with installation.broker.reading(address) as reader:
        assert reader.rows(failing, {"by": 1}, is_prepared=True) == [(1,)]


def test_a_snapshot_prepares_nothing(installation: Any, address: Any) -> None:
    with Snapshot(installation.broker, address) as snapshot:
        assert snapshot.row(_READ, {"id": 1}, is_prepared=True) == ("one",)
    assert _kept(installation, address) == []
    _read(installation, address)
    _alter(installation, address, "ALTER COLUMN name TYPE varchar(20)")
    with Snapshot(installation.broker, address) as snapshot:
        assert snapshot.row(_READ, {"id": 1}, is_prepared=True) == ("one",)


def test_a_session_writes_by_one_in_its_own_transaction(installation: Any, address: Any) -> None:
    with installation.broker.begin(address) as session:
        assert execute_in(session, _INSERT, {"name": "undone"}) == (3,)
        session.rollback()
    with installation.broker.begin(address) as session:
        assert execute_in(session, _INSERT, {"name": "it's 100 %"}) == (4,)
    assert len(_kept(installation, address, is_read_only=False)) == 1
    assert _read(installation, address, 4) == ("it's 100 %",)
    assert _read(installation, address, 3) is None


def test_a_write_whose_statement_is_lost_is_put_off(installation: Any, address: Any) -> None:
    with installation.broker.begin(address) as session:
        execute_in(session, _INSERT, {"name": "three"})
    _do(installation, address, "DEALLOCATE ALL", is_read_only=False)
    with pytest.raises(PreparedStatementLost), installation.broker.begin(address) as session:
        execute_in(session, _INSERT, {"name": "four"})
    with installation.broker.begin(address) as session:
        assert execute_in(session, _INSERT, {"name": "four"}) == (4,)


def test_two_companies_share_none(installation: Any, address: Any) -> None:
    """A connection belongs to one database: what is prepared for one is never asked of another."""
    _read(installation, address)
    assert _kept(installation, installation.catalog.address) == []


def _alter(installation: Any, address: Any, change: str) -> None:
    installation.do(f"ALTER TABLE thing {change}", database=address.database)


def _do(installation: Any, address: Any, statement: str, *, is_read_only: bool = True) -> None:
    """Do this on the connection that is used next."""
    pooled = installation.broker.take(Purpose(address, is_read_only))
    pooled.autocommit = True
    with pooled.cursor() as cursor:
        cursor.execute(statement)
    pooled.autocommit = is_read_only
    pooled.close()
