"""A second implementation of automatic assignment, in plain Python and without code of the addon.

It evaluates working time moment by moment, whereas the addon subtracts intervals. It shares out
tickets in rounds, whereas the addon keeps levels.
"""

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

UTC = ZoneInfo("UTC")


@dataclass
class Hours:
    """Attendances ``(week or None, weekday, first hour, last hour)`` and holidays ``(start, stop)`` in UTC."""

    tz: str
    attendances: list = field(default_factory=list)
    holidays: list = field(default_factory=list)


@dataclass
class Person:
    """A member. ``hours`` are their own, or None if they have the team's; ``tz`` is their time zone."""

    id: int
    hours: Hours | None
    tz: str = "UTC"
    leaves: list = field(default_factory=list)


def is_off(periods, moment):
    # a period that ends at 12:59:59 is taken to end at 13:00
    return any(start <= moment < stop + timedelta(seconds=1 if stop.second == 59 else 0) for start, stop in periods)


def parity(day):
    """The parity of a week, counted from the first day of the calendar as in Odoo."""
    return (day.toordinal() - 1) // 7 % 2


class World:
    """A team's people and calendars at one time of the year."""

    def __init__(self, people, team_hours, company_holidays):
        self.people, self.team_hours, self.company_holidays = people, team_hours, company_holidays

    def works(self, person, moment):
        """Whether a person works at a moment (naive, in UTC)."""
        hours = person.hours or self.team_hours
        local = moment.replace(tzinfo=UTC).astimezone(ZoneInfo(person.tz if person.hours else self.team_hours.tz))
        hour = local.hour + local.minute / 60 + local.second / 3600
        attends = any(
            weekday == local.weekday() and first <= hour < last and week in (None, parity(local.date()))
            for week, weekday, first, last in hours.attendances
        )
        return attends and not is_off(person.leaves, moment) and not is_off(hours.holidays + self.company_holidays, moment)

    def beginnings(self, person, first, last):
        """The moments of a period at which somebody may begin to work."""
        hours = person.hours or self.team_hours
        tz = ZoneInfo(person.tz if person.hours else self.team_hours.tz)
        day = first.date() - timedelta(days=2)
        while day <= last.date() + timedelta(days=2):
            for _week, weekday, begin, _end in hours.attendances:
                if weekday == day.weekday():
                    local = datetime.combine(day, time(int(begin), round(begin % 1 * 60)), tz)
                    yield local.astimezone(UTC).replace(tzinfo=None)
            day += timedelta(days=1)
        for _start, stop in person.leaves + hours.holidays + self.company_holidays:
            yield stop + timedelta(seconds=1 if stop.second == 59 else 0)

    def works_within(self, person, first, last):
        return self.works(person, first) or any(
            first <= moment < last and self.works(person, moment) for moment in self.beginnings(person, first, last)
        )

    def availability(self, moment):
        """When people work next (now, today, a day, None), and who they are."""
        if now := [person.id for person in self.people if self.works(person, moment)]:
            return "now", now
        tz = ZoneInfo(self.team_hours.tz)
        today = moment.replace(tzinfo=UTC).astimezone(tz).date()

        def midnight(day):
            return datetime.combine(day, time(), tz).astimezone(UTC).replace(tzinfo=None)

        for ahead in range(61):
            day = today + timedelta(days=ahead)
            start, stop = max(moment, midnight(day)), midnight(day + timedelta(days=1))
            if there := [person.id for person in self.people if self.works_within(person, start, stop)]:
                return (day if ahead else "today"), there
        return None, []


class Rounds:
    """Equal shares: in each round everybody who is available gets one ticket, in the order of waiting."""

    def __init__(self):
        self.round, self.clock = 0, 0
        self.served, self.chosen = {}, {}
        self.before = set()

    def choose(self, candidates):
        stayed = [person for person in candidates if person in self.before]
        if stayed and all(self.is_served(person) for person in stayed):
            # the people who have had no ticket in this round have left: the round is over
            self.round += 1
        waiting = [person for person in candidates if not self.is_served(person)]
        if not waiting:
            self.round += 1
            waiting = list(candidates)
        person = min(waiting, key=lambda person: (self.chosen.get(person, 0), person))
        self.clock += 1
        self.served[person], self.chosen[person] = self.round, self.clock
        self.before = set(candidates)
        if all(self.is_served(other) for other in candidates):
            self.round += 1
        return person

    def is_served(self, person):
        return self.served.get(person, -1) >= self.round
