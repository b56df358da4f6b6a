"""The clocks of service levels, without Odoo: how much working time a promise has used, and when it is used up.

All moments are whole minutes since 1970 in UTC, all durations whole minutes of working time. A :class:`Clock` knows the
working time of one calendar. :func:`replay` reads the history of a ticket from its beginning, so that the result depends on
what happened and on nothing else: a changed priority cannot lose a pause.

The rules, which the guide states in the same words:

* A budget is used up at the *first instant* at which that many working minutes have passed. Who answers at that very
  instant is in time.
* Working intervals are half-open: at 17:00 sharp, nobody works any more.
* What happens outside the working time counts from its next beginning.
* A budget that is used up stays so: neither another priority nor a pause, nor reopening, erases it.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ALWAYS = 1 << 40
FIRST_RESPONSE, NEXT_RESPONSE, RESOLUTION, STAGE = "first_response", "next_response", "resolution", "stage"


def to_minutes(moment: datetime) -> int:
    """Convert a moment to whole minutes; seconds are dropped.

    :param moment: in UTC if it has no time zone

    >>> to_minutes(datetime(1970, 1, 1, 1, 0, 59))
    60
    """
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return int((moment - EPOCH).total_seconds() // 60)


def to_moment(minutes: int) -> datetime:
    """Convert minutes to a moment without a time zone, in UTC, as Odoo stores them.

    >>> to_moment(60)
    datetime.datetime(1970, 1, 1, 1, 0)
    """
    return (EPOCH + timedelta(minutes=minutes)).replace(tzinfo=None)


class Clock:
    """Working time as sums over intervals, so that each question is one binary search.

    >>> clock = Clock([(540, 720), (780, 1020)])  # 9:00 to 12:00 and 13:00 to 17:00
    >>> clock.worked(600, 800)
    140
    >>> clock.deadline(600, 120), clock.deadline(600, 121)
    (720, 781)
    >>> clock.deadline(600, 1000) is None
    True
    """

    __slots__ = ("ends", "starts", "sums", "totals")

    def __init__(self, intervals: Iterable[tuple[float, float]]):
        """Take working intervals, in any order; those that touch or overlap become one.

        :param intervals: pairs (start, end), end not included
        """
        self.starts: list[float] = []
        self.ends: list[float] = []
        for start, end in sorted(intervals):
            if start >= end:
                continue
            if self.ends and start <= self.ends[-1]:
                self.ends[-1] = max(self.ends[-1], end)
            else:
                self.starts.append(start)
                self.ends.append(end)
        self.sums: list[float] = []
        total: float = 0
        for start, end in zip(self.starts, self.ends, strict=True):
            self.sums.append(total)
            total += end - start
        self.totals = [*self.sums[1:], total] if self.sums else []

    @classmethod
    def around_the_clock(cls):
        """A clock that never stands.

        >>> Clock.around_the_clock().deadline(10, 60)
        70
        """
        return cls([(-ALWAYS, ALWAYS)])

    def position(self, at):
        """The working time that has passed at a moment, since the first interval.

        :param at: a moment
        """
        index = bisect_right(self.starts, at) - 1
        if index < 0:
            return 0
        end = self.ends[index]
        return self.sums[index] + (at if at < end else end) - self.starts[index]

    def instant(self, position):
        """The first moment at which a working time has passed.

        :param position: working time since the first interval, more than 0
        :return: a moment, or None after the last interval
        """
        index = bisect_left(self.totals, position)
        if index == len(self.totals):
            return None
        return self.starts[index] + position - self.sums[index]

    def worked(self, start, end):
        """The working time between two moments.

        :param start, end: moments; 0 if the end is before the start
        """
        return max(0, self.position(end) - self.position(start))

    def deadline(self, start, minutes):
        """The first instant at which a budget is used up.

        :param start: a moment
        :param minutes: working time, more than 0
        :return: a moment, or None if the intervals do not have that much working time
        """
        return self.instant(self.position(start) + minutes)

    def upcoming(self, start, end, limit):
        """The working intervals between two moments.

        :param start, end: moments
        :param limit: maximum number of intervals
        :return: list of pairs (start, end)

        >>> Clock([(540, 720), (780, 1020)]).upcoming(600, 800, 5)
        [(600, 720), (780, 800)]
        """
        index = bisect_right(self.ends, start)
        found = []
        while index < len(self.starts) and self.starts[index] < end and len(found) < limit:
            found.append((max(start, self.starts[index]), min(end, self.ends[index])))
            index += 1
        return found


class Event(NamedTuple):
    """Something that happened to a ticket.

    ``kind`` is created, customer, agent, closed, reopened, archived, restored, stage (``value`` is its id) or priority
    (``value`` is 0 to 3).
    """

    at: int
    kind: str
    value: int | None = None


class Target(NamedTuple):
    """One promise of a policy.

    ``budgets`` has the minutes by priority, None where nothing is promised. In the stages ``pauses``, and while the ticket is
    archived, all clocks stand.
    With ``waits``, a resolution or a stage is not awaited while the customer is: after an agent's answer, and in the stages
    ``waiting``, until the customer writes. An answer is awaited there all the same: moving a card is not answering.
    """

    kind: str
    budgets: Sequence[int | None]
    stage: int | None = None
    pauses: frozenset[int] = frozenset()
    waits: bool = False
    waiting: frozenset[int] = frozenset()


class Round:
    """One promise on one ticket: an answer that is awaited, or the solution.

    ``deadline`` is the instant at which the budget was or will be used up; None while the clock stands, without a budget,
    and when the working time known to the clock does not suffice. ``reached`` is when the promise was kept, ``dropped`` when
    the ticket was closed without it.
    """

    __slots__ = ("budget", "deadline", "dropped", "number", "periods", "reached", "running", "since", "start", "worked")

    def __init__(self, number, start):
        self.number = number
        self.start = start
        self.worked = 0
        self.since = None
        self.running = False
        # pairs (start, end) in which the clock ran; the end of the last one is None while it runs
        self.periods: list[tuple[int, int | None]] = []
        self.budget = None
        self.deadline = None
        self.reached = None
        self.dropped = None

    def is_open(self):
        """Whether the promise is still to be kept."""
        return self.reached is None and self.dropped is None

    def resume(self):
        """Await what was finished; a deadline that had not passed by then will be another one."""
        until = self.reached if self.reached is not None else self.dropped
        self.reached = self.dropped = None
        if self.deadline is not None and self.deadline >= until:
            self.deadline = None

    def finish(self, at, clock):
        """Stop the clock for good, and note the deadline that there would have been."""
        self.spend(at, None, clock)
        self.stand(at, clock)

    def is_late(self, now):
        """Whether the budget was used up before the promise was kept, the ticket closed, or now.

        :param now: a moment
        """
        if self.deadline is None:
            return False
        until = now
        if self.reached is not None:
            until = self.reached
        elif self.dropped is not None:
            until = self.dropped
        return self.deadline < until

    def run(self, at, clock):
        """Start the clock at a moment, unless it runs."""
        if not self.running:
            self.running, self.since = True, clock.position(at)
            self.periods.append((at, None))

    def stand(self, at, clock):
        """Stop the clock at a moment, unless it stands."""
        if self.running:
            self.worked += clock.position(at) - self.since
            self.running, self.since = False, None
            self.periods[-1] = (self.periods[-1][0], at)

    def spent(self, now, clock):
        """The working time that was used so far.

        :param now: a moment
        """
        return self.worked + (clock.position(now) - self.since if self.running else 0)

    def spend(self, at, until, clock):
        """Note the deadline if the budget is used up in a period in which nothing happens.

        :param at: where the period begins
        :param until: where it ends, not included; None if it goes on
        """
        if self.deadline is not None or self.budget is None:
            return
        left = self.budget - self.spent(at, clock)
        if left <= 0:
            self.deadline = at
        elif self.running:
            instant = clock.instant(clock.position(at) + left)
            if instant is not None and (until is None or instant < until):
                self.deadline = instant


class _Story:
    """What is known about a ticket while its history is read."""

    __slots__ = ("answered", "archived", "asked", "budget", "clock", "closed", "last", "parked", "rounds", "stage", "target")

    def __init__(self, target, clock, start):
        self.target, self.clock, self.last = target, clock, start
        self.rounds: list[Round] = []
        self.budget = target.budgets[0]
        self.stage = None
        self.closed = self.archived = self.parked = self.asked = False
        # whether the last word is an agent's
        self.answered = False

    def take(self, at, what, value):
        """Read the next event.

        :param at: its moment, not before the last one
        :param what, value: its kind and value
        """
        current = self.rounds[-1] if self.rounds else None
        if current and at > self.last and current.is_open():
            current.spend(self.last, at, self.clock)
        self.last = at
        self._note(what, value)
        if self._begins(what, current):
            current = Round(len(self.rounds) + 1, at)
            self.rounds.append(current)
        if what == "agent":
            self.asked = True
        if current:
            self._advance(current, at, what, value)

    def _note(self, what, value):
        if what == "priority":
            self.budget = self.target.budgets[value or 0]
        elif what == "stage":
            self.stage, self.parked = value, value in self.target.waiting
        elif what == "customer":
            self.answered = self.parked = False
        elif what == "agent":
            self.answered = True
        elif what in ("closed", "reopened"):
            self.closed = what == "closed"
        elif what in ("archived", "restored"):
            self.archived = what == "archived"

    def _stands(self):
        """Whether the clock of an open promise stands now."""
        target = self.target
        waits = target.waits and target.kind in (RESOLUTION, STAGE) and (self.answered or self.parked)
        return waits or self.archived or self.stage in target.pauses

    def _begins(self, what, current):
        kind = self.target.kind
        if kind in (RESOLUTION, STAGE):
            return what == "created" and not current
        if what != "customer":
            return False
        if kind == FIRST_RESPONSE:
            return not current
        # the first answer has a promise of its own
        return self.asked and (not current or current.reached is not None)

    def _advance(self, current, at, what, value):
        """Keep, drop or await a promise, and let its clock run or stand."""
        kind, target, clock = self.target.kind, self.target, self.clock
        if kind in (FIRST_RESPONSE, NEXT_RESPONSE):
            kept = what == "agent"
        else:
            kept = what == "closed" if kind == RESOLUTION else what == "stage" and value == target.stage
        if current.dropped is not None and (kept or what == "reopened"):
            # also for an answer that is written, or a stage that is reached, only after closing
            current.resume()
        elif what == "reopened" and kind == RESOLUTION and not current.is_open():
            current.resume()
        if not current.is_open():
            return
        current.budget = self.budget
        if kept:
            current.finish(at, clock)
            current.reached = at
        elif self.closed:
            current.finish(at, clock)
            current.dropped = at
        elif self._stands():
            current.stand(at, clock)
        else:
            current.run(at, clock)


def replay(events: Sequence[Event], target: Target, clock: Clock, now: int) -> list[Round]:
    """Read the history of a ticket and return the state of one promise.

    A first response is awaited from the customer's first word, a next response from their first word after each answer, the
    others from the creation. Closing keeps a resolution, and drops an answer or a stage that is still awaited: it was
    neither given nor refused. Reopening continues a clock where it stopped.

    :param events: in their order; what is dated before its predecessor counts as simultaneous, what is dated in the future
        as happening now
    :param target: the promise
    :param clock: the working time
    :param now: the present
    :return: a list of rounds, of which the last may be open; several only for next responses

    An hour is promised in the night, twenty minutes after an answer is awaited in the morning:

    >>> clock = Clock([(540, 1020)])
    >>> target = Target(FIRST_RESPONSE, (60, 60, 60, 60))
    >>> (round,) = replay([Event(100, "created"), Event(100, "customer")], target, clock, 560)
    >>> round.deadline, round.is_late(560), round.is_late(601)
    (600, False, True)
    """
    story = _Story(target, clock, min(events[0].at, now) if events else now)
    for event in events:
        at = event.at if event.at < now else now
        story.take(at if at > story.last else story.last, event.kind, event.value)
    if story.rounds and story.rounds[-1].is_open():
        story.rounds[-1].spend(story.last, None, clock)
    return story.rounds
