"""When a ticket on which nobody writes is closed, in days, without Odoo.

A ticket is due on the n-th day that counts after the day of its last activity, at the same time of day: what was answered on
Friday at 15:00 is closed after two working days on Tuesday at 15:00. All dates are local to the team.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta

# further away than this, no day counts: the calendar has no working days
FURTHEST = 800


def find_due(idle: datetime, days: int, counts: Callable[[date], bool]) -> datetime | None:
    """The moment at which a ticket is due.

    :param idle: local time of the last activity
    :param days: how many days have to pass, at least 1
    :param counts: whether a day counts
    :return: local time, or None when too few days count

    >>> weekday = lambda day: day.weekday() < 5
    >>> str(find_due(datetime(2026, 3, 6, 15), 2, weekday)), str(find_due(datetime(2026, 3, 7, 10), 1, weekday))
    ('2026-03-10 15:00:00', '2026-03-09 10:00:00')
    >>> find_due(datetime(2026, 3, 6, 15), 1, lambda day: False) is None
    True
    """
    left = days
    for step in range(1, FURTHEST + 1):
        day = idle.date() + timedelta(days=step)
        left -= counts(day)
        if not left:
            return datetime.combine(day, idle.time())
    return None


def find_cutoffs(today: date, days: int, counts: Callable[[date], bool]) -> tuple[date | None, date | None]:
    """Which tickets are due today, by the day of their last activity: the same answer as ``find_due``, for all at once.

    :param today: local date
    :param days: how many days have to pass, at least 1
    :param counts: whether a day counts
    :return: two dates: tickets idle since a day before the first one are due at any time of today, those idle since a day
        before the second one from their time of day on; None instead of a date when no ticket is

    >>> weekday = lambda day: day.weekday() < 5
    >>> [str(day) for day in find_cutoffs(date(2026, 3, 10), 2, weekday)]
    ['2026-03-06', '2026-03-09']
    >>> [str(day) for day in find_cutoffs(date(2026, 3, 8), 2, weekday)]
    ['2026-03-05', '2026-03-05']
    """
    return _count_back(today - timedelta(days=1), days, counts), _count_back(today, days, counts)


def _count_back(day: date, days: int, counts: Callable[[date], bool]) -> date | None:
    left = days
    for _step in range(FURTHEST):
        left -= counts(day)
        if not left:
            return day
        day -= timedelta(days=1)
    return None
