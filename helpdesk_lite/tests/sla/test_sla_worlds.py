import os
import random
from datetime import datetime, timedelta
from itertools import product

from odoo.fields import Command
from odoo.tests import BaseCase, TransactionCase, tagged

from ...tools.sla_clock import FIRST_RESPONSE, NEXT_RESPONSE, RESOLUTION, STAGE, Clock, Event, Target, replay
from .sla_reference import Hours, expect, to_minute

WORLDS = int(os.environ.get("HELPDESK_LITE_WORLDS", 100))
ZONES = ("Europe/Madrid", "America/New_York", "Australia/Sydney", "Asia/Kolkata")
# around the changes of the clocks in Europe, America and Australia, and in the midst of the year
STARTS = tuple(datetime(2026, month, day) for month, day in ((3, 4), (3, 25), (4, 1), (6, 8), (10, 1), (10, 22), (10, 29)))
DAYS = 45
SPAN = 9 * 24 * 60
# more than the distance of two time zones
MARGIN = timedelta(days=1)
BUDGETS = (None, 1, 30, 60, 240, 480, 481, 960, 2400, 9000)


def random_target(rnd):
    kind = rnd.choice((FIRST_RESPONSE, NEXT_RESPONSE, RESOLUTION, STAGE))
    return Target(
        kind,
        tuple(rnd.choice(BUDGETS) for _priority in range(4)),
        stage=3 if kind == STAGE else None,
        pauses=frozenset(rnd.sample(range(4), rnd.choice((0, 1, 2)))),
        waits=rnd.random() < 0.5,
        waiting=frozenset(rnd.sample(range(4), rnd.choice((0, 1)))),
    )


def random_history(rnd, start):
    """A ticket: created, written to and fro, moved, closed and reopened, sometimes several times in one minute."""
    events = [Event(start, "created"), Event(start, "priority", rnd.randrange(4)), Event(start, "stage", 0)]
    if rnd.random() < 0.7:
        events.append(Event(start, "customer"))
    at, closed = start, False
    for _event in range(rnd.randrange(12)):
        at += rnd.choice((0, 1, rnd.randrange(60), rnd.randrange(1440), rnd.randrange(3000)))
        kind = rnd.choice(("customer", "customer", "agent", "agent", "stage", "stage", "priority", "close", "archive"))
        if kind == "archive":
            events.append(Event(at, rnd.choice(("archived", "restored"))))
        elif kind == "close":
            closed = not closed
            events.append(Event(at, "closed" if closed else "reopened"))
        else:
            events.append(Event(at, kind, rnd.randrange(4) if kind in ("stage", "priority") else None))
    return events


def close_kind(events):
    """What a click on the status bar would do now."""
    kinds = [event.kind for event in events if event.kind in ("closed", "reopened")]
    return "reopened" if kinds and kinds[-1] == "closed" else "closed"


