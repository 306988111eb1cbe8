"""What is bounded in a table that is large by PostgreSQL's estimate, and exact in every other (ADR 32)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import text

from crmtenant.api.crm import ENTITIES
from crmtenant.api.entities.registration import entity_tree_of
from crmtenant.db.pool.address import ServerAddress
from crmtenant.db.pool.broker import Broker
from crmtenant.db.pool.reader import Reader
from crmtenant.db.schema import table_size
from crmtenant.models.base import TenantBase
from crmtenant.services.crm.contacts import CONTACT
from crmtenant.services.entities.listing import MOST_COUNTED, Page, PageRequest, page, page_statement
from crmtenant.services.overview import search, tags
from crmtenant.text.search_query import tsquery
from tests.integration.scratch import scratch_database

NOUNS = entity_tree_of(ENTITIES).entities
ROWS = MOST_COUNTED + 500
CONTACTS = text("""
    INSERT INTO contact (kind, name, emails, phones, addresses, urls, tags, custom, name_key, match_key, email_keys,
        phone_keys, countries, source_keys, search, created_at, updated_at, created_by, updated_by, version)
    SELECT 'person', name, '[]', '[]', '[]', '[]', tags, '{}', lower(name), lower(name), '{}', '{}', '{}', '{}',
        array_to_tsvector(ARRAY['berg', lower(name)]), moment, moment, 'u', 'u', 1
    FROM generate_series(1, :rows) AS number
    CROSS JOIN LATERAL (SELECT
        CASE WHEN number = 1 THEN 'Bergmann' WHEN number <= 10 THEN 'Anna' ELSE 'Zoe' END AS name,
        CASE WHEN number % 4 = 0 THEN ARRAY['vip', 'all'] ELSE ARRAY['all'] END AS tags,
        timestamptz '2026-01-01' + number * interval '1 minute' AS moment) AS own
""")


@pytest.fixture(scope="module")
def reader(server_address: ServerAddress) -> Iterator[Reader]:
    """A company whose contacts are many, for a table of which a hundred are few."""
    broker = Broker(budget=4, per_database=4, simultaneous_connects=1, statement_timeout_seconds=10)
    try:
        with (
            pytest.MonkeyPatch.context() as patched,
            scratch_database(server_address, "large") as address,
        ):
            patched.setattr(table_size, "SMALL", 100)
            page_statement.cache_clear()
            with broker.begin(address) as session:
                TenantBase.metadata.create_all(session.connection())
                session.execute(CONTACTS, {"rows": ROWS})
                session.execute(text("ANALYZE contact"))
            with broker.reading(address) as reader:
                yield reader
            broker.forget(address)
    finally:
        broker.close()
        page_statement.cache_clear()


def counted(reader: Reader, **filters: str) -> Page:
    return page(
        reader,
        CONTACT,
        PageRequest(filters, "updated_at", is_descending=True, limit=5, viewer_id="u", is_counted=True),
    )


def test_what_a_filter_finds_is_counted_to_a_thousand(reader: Reader) -> None:
    found = counted(reader, q=tsquery("berg") or "")
    assert (len(found.items), found.total, found.is_total_least) == (5, MOST_COUNTED, True)
    found = counted(reader, tag="vip")
    assert (found.total, found.is_total_least) == (ROWS // 4, False)
    found = counted(reader, q=tsquery("nobody") or "")
    assert (found.items, found.total, found.is_total_least) == ([], 0, False)


def test_a_whole_list_is_counted_to_its_end(reader: Reader) -> None:
    found = counted(reader)
    assert (found.total, found.is_total_least) == (ROWS, False)


def test_titles_that_begin_so_come_first_however_old_they_are(reader: Reader) -> None:
    found = search.find(reader, NOUNS, "berg", 3)
    assert [one["id"] for one in found] == [1, ROWS, ROWS - 1]
    assert [one["title"] for one in search.find(reader, NOUNS, "berg anna", 2)] == ["Anna", "Anna"]


def test_tags_have_the_share_that_the_statistics_say(reader: Reader) -> None:
    assert tags.used(reader, NOUNS)["contacts"] == [
        {"name": "all", "count": ROWS},
        {"name": "vip", "count": ROWS // 4},
    ]
