"""Exports are read in batches, organisations first, and hold no connection in between."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import delete

from crmtenant.db.pool.address import DatabaseAddress
from crmtenant.db.pool.broker import Broker
from crmtenant.db.pool.reader import Reader
from crmtenant.models.tenant.contact import Contact
from crmtenant.services.transfer.contact_export import ROWS_AT_ONCE, contacts_in_batches
from tests.integration.transfer.importing import Importing

PEOPLE = ROWS_AT_ONCE * 2 + 7


@pytest.fixture
def filled(broker: Broker, database: DatabaseAddress) -> Iterator[DatabaseAddress]:
    """A database with committed contacts: people first, their organisation last of all by name."""
    rows = "".join(f"Zeta,Person {n},p{n}@x.example\n" for n in range(PEOPLE))
    with broker.begin(database) as session:
        Importing(session).csv(f"Company,Name,E-mail\n{rows}")
    yield database
    with broker.begin(database) as session:
        session.execute(delete(Contact))


class Readers:
    """Opens readers and counts how many are open."""

    def __init__(self, broker: Broker, address: DatabaseAddress) -> None:
        self.broker, self.address = broker, address
        self.opened = self.open_now = 0

    @contextmanager
    def __call__(self) -> Iterator[Reader]:
        self.opened += 1
        self.open_now += 1
        with self.broker.reading(self.address) as reader:
            yield reader
        self.open_now -= 1


def test_all_contacts_come_in_batches_organisations_first(broker: Broker, filled: DatabaseAddress) -> None:
    readers = Readers(broker, filled)
    sizes, found = [], []
    for batch in contacts_in_batches(readers, {}):
        assert readers.open_now == 0
        sizes.append(len(batch))
        found += batch
    assert sizes == [1, ROWS_AT_ONCE, ROWS_AT_ONCE, 7]
    assert readers.opened == len(sizes)
    assert [item["name"] for item in found[:2]] == ["Zeta", "Person 0"]
    assert {item["organization"] for item in found[1:]} == {"Zeta"}


def test_filters_hold_and_nothing_is_no_batch(broker: Broker, filled: DatabaseAddress) -> None:
    readers = Readers(broker, filled)
    (batch,) = contacts_in_batches(readers, {"kind": "organization"})
    assert [item["organization"] for item in batch] == [None]
    assert list(contacts_in_batches(readers, {"country": "JP"})) == []
