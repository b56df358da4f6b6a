"""What the clocks of service levels must say, minute by minute, written apart from ``tools/sla_clock.py``.

Nothing is added up here and nothing is remembered: each question about a minute is answered from the events before it.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MONDAY = date(2026, 1, 5)


def to_minute(moment):
    return int((moment.replace(tzinfo=UTC) - EPOCH).total_seconds() // 60)


@dataclass
class Hours:
    """A calendar: who works at which minute?"""

    tz: str
    # (week type or None, weekday, from, to) in hours of local time
    attendances: list = field(default_factory=list)
    flexible: tuple | None = None  # hours per day, hours per week
    always: bool = False
    holidays: list = field(default_factory=list)  # (first minute, first minute after it)

    def works(self, minute):
        if self.always:
            return True
        if any(first <= minute < last for first, last in self.holidays):
            return False
        local = (EPOCH + timedelta(minutes=minute)).astimezone(ZoneInfo(self.tz))
        hour = local.hour + local.minute / 60
        if self.flexible:
            per_day, per_week = self.flexible
            today = max(0, min(per_day, per_week - per_day * local.weekday()))
            return 12 - today / 2 <= hour < 12 + today / 2
        # Odoo numbers the weeks from the first day of the calendar
        week = (local.date().toordinal() - 1) // 7 % 2
        return any(
            kind in (None, week) and weekday == local.weekday() and first <= hour < last
            for kind, weekday, first, last in self.attendances
        )

    def grid(self, first, last):
        """One byte for each minute."""
        return bytearray(self.works(minute) for minute in range(first, last))


def last_index(events, *kinds):
    return max((index for index, (_at, kind, _value) in enumerate(events) if kind in kinds), default=-1)


class Story:
    """A history of which some first events have happened, and the questions about it."""

    def __init__(self, events, target):
        self.events, self.target = events, target

    def stands(self, known):
        """Whether the clock stands after the first ``known`` events."""
        events = self.events[:known]
        stage = last_index(events, "stage")
        if last_index(events, "archived") > last_index(events, "restored"):
            return True
        if stage >= 0 and events[stage][2] in self.target.pauses:
            return True
        if not self.target.waits or self.target.kind not in ("resolution", "stage"):
            return False
        customer = last_index(events, "customer")
        parked = stage > customer and events[stage][2] in self.target.waiting
        return parked or last_index(events, "agent") > customer

    def is_closed(self, known):
        events = self.events[:known]
        return last_index(events, "closed") > last_index(events, "reopened")

    def budget(self, known):
        events = self.events[:known]
        index = last_index(events, "priority")
        return self.target.budgets[events[index][2] if index >= 0 else 0]

    def rounds(self):
        """Pairs of the indexes of the event that begins a round and of the one that ends it, or None."""
        kinds = [kind for _at, kind, _value in self.events]
        if self.target.kind == "resolution":
            end = last_index(self.events, "closed") if self.is_closed(len(kinds)) else None
            return [(0, end)]
        if self.target.kind == "stage":
            reached = (i for i, event in enumerate(self.events) if event[1] == "stage" and event[2] == self.target.stage)
            return [(0, next(reached, None))]
        pairs, answers = [], [i for i, kind in enumerate(kinds) if kind == "agent"]
        awaited = -1
        for index, kind in enumerate(kinds):
            if kind != "customer" or index < awaited:
                continue
            if self.target.kind == "next_response" and not (answers and answers[0] < index):
                continue
            end = next((answer for answer in answers if answer > index), None)
            pairs.append((index, end))
            if end is None or self.target.kind == "first_response":
                break
            awaited = end
        return pairs


def expect(events, target, grid, origin, now):
    """The rounds of a promise.

    :param events: tuples (minute, kind, value) in their order, none after ``now``
    :param grid: bytearray of who works, from the minute ``origin`` on
    :return: list of tuples (start, reached, dropped, deadline, late, worked)
    """
    story = Story(events, target)
    return [_expect_round(story, first, end, grid, origin, now) for first, end in story.rounds()]


def _expect_round(story, first, end, grid, origin, now):
    events = story.events
    start = events[first][0]
    reached = events[end][0] if end is not None else None
    dropped = None
    finish = end
    if end is None and story.is_closed(len(events)):
        # since when it has been closed
        finish = next(
            index for index in range(len(events)) if all(story.is_closed(known) for known in range(index + 1, len(events) + 1))
        )
        finish = max(finish, first)
        dropped = events[finish][0]
    known = first + 1
    limit = len(events) if finish is None else finish
    until = now if finish is None else events[finish][0]
    worked, deadline, minute = 0, None, start
    while True:
        while known < limit and events[known][0] <= minute:
            known += 1
        if minute >= until:
            break
        stands = story.stands(known) or story.is_closed(known)
        budget = story.budget(known)
        steps = min(until, events[known][0] if known < limit else until) - minute
        for _step in range(max(1, steps)):
            if deadline is None and budget is not None and not story.is_closed(known) and worked >= budget:
                deadline = minute
            worked += not stands and grid[minute - origin]
            minute += 1
    if deadline is None:
        # what there would have been: with the budget of the last event, if the clock ran before it
        known = len(events) if finish is None else finish
        budget = story.budget(known + (finish is not None))
        stands = (known > first and story.stands(known)) or story.is_closed(known)
        if finish == first:
            stands = True
        spent = worked
        while budget is not None and minute - origin < len(grid):
            if spent >= budget:
                deadline = minute
                break
            if stands:
                break
            spent += grid[minute - origin]
            minute += 1
    reference = reached if reached is not None else dropped if dropped is not None else now
    return start, reached, dropped, deadline, deadline is not None and deadline < reference, worked
