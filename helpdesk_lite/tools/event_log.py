"""What the events of a ticket say about who waits for whom, without Odoo.

The events of a ticket are taken in the order of their ids. A customer waits from their first message that is not answered yet.
An answer, or closing the ticket, ends that. What nobody wrote counts for nobody.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

# a mail may be this late; a date further away is a wrong clock, or a lie
LATEST = timedelta(hours=48)
# what shows that somebody cares; notes and priorities do not, and creation is the date of the ticket itself
ACTIVITY = frozenset(("customer", "remark", "agent", "stage", "team", "user", "reopened", "resumed", "unmerged"))


class Columns(NamedTuple):
    """What a ticket's columns hold, or how a part of its events changes them.

    ``answered`` is whether the events end an earlier waiting. The counts are of answers and of reopenings.
    """

    waiting_since: datetime | None = None
    first_response_date: datetime | None = None
    last_customer_date: datetime | None = None
    last_agent_date: datetime | None = None
    idle_since: datetime | None = None
    response_count: int = 0
    reopen_count: int = 0
    answered: bool = False


def replay(events: Iterable[tuple[str, datetime]], columns: Columns = Columns()) -> Columns:  # noqa: B008 (immutable)
    """Follow events, one after the other.

    :param events: pairs (kind, date) in their order
    :param columns: what was before
    :return: what is after

    >>> at = lambda hour: datetime(2026, 3, 2, hour)
    >>> after = replay([("created", at(8)), ("customer", at(8)), ("agent", at(9)), ("customer", at(11)), ("customer", at(12))])
    >>> after.waiting_since.hour, after.first_response_date.hour, after.last_customer_date.hour, after.response_count
    (11, 9, 12, 1)
    >>> replay([("closed", at(13)), ("reopened", at(14))], after).waiting_since is None
    True

    A mail that comes late was sent before: the customer waits since then, and the last message stays the last.

    >>> replay([("customer", at(10))], after).waiting_since.hour, replay([("customer", at(10))], after).last_customer_date.hour
    (10, 12)
    """
    for kind, date in events:
        if kind in ACTIVITY:
            columns = columns._replace(idle_since=max(columns.idle_since or date, date))
        match kind:
            case "customer":
                columns = columns._replace(
                    waiting_since=min(columns.waiting_since or date, date),
                    last_customer_date=max(columns.last_customer_date or date, date),
                )
            case "remark":
                columns = columns._replace(last_customer_date=max(columns.last_customer_date or date, date))
            case "agent":
                columns = columns._replace(
                    waiting_since=None,
                    answered=True,
                    first_response_date=columns.first_response_date or date,
                    last_agent_date=max(columns.last_agent_date or date, date),
                    response_count=columns.response_count + 1,
                )
            case "closed":
                columns = columns._replace(waiting_since=None, answered=True)
            case "reopened":
                columns = columns._replace(reopen_count=columns.reopen_count + 1)
    return columns


def believe(stated: datetime | None, now: datetime) -> datetime:
    """When a customer wrote, as far as the date of their mail is believed.

    :param stated: what the mail says; in UTC
    :param now: when it came; in UTC
    :return: the stated date if it is at most 48 hours old and not in the future, else ``now``

    >>> now = datetime(2026, 3, 2, 12)
    >>> believe(datetime(2026, 3, 2, 9), now).hour
    9
    >>> {believe(wrong, now) == now for wrong in (None, datetime(1970, 1, 1), datetime(2099, 1, 1), datetime(2026, 2, 28, 11))}
    {True}
    """
    return stated if stated and now - LATEST <= stated <= now else now
