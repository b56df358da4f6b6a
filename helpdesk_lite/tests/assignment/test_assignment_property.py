import os
import random
from datetime import datetime, timedelta

from odoo.fields import Command
from odoo.tests import BaseCase, freeze_time, tagged

from ...models.assignment.team_assignment import Request
from ...tools.fair_share import Ledger, choose
from .assignment_reference import Hours, Person, Rounds, World
from .test_assignment import AssignmentCase

ZONES = ("UTC", "Europe/Madrid", "America/New_York", "Asia/Kolkata", "Australia/Sydney")
MOMENTS = 8  # the number of moments at which each world is compared
WORLDS = int(os.environ.get("HELPDESK_LITE_WORLDS", 100))
PEOPLE = 4


@tagged("post_install", "-at_install")
class TestWorlds(AssignmentCase):
    """Compares random worlds in Odoo's calendars and leaves with the reference implementation.

    Each world is compared at several moments, 800 in total. To run more::

        HELPDESK_LITE_WORLDS=2000 ./dev test helpdesk_lite -k TestWorlds
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.random = random.Random(20260505)
        cls.hours = {cls.env["resource.calendar"]: None}
        for number in range(24):
            cls.add_calendar(number)
        cls.agents += cls.agent
        cls.resources[cls.agent] = cls.make_resource(cls.agent)
        cls.team.member_ids = cls.agents

    @classmethod
    def add_calendar(cls, number):
        """Create a calendar in Odoo and in the reference; some are flexible, empty or alternate by week."""
        rnd = cls.random
        hours = Hours(rnd.choice(ZONES))
        values = {"name": f"Random {number}", "tz": hours.tz, "attendance_ids": [Command.clear()]}
        if number % 12 == 1:
            values.update(schedule_type="flexible", flexible_hours=True, full_time_required_hours=40, hours_per_day=8)
        calendar = cls.env["resource.calendar"].create(values)
        if number % 12 == 1:
            cls.hours[calendar] = None
            return
        weeks = (None,) if number % 4 else (0, 1)
        for week in weeks if number % 12 != 2 else ():
            for weekday in rnd.sample(range(7), rnd.randint(1, 6)):
                first = rnd.choice((6, 7.5, 8, 9))
                last = rnd.choice((11, 12.5, 13))
                hours.attendances.append((week, weekday, first, last))
                if rnd.random() < 0.6:
                    hours.attendances.append((week, weekday, rnd.choice((14, 15.25)), rnd.choice((17, 18.5, 22))))
        calendar.two_weeks_calendar = len(weeks) > 1
        calendar.attendance_ids = [Command.clear()] + [
            Command.create(
                {
                    "name": f"{week} {weekday} {first}",
                    "dayofweek": str(weekday),
                    "hour_from": first,
                    "hour_to": last,
                    "day_period": "morning",
                    "week_type": False if week is None else str(week),
                }
            )
            for week, weekday, first, last in hours.attendances
        ]
        cls.hours[calendar] = hours

    def random_period(self, moment):
        """Draw a time off of hours, half a day, a day, weeks or months, before, at or after a moment."""
        rnd = self.random
        start = moment.replace(minute=0, second=0) + timedelta(hours=rnd.randint(-60, 40))
        kind = rnd.choice(("hours", "half", "day", "weeks", "months", "to the minute"))
        if kind == "to the minute":
            start = moment + timedelta(minutes=rnd.choice((-1, 0, 1)))
        length = {
            "hours": timedelta(hours=rnd.randint(1, 5)),
            "half": timedelta(hours=5),
            "day": timedelta(days=1),
            "weeks": timedelta(days=rnd.randint(2, 20)),
            "months": timedelta(days=rnd.randint(30, 90)),
            "to the minute": timedelta(hours=3),
        }[kind]
        return start, start + length - timedelta(seconds=rnd.choice((0, 1)))

    def make_world(self, moment):
        """Change the calendars and leaves in the database and in the reference."""
        rnd = self.random
        own = [calendar for calendar in self.hours if self.hours[calendar] is not None]
        team_calendar = rnd.choice(own)
        self.team.resource_calendar_id = team_calendar
        leaves, people = [], []
        for user in self.agents[: rnd.randint(1, PEOPLE)]:
            calendar, tz = rnd.choice(list(self.hours)), rnd.choice(ZONES)
            person = Person(user.id, self.hours[calendar], tz)
            resource = self.resources[user]
            has_resource = rnd.random() < 0.85
            if not has_resource:
                person.hours = None
            resource.write({"calendar_id": calendar.id, "tz": tz, "active": has_resource})
            for _i in range(rnd.choice((0, 0, 1, 2))):
                start, stop = self.random_period(moment)
                time_type = "leave" if rnd.random() < 0.9 else "other"
                if has_resource and time_type == "leave":
                    person.leaves.append((start, stop))
                leaves.append(
                    {"name": "Off", "resource_id": resource.id, "date_from": start, "date_to": stop, "time_type": time_type}
                )
            people.append(person)
        self.env["resource.calendar.leaves"].create(leaves)
        own_holidays, company_holidays = self.make_holidays(moment)
        for person in people:
            if person.hours:
                person.hours = own_holidays.get(id(person.hours), person.hours)
        team_hours = self.hours[team_calendar]
        return World(people, own_holidays.get(id(team_hours), team_hours), company_holidays)

    def make_holidays(self, moment):
        """Create a holiday of two calendars, or of the company.

        :return: tuple (hours with holidays by the ``id()`` of the hours without, holidays of the company)
        """
        rnd = self.random
        start = moment.replace(hour=0, minute=0, second=0) + timedelta(days=rnd.randint(-1, 2))
        calendars = rnd.sample([calendar for calendar in self.hours if calendar], 2)
        stop = start + timedelta(days=1, seconds=-1)
        made = self.env["resource.calendar.leaves"].create(
            [
                {"name": "Holiday", "calendar_id": calendar.id, "date_from": start, "date_to": stop}
                for calendar in (calendars if rnd.random() < 0.8 else [self.env["resource.calendar"]])
            ]
        )
        # the Time Off app converts them to the calendar's time zone; the stored dates count
        periods = {holiday.calendar_id: (holiday.date_from, holiday.date_to) for holiday in made}
        return {
            id(known): Hours(known.tz, known.attendances, [periods[calendar]])
            for calendar, known in self.hours.items()
            if known and calendar in periods
        }, [period for calendar, period in periods.items() if not calendar]

    def test_presence_and_equal_shares_in_every_world(self):
        kinds = {}
        for number in range(WORLDS):
            moment = datetime(2026, 1, 1) + timedelta(minutes=self.random.randrange(365 * 24 * 60))
            with self.cr.savepoint() as savepoint:
                world = self.make_world(moment)
                users = self.env["res.users"].browse([person.id for person in world.people])
                for asked in self.moments(world, moment):
                    kind = self.check_presence(world, users, asked, number)
                    kinds[kind] = kinds.get(kind, 0) + 1
                self.check_choices(world, users, moment)
                savepoint.rollback()
            self.env.invalidate_all()
        self.assertEqual(set(kinds), {"now", "today", "another day", None})
        self.assertGreater(min(kinds.values()), WORLDS * MOMENTS / 100, kinds)

    def moments(self, world, moment):
        """A world's own moment, and others near the beginning or end of a time off or within two days."""
        rnd = self.random
        edges = [edge for person in world.people for leave in person.leaves for edge in leave]
        yield moment
        for _i in range(MOMENTS - 1):
            if edges and rnd.random() < 0.4:
                yield rnd.choice(edges).replace(second=0) + timedelta(minutes=rnd.choice((-1, 0, 1)))
            else:
                yield moment + timedelta(minutes=rnd.randint(-48 * 60, 48 * 60))

    def check_presence(self, world, users, moment, number):
        """Compare the addon with the reference.

        :return: when people work: str, None or "another day"
        """
        availability, expected = self.team._get_availability(users, moment), world.availability(moment)
        self.assertEqual((availability.when, sorted(availability.users)), (expected[0], sorted(expected[1])), (number, moment))
        for user, until in availability.away.items():
            self.assertNotIn(user, availability.users)
            self.assertGreater(until, moment)
        return availability.when if isinstance(availability.when, str | None) else "another day"

    def check_choices(self, world, users, moment):
        """Assign a few tickets while people leave and return, and compare with the reference."""
        rounds = Rounds()
        self.team.assign_method = "equal_total"
        with freeze_time(moment):
            for _step in range(4):
                some = users[: self.random.randint(1, len(users))]
                people = [person for person in world.people if person.id in some.ids]
                candidates = World(people, world.team_hours, world.company_holidays).availability(moment)[1]
                choices = self.team._assign_in_turn([Request(some, users.browse())] * 3)
                for choice in choices:
                    self.assertEqual(choice and choice.user, rounds.choose(candidates) if candidates else None)

    def test_tickets_in_some_worlds(self):
        """Create tickets one by one in some worlds, with open tickets, closings and time that passes."""
        for number in range(max(12, WORLDS // 8)):
            moment = datetime(2026, 1, 1) + timedelta(minutes=self.random.randrange(365 * 24 * 60))
            with self.cr.savepoint() as savepoint:
                world = self.make_world(moment)
                self.team.member_ids = self.env["res.users"].browse([person.id for person in world.people])
                method = ("equal_open", "equal_total")[number % 2]
                self.team.assign_method = method
                rounds, turns, open_tickets, count = Rounds(), {}, {}, 0
                for _step in range(4):
                    moment += timedelta(hours=self.random.choice((0, 1, 5, 20)))
                    candidates = world.availability(moment)[1]
                    with freeze_time(moment):
                        ticket = self.new()
                    expected = None
                    if candidates and method == "equal_total":
                        expected = rounds.choose(candidates)
                    elif candidates:
                        expected = min(candidates, key=lambda user: (len(open_tickets.get(user, [])), turns.get(user, 0), user))
                    self.assertEqual(ticket.user_id.id or None, expected, (number, moment, method))
                    self.assertEqual(ticket.assignment_waiting, not candidates)
                    if expected:
                        count += 1
                        turns[expected] = count
                        open_tickets.setdefault(expected, []).append(ticket)
                        if self.random.random() < 0.4:
                            self.close(open_tickets[expected].pop())
                assignments = self.env["helpdesk_lite.assignment"].search([("team_id", "=", self.team.id)])
                self.assertEqual(assignments._find_discrepancies(), [])
                savepoint.rollback()
            self.env.invalidate_all()


class TestShares(BaseCase):
    """The ledger alone: long histories with people who come and go, and with tickets that are rolled back."""

    def test_equal_shares_are_rounds(self):
        rnd = random.Random(4)
        for _world in range(2000):
            people = list(range(1, rnd.randint(2, 7)))
            ledger, rounds = Ledger(), Rounds()
            there = set(people)
            always, given = set(people), dict.fromkeys(people, 0)
            for number in range(40):
                if rnd.random() < 0.3:
                    there ^= {rnd.choice(people)}
                if not there:
                    continue
                always &= there
                candidates = sorted(there)
                levels = ledger.level(candidates)
                self.assertLessEqual(max(levels.values()) - min(levels.values()), 1)
                user = choose(levels, ledger.turns(candidates))
                ledger.give(user, "equal_total", xid=number, time=0, levels=levels)
                self.assertEqual(user, rounds.choose(candidates))
                given[user] += 1
                if rnd.random() < 0.1:
                    ledger = Ledger.from_json(ledger.to_json())
            if always:
                shares = [given[person] for person in always]
                self.assertLessEqual(max(shares) - min(shares), 1, "members who were present all the time")

    def test_what_is_rolled_back_is_taken_back(self):
        rnd = random.Random(5)
        for _world in range(500):
            people = list(range(1, rnd.randint(3, 7)))
            ledger, given, running = Ledger(), dict.fromkeys(people, 0), {}
            for number in range(1, 60):
                levels = ledger.level(people)
                user = choose(levels, ledger.turns(people))
                running[ledger.give(user, "equal_total", xid=number, time=0, levels=levels)] = user
                if len(running) == 3:
                    outcomes = {claim: rnd.random() < 0.7 for claim in running}
                    for claim, happened in outcomes.items():
                        given[running[claim]] += happened
                    ledger.settle(outcomes, horizon=number, now=0)
                    running = {}
                    totals = {p: ledger.shares[p].total for p in people if p in ledger.shares}
                    self.assertEqual(
                        {p: count for p, count in totals.items() if count}, {p: count for p, count in given.items() if count}
                    )
                    self.assertLessEqual(max(given.values()) - min(given.values()), 1 + 3, "no more than what was in flight")
                    self.assertLess(len(ledger.claims), 4)

    def test_what_others_cannot_see_yet_is_counted(self):
        ledger = Ledger()
        for xid, user in ((10, 1), (10, 1), (12, 2), (13, 3)):
            ledger.give(user, "equal_open", xid, time=0)
        self.assertEqual(ledger.in_flight("10:14:10,12", 13, now=0), {1: 2, 2: 1})
        self.assertEqual(ledger.in_flight("11:14:12", 99, now=0), {2: 1})
        self.assertEqual(ledger.in_flight("10:14:10,12", 13, now=4000), {}, "numbers of another server")
        ledger.settle({1: True, 2: True, 3: True}, horizon=12, now=0)
        self.assertEqual([claim.number for claim in ledger.claims], [3, 4])
        ledger.settle({3: True, 4: False}, horizon=0, now=4000)
        self.assertEqual(ledger.claims, [])
        self.assertEqual(ledger.shares[3].total, 0)
