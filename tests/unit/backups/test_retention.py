"""Which backups stay."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from crmtenant.services.backups.retention import CATALOG_HOURLY, CATALOG_RECENT, RECENT, kept

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
MOMENT = st.integers(0, 10 * 365 * 24 * 60).map(lambda minutes: NOON - timedelta(minutes=minutes))
MOMENTS = st.lists(MOMENT, max_size=60)


def days_back(*days: float) -> list[datetime]:
    return [NOON - timedelta(days=count) for count in days]


def test_a_year_of_nightly_backups_leaves_the_last_week_four_weeks_and_twelve_months() -> None:
    staying = sorted(kept(days_back(*range(400))), reverse=True)
    assert staying[:7] == days_back(*range(7))
    assert [f"{moment:%m-%d}" for moment in staying[7:]] == [
        "11-15",  # the last day of the third week back; those of the first two are among the seven days
        "11-08",
        "10-31",
        "09-30",
        "08-31",
        "07-31",
        "06-30",
        "05-31",
        "04-30",
        "03-31",
        "02-28",
        "01-31",
        "12-31",
    ]


def test_of_one_day_the_newest_stays_except_of_the_last_two() -> None:
    assert kept(days_back(0, 0.1, 0.2, 1.9, 5, 5.1, 5.2)) == set(days_back(0, 0.1, 0.2, 1.9, 5))


def test_of_a_catalog_that_is_saved_every_minute_the_last_two_hours_and_each_hour_of_two_days_stay() -> None:
    moments = [NOON - timedelta(minutes=count) for count in range(4 * 24 * 60)]
    staying = kept(moments, recent=CATALOG_RECENT, hourly=CATALOG_HOURLY)
    recent = {moment for moment in moments if NOON - moment < timedelta(hours=2)}
    two_days = {moment for moment in staying if NOON - moment < timedelta(days=2)}
    assert recent <= staying
    assert len(two_days - recent) == 45
    assert len(staying - two_days) == 2  # of the days before


def test_years_old_backups_stay_while_there_is_nothing_newer() -> None:
    assert kept(days_back(1000, 2000)) == set(days_back(1000, 2000))


@given(MOMENTS)
def test_never_more_than_its_share_always_the_newest_and_settled(moments: list[datetime]) -> None:
    staying = kept(moments)
    assert staying <= set(moments)
    assert sum(max(moments) - moment >= RECENT for moment in staying) <= 7 + 4 + 12
    assert not moments or max(moments) in staying
    assert kept(staying) == staying


@given(MOMENTS, st.integers(1, 10**6).map(lambda minutes: NOON + timedelta(minutes=minutes)))
def test_what_was_let_go_never_is_missed_later(moments: list[datetime], later: datetime) -> None:
    assert kept([*kept(moments), later]) == kept([*moments, later])