@tagged("post_install", "-at_install")
class TestSlaWorlds(TransactionCase):
    """Compares the kernel on Odoo's calendars with minutes that are counted one by one. To run all::

    HELPDESK_LITE_WORLDS=10000 ./dev test helpdesk_lite -k TestSlaWorlds
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rnd = random.Random(20261126)
        cls.there = cls.env["res.company"].create({"name": "Far away"})
        cls.taken, cls.holidays = [], []
        cls.hours = [cls.make_calendar(number) for number in range(16)]

    @classmethod
    def make_calendar(cls, number):
        """Create a calendar in Odoo and in the reference: with lunch, of two weeks, flexible, or none."""
        rnd = cls.rnd
        if number == 0:
            return cls.env["resource.calendar"], Hours("UTC", always=True)
        hours = Hours(ZONES[number % 4])
        values = {"name": f"Random {number}", "tz": hours.tz, "attendance_ids": [Command.clear()]}
        if number % 5 == 1:
            hours.flexible = (rnd.choice((6, 8)), rnd.choice((38, 40, 20)))
            values |= {
                "schedule_type": "flexible",
                "flexible_hours": True,
                "hours_per_day": hours.flexible[0],
                "full_time_required_hours": hours.flexible[1],
            }
        calendar = cls.env["resource.calendar"].create(values)
        if not hours.flexible:
            weeks = (0, 1) if number % 3 == 0 else (None,)
            for week in weeks:
                for weekday in rnd.sample(range(7), rnd.randint(2, 7)):
                    hours.attendances.append((week, weekday, rnd.choice((0, 7.5, 8, 9)), rnd.choice((11, 12.5, 13))))
                    if rnd.random() < 0.7:
                        hours.attendances.append((week, weekday, rnd.choice((14, 15.25)), rnd.choice((17, 18.5, 24))))
            calendar.two_weeks_calendar = len(weeks) > 1
            calendar.attendance_ids = [Command.clear()] + [
                Command.create(
                    {
                        "name": "x",
                        "dayofweek": str(weekday),
                        "hour_from": first,
                        "hour_to": last,
                        "day_period": "morning" if last < 14 else "afternoon",
                        **({"week_type": str(week)} if week is not None else {}),
                    }
                )
                for week, weekday, first, last in hours.attendances
            ]
        cls.add_holidays(calendar, hours)
        return calendar, hours

    @classmethod
    def add_holidays(cls, calendar, hours):
        """Whole and half days, some of another company, some time off of one person."""
        rnd = cls.rnd
        for start in STARTS:
            for _holiday in range(rnd.randrange(4)):
                first = start + timedelta(
                    days=rnd.randrange(DAYS - 20), hours=rnd.choice((0, 5, 12)), minutes=rnd.randrange(60)
                )
                last = first + timedelta(hours=rnd.choice((4, 12, 24, 48)))
                kind = rnd.choice(("ours", "ours", "everybody", "theirs", "work"))
                # Odoo refuses holidays that overlap
                if any(first <= until + MARGIN and since <= last + MARGIN for since, until in cls.taken):
                    continue
                # Odoo computes the company of a leave from the current one
                leave = cls.env["resource.calendar.leaves"].create(
                    {
                        "name": kind,
                        "calendar_id": calendar.id if rnd.random() < 0.5 else False,
                        "date_from": first,
                        "date_to": last,
                        "time_type": "other" if kind == "work" else "leave",
                    }
                )
                # with the Time Off app, Odoo takes them for local times, and stores others
                first, last = leave.date_from, leave.date_to
                cls.taken.append((first, last))
                leave.company_id = {"theirs": cls.there.id, "everybody": False}.get(kind, cls.env.company.id)
                if kind in ("ours", "everybody"):
                    cls.holidays.append((leave.calendar_id, to_minute(first), to_minute(last)))

    def test_worlds(self):
        rnd = random.Random(7)
        for _calendar, hours in self.hours:
            hours.holidays = []
        for calendar, hours in self.hours[1:]:
            hours.holidays = [(first, last) for owner, first, last in self.holidays if not owner or owner == calendar]
        outcomes = set()
        count = 0
        # counting a calendar's minutes takes longest: few worlds share those of every second pair
        pairs = list(product(self.hours, STARTS))[:: 1 if WORLDS > 200 else 4]
        for (calendar, hours), start in pairs:
            clock = calendar._get_clock(self.env.company, start, start + timedelta(days=DAYS))
            origin = to_minute(start)
            grid = hours.grid(origin, origin + DAYS * 1440)
            for _world in range(max(1, WORLDS // len(pairs))):
                count += 1
                outcomes |= self.compare(rnd, clock, grid, origin)
        self.assertGreaterEqual(count, WORLDS * 3 // 4)
        # the worlds have everything: kept, late and dropped, standing and running
        self.assertGreaterEqual(len(outcomes), 8, outcomes)

    def compare(self, rnd, clock, grid, origin):
        target = random_target(rnd)
        events = random_history(rnd, origin + rnd.randrange(SPAN))
        now = events[-1].at + rnd.choice((0, 1, rnd.randrange(5000)))
        rounds = replay(events, target, clock, now)
        if rounds and rounds[-1].deadline and rnd.random() < 0.4:
            # exactly then, or a minute later
            at = rounds[-1].deadline + rnd.choice((0, 1))
            if events[-1].at <= at < origin + (DAYS - 10) * 1440:
                events.append(Event(at, rnd.choice(("agent", "stage", "priority", close_kind(events))), 3))
                now = max(now, at + rnd.choice((0, 1, 600)))
                rounds = replay(events, target, clock, now)
        limit = origin + len(grid)
        got = [
            (
                this.start,
                this.reached,
                this.dropped,
                this.deadline if this.deadline is None or this.deadline < limit else None,
                this.is_late(now),
                this.spent(now, clock),
            )
            for this in rounds
        ]
        self.assertEqual(got, expect(events, target, grid, origin, now), (target, events, now))
        return {(bool(r.reached), bool(r.dropped), r.deadline is not None, r.is_late(now)) for r in rounds}


class TestSlaKernel(BaseCase):
    """What must not change anything, and how fast it is."""

    def setUp(self):
        super().setUp()
        # Mondays to Fridays from 8 to 12 and from 13 to 17
        self.days = [day for day in range(60) if day % 7 < 5]
        self.clock = Clock(
            (day * 1440 + first * 60, day * 1440 + last * 60) for day in self.days for first, last in ((8, 12), (13, 17))
        )

    def outcomes(self, clock, rnd_seed, shift=0, change=lambda events: events):
        rnd = random.Random(rnd_seed)
        target, events = random_target(rnd), random_history(rnd, 7 * 1440 + rnd.randrange(4000))
        now = max(event.at for event in events) + 500
        events = [event._replace(at=event.at + shift) for event in change(events)]
        rounds = replay(events, target, clock, now + shift)
        found = []
        for this in rounds:
            moments = (value if value is None else value - shift for value in (this.start, this.reached, this.deadline))
            found.append((*moments, this.is_late(now + shift), this.spent(now + shift, clock)))
        return target, found

    def test_a_week_later_everything_is_a_week_later(self):
        for seed in range(300):
            self.assertEqual(self.outcomes(self.clock, seed), self.outcomes(self.clock, seed, shift=7 * 1440), seed)

    def test_a_priority_that_is_chosen_again_changes_nothing(self):
        """GLPI loses the pauses then; here the log is read from its beginning."""

        def choose_again(events):
            found, priority = [], 0
            for event in events:
                priority = event.value if event.kind == "priority" else priority
                found += [event, Event(event.at, "priority", priority)]
            return found

        for seed in range(300):
            self.assertEqual(self.outcomes(self.clock, seed), self.outcomes(self.clock, seed, change=choose_again), seed)

    def test_a_holiday_after_the_deadline_changes_nothing(self):
        before = self.outcomes(self.clock, 5)[1]
        late = max(value for this in before for value in this[:3] if value is not None) + 2 * 1440
        clock = Clock(
            (start, end)
            for start, end in zip(self.clock.starts, self.clock.ends, strict=True)
            if start < late or start > late + 1440
        )
        self.assertEqual([this[:3] for this in self.outcomes(clock, 5)[1]], [this[:3] for this in before])

    def test_nothing_happens_without_events_or_working_time(self):
        target = Target(RESOLUTION, (60,) * 4)
        self.assertEqual(replay([], target, self.clock, 100), [])
        (this,) = replay([Event(0, "created")], target, Clock([]), 100)
        self.assertEqual((this.deadline, this.is_late(10**6)), (None, False))
