"""Made-up fleets."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from crmtenant.services.monitoring.fleet_state import Fleet, FleetCompany, FleetServer, FleetWork

MOMENT = datetime(2026, 11, 28, 10, 0, tzinfo=UTC)
REVISION = "0007"
COMPANY = FleetCompany(
    id="c_1",
    slug="northwind",
    name="Northwind",
    state="active",
    server="main",
    size_bytes=8_930_000,
    users=4,
    schema_revision=REVISION,
    drift=None,
    proven_at=MOMENT - timedelta(hours=7),
    used_at=MOMENT,
    requests=10,
    errors=0,
    load=0.25,
)
SERVER = FleetServer("main", True, False, 100, 800, 1000, 1, 3, 0.25)
WORK = FleetWork("northwind", "sandbox", "masking", 70, MOMENT - timedelta(minutes=2))


def company(slug="northwind", **changes):
    return replace(COMPANY, slug=slug, **changes)


def fleet(*companies, servers=(SERVER,), work=()):
    return Fleet(MOMENT, REVISION, list(servers), list(work), list(companies or (COMPANY,)))


def many(count):
    return fleet(*(company(f"company-{number:04}") for number in range(count)))
