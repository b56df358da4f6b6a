"""How long customers waited for answers, from the events of a ticket, without Odoo.

A question begins with the first message of the customer that is not answered yet, and ends with the next message to them, as in
:mod:`event_log`. All durations are minutes of working time.
"""

from collections.abc import Iterable
from typing import NamedTuple


class Answers(NamedTuple):
    """How long the customer waited.

    ``first`` is from opening to the first answer, or None; ``count`` and ``spent`` are of the questions that were answered;
    ``waited`` is the time of all questions that have ended, by an answer or by closing the ticket.
    """

    first: float | None = None
    count: int = 0
    spent: float = 0
    waited: float = 0

    @property
    def average(self) -> float | None:
        """The time that an answer took, or None when there was none."""
        return self.spent / self.count if self.count else None


def measure(events: Iterable[tuple[str, int]], opened: int, clock) -> Answers:
    """Follow the events of a ticket in their order.

    :param events: pairs (kind, minute since 1970)
    :param opened: the minute when the ticket was opened
    :param clock: a :class:`~.sla_clock.Clock`
    :return: what they say

    >>> from .sla_clock import Clock
    >>> clock = Clock([(0, 100), (200, 300)])
    >>> events = [("customer", 10), ("customer", 20), ("agent", 210), ("agent", 220), ("customer", 250), ("closed", 260)]
    >>> measure(events, 5, clock)
    Answers(first=105, count=1, spent=100, waited=110)
    >>> measure([("customer", 10)], 10, clock).average is None
    True

    A clock that went wrong, or an import, gives no negative time:

    >>> measure([("customer", 90), ("agent", 50)], 60, clock)
    Answers(first=0, count=1, spent=0, waited=0)
    """
    found, asked = Answers(), None
    for kind, at in events:
        if kind == "customer":
            asked = at if asked is None else min(asked, at)
        elif kind in ("agent", "closed"):
            if kind == "agent" and found.first is None:
                found = found._replace(first=clock.worked(opened, at))
            if asked is not None:
                span = clock.worked(asked, at)
                found = found._replace(waited=found.waited + span)
                if kind == "agent":
                    found = found._replace(count=found.count + 1, spent=found.spent + span)
            asked = None
    return found
