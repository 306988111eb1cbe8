"""A company with two projects; and one whose clock stands."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest

from crmtenant.clock import zone_named
from crmtenant.platform import Platform
from tests.functional.installation import Client, Company

#: Puts the company into a time zone and lets it be that time there ("2026-11-26T23:30").
SetClock = Callable[[str, str], None]


@pytest.fixture
def client(north: Company) -> Client:
    """Two projects, so columns 1 to 3 and 4 to 6."""
    client = north.client()
    client.create("/api/projects", name="First")
    client.create("/api/projects", name="Second")
    return client


@pytest.fixture
def set_clock(north: Company, platform: Platform, monkeypatch: pytest.MonkeyPatch) -> Iterator[SetClock]:
    def set_it(zone: str, local: str) -> None:
        assert north.client().patch("/api/company", {"time_zone": zone}).status_int == 200
        moment = datetime.fromisoformat(local).replace(tzinfo=zone_named(zone)).astimezone(UTC)
        monkeypatch.setattr(platform, "clock", lambda: moment)

    yield set_it
    north.client().patch("/api/company", {"time_zone": None})
