"""Measuring companies, and telling their owners before a quota bites."""

from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from crmtenant.models.catalog.tables import Tenant
from crmtenant.services.identity.quotas import Limits, Quotas
from crmtenant.services.jobs import measuring
from crmtenant.services.jobs.measuring import Measuring


class Measured:
    """Measures the companies of an installation at a certain time."""

    def __init__(self, morning, **defaults):
        self.morning, installation = morning, morning.installation
        self.quotas = Quotas(installation.catalog, lambda _: None, Limits(**defaults))
        self.measuring = Measuring(
            installation.catalog,
            installation.servers,
            installation.addresses,
            self.quotas,
            morning.outbox,
            days_kept=90,
            clock=lambda: morning.moment,
        )

    def later(self, **delta):
        """How many are measured after this time."""
        self.morning.moment += timedelta(**delta)
        return self.measuring.measure_due()

    def rows(self, tenant_id):
        return self.quotas.use(tenant_id).row_count

    def mails(self):
        return [subject for _, subject, _ in self.morning.mails()]


@pytest.fixture
def measured(morning):
    return lambda **defaults: Measured(morning, **defaults)


def test_companies_are_measured_once_a_day_without_their_trash(morning, measured):
    company, _ = morning.company()
    morning.task(company, "one")
    morning.task(company, "two")
    morning.task(company, "gone", deleted_at=morning.moment)
    one = measured()
    assert one.later() == 1
    use = one.quotas.use(company)
    assert (use.row_count, use.members, use.measured_at) == (2, 1, morning.moment)
    assert use.size_bytes > 1_000_000
    morning.task(company, "three")
    assert (one.later(hours=23), one.rows(company)) == (0, 2)
    assert (one.later(hours=1), one.rows(company)) == (1, 3)
    days = morning.installation.rows("SELECT day, row_count FROM usage_day ORDER BY day")
    assert [rows for _, rows in days] == [2, 3]


def test_companies_near_a_quota_are_measured_every_hour(morning, measured):
    company, _ = morning.company()
    one = measured(rows=5)
    for number in range(4):
        morning.task(company, f"task {number}")
    assert [one.later(), one.later(minutes=59), one.later(minutes=1), one.later(hours=1)] == [1, 0, 1, 1]


def test_owners_are_told_once_at_80_and_at_100_percent(morning, measured):
    company, _ = morning.company()
    morning.colleague(company)
    one = measured(rows=5)

    def rows_become(count):
        for number in range(count - (one.rows(company) or 0)):
            morning.task(company, f"task {number}")
        one.later(days=1)
        return one.mails()

    assert rows_become(3) == []
    assert rows_become(4) == ["North: 4 of 5 records created"]
    assert len(rows_become(4)) == 1
    assert rows_become(6)[1:] == ["North: 6 of 5 records created"]
    assert len(rows_become(7)) == 2
    ((_, _, near), (_, _, full)) = morning.mails()
    assert "Once there are that many" in near
    assert "So nothing new can be created" in full
    assert "https://crm.example/settings/company?company=north" in full
    # More room, and the same again.
    one.quotas.set(company, {"rows": 100}, frozenset())
    one.later(days=1)
    one.quotas.set(company, {"rows": 7}, frozenset())
    one.later(days=1)
    assert len(one.mails()) == 3


def test_the_share_has_to_fall_well_below_before_owners_are_told_anew(morning, measured):
    company, _ = morning.company()
    one = measured()
    for number in range(8):
        morning.task(company, f"task {number}")
    for most in (10, 11, 10):  # 80 %, 72 %, 80 %
        one.quotas.set(company, {"rows": most}, frozenset())
        one.later(days=1)
    assert len(one.mails()) == 1


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", {"North: 8.4 MB of 9 MB of storage used", "North: 2 of 2 seats taken"}),
        ("de", {"North: 8,4 MB von 9 MB Speicherplatz belegt", "North: 2 von 2 Plätzen vergeben"}),
    ],
)
def test_bytes_and_seats_are_told_in_the_companys_language(morning, measured, monkeypatch, language, told):
    company, _ = morning.company()
    morning.colleague(company)
    morning.change(Tenant, company, language=language)
    one = measured(bytes=9_000_000, seats=2)
    provisioner = morning.installation.servers.home.provisioner
    sizes = dict.fromkeys(provisioner.sizes(), 8_400_000)
    monkeypatch.setattr(provisioner, "sizes", lambda: sizes)
    one.later()
    assert set(one.mails()) == told


def test_one_that_cannot_be_measured_stops_none_of_the_others(morning, measured):
    broken, _ = morning.company("Broken")
    sound, _ = morning.company("Sound")
    one = measured()
    morning.change(Tenant, broken, password_version=2)
    with capture_logs() as logs:
        assert one.later() == 1
    assert [entry["event"] for entry in logs] == ["company_not_measured"]
    assert one.rows(sound) == 0
    assert one.later(minutes=59) == 0
    morning.change(Tenant, broken, password_version=1)
    assert one.later(minutes=1) == 1


def test_days_beyond_those_kept_are_forgotten(morning, measured):
    morning.company()
    one = measured()
    one.later()
    one.later(days=89)
    one.later(days=2)
    assert morning.installation.rows("SELECT count(*) FROM usage_day") == [(2,)]


def test_a_table_that_has_no_trash_is_no_table_of_rows(morning, measured):
    company, _ = morning.company()
    assert measured().later() == 1
    with morning.installation.broker.reading(_address(morning, company)) as reader:
        names = {name for (name,) in reader.rows(measuring._TABLES)}
    assert {"contact", "project", "task"} <= names
    assert names.isdisjoint({"company", "answer", "alembic_version"})


def _address(morning, tenant_id):
    ((database, version),) = morning.installation.rows(
        "SELECT database, password_version FROM tenant WHERE id = :id", id=tenant_id
    )
    return morning.installation.provisioner.tenant_address(database, version)
