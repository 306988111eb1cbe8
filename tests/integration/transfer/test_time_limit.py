"""How long a statement of an import may run."""

from __future__ import annotations

from sqlalchemy import text

from crmtenant.db.pool.address import DatabaseAddress
from crmtenant.db.pool.broker import Broker
from tests.integration.transfer.importing import Importing


def test_an_import_has_longer_for_a_statement_and_others_do_not(
    broker: Broker, database: DatabaseAddress
) -> None:
    limit = text("SHOW statement_timeout")
    with broker.begin(database) as session:
        before = session.scalar(limit)
        Importing(session).csv("Name\nAnna\n", dry_run=True)
        assert (before, session.scalar(limit)) == ("10s", "1min")
    with broker.begin(database) as session:
        assert session.scalar(limit) == "10s"
