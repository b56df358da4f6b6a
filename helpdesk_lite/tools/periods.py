"""Periods of days, the one before, and the bars into which a chart divides them, without Odoo.

A period has a first and a last day, both included. Bars are bounded by days, the first and the last bar by those of the period:
so the bars of a chart add up to the figure of the period.
"""

from datetime import date, timedelta
from typing import NamedTuple

DAY = timedelta(days=1)
# named periods: how many days, today included
DAYS = {"week": 7, "month": 30, "quarter": 91, "year": 365}
DEFAULT = "month"
# no helpdesk is older, and a chart of fifty years is wide enough
OLDEST = timedelta(days=50 * 366)
# up to so many days, a bar is a day, a week, a month; then a year
LONGEST = ((14, "day"), (190, "week"), (1100, "month"))


class Period(NamedTuple):
    """Days from the first to the last, both included."""

    first: date
    last: date

    @property
    def days(self) -> int:
        """How many days it has.

        >>> Period(date(2026, 3, 2), date(2026, 3, 8)).days
        7
        """
        return (self.last - self.first).days + 1

    @property
    def end(self) -> date:
        """The day after the last."""
        return self.last + DAY

    def before(self) -> "Period":
        """The period of the same length that ends where this one begins.

        >>> Period(date(2026, 3, 2), date(2026, 3, 8)).before()
        Period(first=datetime.date(2026, 2, 23), last=datetime.date(2026, 3, 1))
        """
        return Period(self.first - timedelta(days=self.days), self.first - DAY)

    def step(self) -> str:
        """What a bar of its charts stands for: "day", "week", "month" or "year"."""
        return next((step for longest, step in LONGEST if self.days <= longest), "year")

    def bounds(self) -> list[date]:
        """The days on which the bars of a chart begin, and the day after the last one.

        >>> [day.isoformat() for day in Period(date(2026, 3, 4), date(2026, 3, 20)).bounds()]
        ['2026-03-04', '2026-03-09', '2026-03-16', '2026-03-21']
        >>> [day.isoformat() for day in Period(date(2025, 12, 15), date(2026, 7, 2)).bounds()][:3]
        ['2025-12-15', '2026-01-01', '2026-02-01']
        >>> len(Period(date(2016, 1, 1), date(2025, 12, 31)).bounds())
        11
        """
        step, found, day = self.step(), [], self.first
        while day < self.end:
            found.append(day)
            day = _next(day, step)
        return [*found, self.end]


def _next(day: date, step: str) -> date:
    if step == "day":
        return day + DAY
    if step == "week":
        return day + timedelta(days=7 - day.weekday())
    if step == "month":
        return date(day.year + day.month // 12, day.month % 12 + 1, 1)
    return date(day.year + 1, 1, 1)


def find_period(name: str, today: date, first: date | None = None, last: date | None = None) -> Period:
    """The period that somebody asks for.

    :param name: a key of ``DAYS``, or "custom"
    :param today: the day of who asks
    :param first, last: the days of a custom period, in any order; without one, it is today
    :return: a period that is at most fifty years long and does not end after today

    >>> today = date(2026, 3, 8)
    >>> find_period("week", today)
    Period(first=datetime.date(2026, 3, 2), last=datetime.date(2026, 3, 8))
    >>> find_period("custom", today, date(2026, 2, 1), date(2026, 1, 1)).days
    32
    >>> find_period("custom", today, date(1, 1, 1), date(9999, 12, 31)).last == today
    True
    >>> find_period("nonsense", today) == find_period("month", today)
    True
    """
    if name == "custom":
        earlier, later = sorted((first or today, last or today))
        later = max(min(later, today), today - OLDEST)
        return Period(min(max(earlier, later - OLDEST), later), later)
    days = DAYS.get(name) or DAYS[DEFAULT]
    return Period(today - timedelta(days=days - 1), today)
