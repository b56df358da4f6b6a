from datetime import datetime, timedelta

from odoo.fields import Command
from odoo.tests import freeze_time, tagged

from ..time.test_events import EventCase

MONDAY = datetime(2026, 3, 2)
# ten histories, counted by hand in the hours of the team: Monday to Friday, 8 to 12 and 13 to 17, in UTC; opened Monday at 9.
# steps (who, hour since Monday 0:00); hours to the first answer, to answers on average, in which the customer waited
HISTORIES = {
    "nobody answers": ([("customer", 9)], None, None, 0),
    "one answer": ([("customer", 9), ("agent", 11)], 2, 2, 2),
    "over lunch": ([("customer", 11), ("agent", 14)], 4, 2, 2),
    "over night": ([("customer", 16), ("agent", 24 + 9)], 8, 2, 2),
    "over the week-end": ([("customer", 4 * 24 + 16), ("agent", 7 * 24 + 8)], 39, 1, 1),
    "two questions, one answer": ([("customer", 9), ("customer", 10), ("agent", 11)], 2, 2, 2),
    "two answers, one question": ([("customer", 9), ("agent", 10), ("agent", 16)], 1, 1, 1),
    "two rounds": ([("customer", 9), ("agent", 10), ("customer", 13), ("agent", 16)], 1, 2, 4),
    "closed without an answer": ([("customer", 9), ("close", 12)], None, None, 3),
    "the agent writes first": ([("agent", 10), ("customer", 11), ("agent", 12)], 1, 1, 1),
}


@tagged("post_install", "-at_install")
class TestAnswers(EventCase):
    """How long customers waited, as a person would count it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.calendar = cls.env["resource.calendar"].create(
            {
                "name": "Eight to five",
                "tz": "UTC",
                "attendance_ids": [Command.clear()]
                + [
                    Command.create(
                        {"name": "Work", "dayofweek": str(day), "hour_from": start, "hour_to": end, "day_period": part}
                    )
                    for day in range(5)
                    for start, end, part in ((8, 12, "morning"), (13, 17, "afternoon"))
                ],
            }
        )
        cls.team.resource_calendar_id = cls.calendar

    def test_ten_histories_counted_by_hand(self):
        for name, (steps, *expected) in HISTORIES.items():
            with self.subTest(name):
                with freeze_time(MONDAY + timedelta(hours=9)):
                    ticket = self.Ticket.with_user(self.agent).create(
                        {"name": name, "team_id": self.team.id, "partner_id": self.customer.id}
                    )
                for who, hour in steps:
                    with freeze_time(MONDAY + timedelta(hours=hour)):
                        if who == "close":
                            ticket.with_user(self.agent).stage_id = self.closed
                        else:
                            self.say(ticket, self.agent if who == "agent" else self.customer_user)
                found = [ticket.first_response_hours, ticket.answer_hours, ticket.waiting_hours]
                self.assertEqual([None if value is False else value for value in found][:2], expected[:2])
                self.assertEqual(found[2] or 0, expected[2])

    def test_who_closed_it(self):
        ticket = self.make_ticket()
        ticket.with_user(self.agent).stage_id = self.closed
        self.assertEqual(ticket.closer_id, self.agent)
        ticket.with_user(self.manager).stage_id = self.open
        self.assertFalse(ticket.closer_id)
        ticket.stage_id = self.closed
        self.assertFalse(ticket.closer_id, "a program closed it")

    def test_other_working_hours_are_counted_for_open_tickets(self):
        with freeze_time(MONDAY + timedelta(hours=9)):
            ticket = self.make_ticket(partner_id=self.customer.id)
        with freeze_time(MONDAY + timedelta(hours=24 + 9)):
            self.say(ticket, self.agent)
        self.assertEqual(ticket.first_response_hours, 8)
        self.team.resource_calendar_id = False
        self.env["helpdesk_lite.ticket"]._count_next_hours(self.team)
        self.assertEqual(ticket.first_response_hours, 24)

    def test_a_corrected_opening_date_counts(self):
        with freeze_time(MONDAY + timedelta(hours=11)):
            ticket = self.make_ticket(partner_id=self.customer.id)
            self.say(ticket, self.agent)
        self.assertEqual(ticket.first_response_hours, 0)
        ticket.opened_on = MONDAY + timedelta(hours=8)
        self.assertEqual(ticket.first_response_hours, 3)
        ticket.opened_on = MONDAY + timedelta(hours=15)
        self.assertEqual(ticket.first_response_hours, 0, "never negative")
