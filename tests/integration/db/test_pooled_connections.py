"""The session settings of pooled connections, also behind a connection pooler."""

from typing import Any

import psycopg2
import pytest

from crmtenant.db.pool.connection import Purpose


@pytest.mark.parametrize(("is_read_only", "told"), [(True, "on"), (False, "off")])
def test_a_connection_knows_its_time_its_patience_and_whether_it_may_write(
    installation: Any, is_read_only: bool, told: str
) -> None:
    pooled = installation.broker.take(Purpose(installation.catalog.address, is_read_only))
    with pooled.cursor() as cursor:
        found = []
        for name in ("TimeZone", "statement_timeout", "default_transaction_read_only"):
            cursor.execute(f"SHOW {name}")
            found.append(cursor.fetchone()[0])
    pooled.rollback()
    pooled.close()
    assert found == ["UTC", "10s", told]


def test_a_reading_connection_cannot_write(installation: Any) -> None:
    pooled = installation.broker.take(Purpose(installation.catalog.address, is_read_only=True))
    with pooled.cursor() as cursor, pytest.raises(psycopg2.errors.ReadOnlySqlTransaction):
        cursor.execute("DELETE FROM spare")
    pooled.close()
