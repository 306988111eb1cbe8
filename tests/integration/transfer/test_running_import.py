"""How far an import is can be seen before it is written, and it can be called off."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crmtenant.db.pool.address import DatabaseAddress
from crmtenant.db.pool.broker import Broker
from crmtenant.db.pool.reader import Reader
from crmtenant.errors import Conflict
from crmtenant.formats.parsed_contact import ParsedContact
from crmtenant.models.tenant.change import LoggedChange
from crmtenant.models.tenant.contact import Contact
from crmtenant.services.transfer import running_import
from tests.integration.transfer.importing import Importing


def test_others_see_how_far_an_import_is(broker: Broker, database: DatabaseAddress) -> None:
    seen: list[int | None] = []

    def look() -> None:
        with closing(Reader(broker, database)) as reader:
            seen.append(running_import.row_of(reader))

    def contacts() -> Iterator[ParsedContact]:
        for number in range(1, 1_201):
            if number in (1, 600, 1_100):
                look()
            yield ParsedContact(number, {"name": f"Person {number}"})

    with broker.begin(database) as session:
        Importing(session).parsed(contacts())
        look()
        session.rollback()
    look()
    assert seen == [None, 1, 501, 1001, None]


@pytest.mark.parametrize("dry_run", [False, True])
def test_an_import_that_is_called_off_leaves_nothing(
    broker: Broker, database: DatabaseAddress, dry_run: bool
) -> None:
    ended: list[Future[None]] = []

    def call_off() -> None:
        with broker.begin(database) as other:
            running_import.call_off(other)

    def contacts() -> Iterator[ParsedContact]:
        for number in range(1, 100_001):
            if number == 1_000:
                ended.append(threads.submit(call_off))
            assert not any(future.done() for future in ended)
            yield ParsedContact(number, {"name": f"Person {number}"})

    with broker.begin(database) as session:
        before = _written(session)
    with ThreadPoolExecutor(1) as threads:
        with pytest.raises(Conflict) as refusal, broker.begin(database) as session:
            Importing(session).parsed(contacts(), dry_run=dry_run)
        ended[0].result(timeout=10)
    assert refusal.value.reason == "import_called_off"
    with broker.begin(database) as session:
        assert _written(session) == before


def _written(session: Session) -> list[int | None]:
    """How many contacts there are, and lines of the log."""
    return [session.scalar(select(func.count()).select_from(table)) for table in (Contact, LoggedChange)]


def test_calling_off_what_does_not_run_is_no_error(broker: Broker, database: DatabaseAddress) -> None:
    with broker.begin(database) as session:
        running_import.call_off(session)
        assert Importing(session).csv("Name\nAnna\n").created == 1
        session.rollback()
