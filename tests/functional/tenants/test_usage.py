"""What a company's requests use is counted for it, by day, and for no other."""

from __future__ import annotations

import dataclasses
import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, select, update
from structlog.testing import capture_logs

from crmtenant.db.pool import timing
from crmtenant.models.catalog.tables import Tenant
from crmtenant.models.catalog.usage import UsageDay
from crmtenant.platform import Platform
from crmtenant.services.entities import listing
from crmtenant.services.monitoring.top_companies import RANKS, read_ranks, top
from crmtenant.services.monitoring.usage import UsageCounter, Use, prune
from tests.functional.installation import Client, Company

NAMES = [field.name for field in dataclasses.fields(Use)]


#: A day that no other test counts on.
TODAY = datetime(2031, 5, 17, 12, tzinfo=UTC)


@pytest.fixture
def counter(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> UsageCounter:
    """A counter of its own for the application, on a day of its own."""
    own = UsageCounter(platform.databases.catalog, lambda: TODAY)
    monkeypatch.setattr(platform, "tenants", dataclasses.replace(platform.tenants, usage=own))
    prune(platform.databases.catalog, TODAY.date() + timedelta(days=1))
    return own


def used(platform: Platform, counter: UsageCounter, company: Company) -> Use:
    counter.flush()
    statement = select(*(UsageDay.__table__.c[name] for name in NAMES)).where(
        UsageDay.tenant_id == company.id, UsageDay.day == TODAY.date()
    )
    with platform.databases.catalog.begin() as session:
        row = session.execute(statement).one_or_none()
    return Use(**dict(zip(NAMES, row, strict=True))) if row else Use()


def test_requests_are_counted_for_the_company_that_asked(
    platform: Platform, counter: UsageCounter, north: Company, south: Company
) -> None:
    body = b'{"given_name": "Anna"}'
    headers = {"Content-Type": "application/json"}
    assert north.client().raw("POST", "/api/contacts", body, headers).status_int == 201
    answer = north.client().get("/api/contacts")
    found = used(platform, counter, north)
    assert (found.requests, found.errors, found.bytes_in) == (2, 0, len(body))
    assert found.bytes_out > len(answer.body)
    assert found.thread_seconds > found.database_seconds > 0
    assert used(platform, counter, south) == Use()


def test_what_two_processes_counted_is_added_up(
    platform: Platform, counter: UsageCounter, north: Company
) -> None:
    other = UsageCounter(platform.databases.catalog, lambda: TODAY + timedelta(hours=1))
    for process in (counter, other):
        for _ in range(2):
            process.count(north.id, Use(1, 1, 1, 10, 100, 0.5, 0.25))
            process.flush()
    assert used(platform, counter, north) == Use(4, 4, 4, 40, 400, 2.0, 1.0)
    (first,) = top(platform.databases.catalog, "requests", TODAY.date(), TODAY.date())
    assert first.last_used_at == TODAY + timedelta(hours=1)


def test_a_companys_end_does_not_stop_the_others_figures(
    platform: Platform, counter: UsageCounter, north: Company
) -> None:
    counter.count("c_gone", Use(1))
    counter.count(north.id, Use(1))
    assert used(platform, counter, north).requests == 1


def test_what_could_not_be_written_is_kept_and_what_was_not_flushed_is_lost(
    platform: Platform, counter: UsageCounter, north: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    counter.count(north.id, Use(1))
    with monkeypatch.context() as patched:
        patched.setattr(type(platform.databases.catalog), "begin", _away)
        with pytest.raises(ConnectionError):
            counter.flush()
    counter.count(north.id, Use(2))
    assert used(platform, counter, north).requests == 3
    # A killed process: what it had in memory since then is not in the catalog.
    counter.count(north.id, Use(1))
    assert used(platform, UsageCounter(platform.databases.catalog, lambda: TODAY), north).requests == 3


def _away(_: object) -> None:
    raise ConnectionError


def test_the_figures_of_a_day_survive_counting_in_many_threads(
    platform: Platform, counter: UsageCounter, north: Company
) -> None:
    threads = [
        threading.Thread(target=lambda: [counter.count(north.id, Use(1)) for _ in range(500)])
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    counter.flush()
    for thread in threads:
        thread.join()
    assert used(platform, counter, north).requests == 2000


def test_our_own_errors_are_counted_and_clients_are_not(
    platform: Platform, counter: UsageCounter, north: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = north.client()
    assert client.get("/api/contacts/4711").status_int == 404
    assert client.post("/api/contacts", []).status_int == 422
    monkeypatch.setattr(listing, "find", _broken)
    with capture_logs():
        assert client.get("/api/contacts/1").status_int == 500
    found = used(platform, counter, north)
    assert (found.requests, found.errors) == (3, 1)


def _broken(*_: object) -> None:
    raise RuntimeError


def test_a_company_that_is_put_off_has_errors(
    platform: Platform, counter: UsageCounter, north: Company
) -> None:
    client = north.client()
    client.get("/api")
    try:
        _migrate(platform, north, datetime.now(UTC) + timedelta(minutes=1))
        assert client.get("/api/contacts").status_int == 503
    finally:
        _migrate(platform, north, None)
    found = used(platform, counter, north)
    assert (found.requests, found.errors) == (2, 1)


def _migrate(platform: Platform, company: Company, until: datetime | None) -> None:
    with platform.databases.catalog.begin() as session:
        session.execute(update(Tenant).where(Tenant.id == company.id).values(migrating_until=until))
    platform.identity.access.forget_company(company.id)


def test_a_file_that_is_sent_while_it_is_read_is_counted_wholly(
    platform: Platform, counter: UsageCounter, north: Company
) -> None:
    client = north.client()
    client.post("/api/contacts/bulk", {"create": [{"given_name": "A"}] * 50})
    counter.flush()
    before = used(platform, counter, north)
    answer = client.get("/api/contacts/export", format="csv")
    found = used(platform, counter, north)
    assert found.requests == before.requests + 1
    assert found.bytes_out == before.bytes_out + len(answer.body)
    whole = client.get("/api/company/export")
    assert used(platform, counter, north).bytes_out == found.bytes_out + len(whole.body)
    assert whole.headers["Content-Length"] == str(len(whole.body))


def test_nobody_is_counted_for_what_belongs_to_no_company(
    platform: Platform, counter: UsageCounter, anonymous: Client
) -> None:
    anonymous.get("/api/health")
    anonymous.get("/api/contacts")
    anonymous.get("/")
    assert counter._uses == {}


def test_slow_statements_are_counted(
    platform: Platform, counter: UsageCounter, north: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timing, "SLOW_SECONDS", 0.0)
    north.client().get("/api/contacts")
    assert used(platform, counter, north).slow_statements >= 1


@pytest.mark.parametrize("order", ["requests", "seconds", "database", "errors", "slow", "traffic"])
def test_the_top_companies_come_in_order_and_by_name(
    platform: Platform, counter: UsageCounter, north: Company, south: Company, order: str
) -> None:
    counter.count(north.id, Use(1, 1, 1, 1, 1, 1.0, 1.0))
    counter.count(south.id, Use(2, 2, 2, 2, 2, 2.0, 2.0))
    counter.flush()
    found = top(platform.databases.catalog, order, TODAY.date(), TODAY.date())
    assert [one.slug for one in found] == [south.slug, north.slug]
    assert top(platform.databases.catalog, order, TODAY.date() - timedelta(days=1), TODAY.date()) == []


def test_old_days_are_pruned(platform: Platform, counter: UsageCounter, north: Company) -> None:
    counter.count(north.id, Use(1))
    counter.flush()
    prune(platform.databases.catalog, TODAY.date())
    assert used(platform, counter, north).requests == 1
    prune(platform.databases.catalog, TODAY.date() + timedelta(days=1))
    assert used(platform, counter, north) == Use()


def test_the_metrics_have_twenty_ranks_of_each_figure_however_many_companies_there_are(
    platform: Platform, north: Company
) -> None:
    with platform.databases.catalog.begin() as session:
        row = session.get_one(Tenant, north.id)
        for number in range(RANKS + 5):
            copied = {column.key: getattr(row, column.key) for column in Tenant.__mapper__.columns.values()}
            one = {
                "id": f"c_{number}",
                "slug": f"ranked-{number}",
                "database": f"t_{number}",
                "state": "deleted",
            }
            session.add(Tenant(**{**copied, **one}))
            session.flush()
            session.add(UsageDay(tenant_id=one["id"], day=datetime.now(UTC).date(), requests=number + 1))
    try:
        requests = [value for name, _, value in read_ranks(platform.databases.catalog) if "requests" in name]
        assert len(requests) == RANKS
        assert requests == sorted(requests, reverse=True)
    finally:
        with platform.databases.catalog.begin() as session:
            session.execute(delete(Tenant).where(Tenant.slug.startswith("ranked-")))
