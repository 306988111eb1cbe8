"""The retention policy of backups: all recent ones, one a day, a week and a month of the older ones."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from datetime import datetime, timedelta

DAILY, WEEKLY, MONTHLY = 7, 4, 12
RECENT = timedelta(days=2)
#: The catalog is saved so often that of the last two days each hour is enough.
CATALOG_RECENT, CATALOG_HOURLY = timedelta(hours=2), 48


def kept(
    moments: Iterable[datetime],
    *,
    recent: timedelta = RECENT,
    hourly: int = 0,
    daily: int = DAILY,
    weekly: int = WEEKLY,
    monthly: int = MONTHLY,
) -> set[datetime]:
    """Return the moments whose backups are kept: the newest of each of the last hours, days, ISO weeks and months (UTC)
    in which any was made. So the newest of all is always kept, however old it is.

    Those that are nearly as recent are kept as well: one made by hand before something risky must not be removed
    because the nightly one is newer.
    """
    newest_first = sorted(moments, reverse=True)
    return {
        *(moment for moment in newest_first if newest_first[0] - moment < recent),
        *_newest_of_each(newest_first, hourly, lambda moment: (moment.date(), moment.hour)),
        *_newest_of_each(newest_first, daily, lambda moment: moment.date()),
        *_newest_of_each(newest_first, weekly, lambda moment: moment.isocalendar()[:2]),
        *_newest_of_each(newest_first, monthly, lambda moment: (moment.year, moment.month)),
    }


def _newest_of_each(
    newest_first: list[datetime], count: int, period: Callable[[datetime], Hashable]
) -> list[datetime]:
    newest: dict[Hashable, datetime] = {}
    for moment in newest_first:
        newest.setdefault(period(moment), moment)
    return list(newest.values())[:count]
