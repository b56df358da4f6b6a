from datetime import datetime

from odoo.tests import tagged

from .common import HelpdeskCase

# created, closed: two days, three weeks, an hour, a working day
SPANS = [
    (datetime(2026, 3, 3, 0), datetime(2026, 3, 5, 0)),
    (datetime(2026, 3, 4, 0), datetime(2026, 3, 25, 0)),
    (datetime(2026, 3, 6, 12), datetime(2026, 3, 6, 13)),
    (datetime(2026, 3, 12, 0), datetime(2026, 3, 13, 0)),
]


@tagged("post_install", "-at_install")
class TestHours(HelpdeskCase):
    """A ticket has the same hours alone and in a batch, by the calendar and the holidays of its own company."""

    def make_tickets(self):
        """Tickets with the given spans, whose hours are not computed yet."""
        tickets = self.env["helpdesk_lite.ticket"].create([{"name": "x", "team_id": self.team.id} for _span in SPANS])
        for ticket, (created, closed) in zip(tickets, SPANS, strict=True):
            self.env.flush_all()
            self.env.cr.execute(
                "UPDATE helpdesk_lite_ticket SET create_date = %s, close_date = %s WHERE id = %s", [created, closed, ticket.id]
            )
        self.env.invalidate_all()
        return tickets

    def assert_alone_as_in_a_batch(self):
        tickets = self.make_tickets()
        alone = []
        for ticket in tickets:
            ticket._compute_hours()
            alone.append(ticket.close_hours)
        tickets._compute_hours()
        self.assertEqual(tickets.mapped("close_hours"), alone)
        return alone

    def test_flexible_calendar(self):
        self.team.resource_calendar_id = self.env["resource.calendar"].create(
            {
                "name": "Flexible",
                "tz": "UTC",
                "flexible_hours": True,
                "full_time_required_hours": 40,
                "hours_per_day": 8,
                "attendance_ids": False,
            }
        )
        self.assertEqual(self.assert_alone_as_in_a_batch(), [16, 120, 1, 8])

    def test_fixed_calendar_and_no_calendar(self):
        self.team.resource_calendar_id = self.env.company.resource_calendar_id
        self.assert_alone_as_in_a_batch()
        self.team.resource_calendar_id = False
        self.assertEqual(self.assert_alone_as_in_a_batch(), [48, 21 * 24, 1, 24])

    def test_only_holidays_of_the_own_company_count(self):
        calendar = self.env["resource.calendar"].create({"name": "Shared", "tz": "UTC", "company_id": False})
        self.team.resource_calendar_id = calendar
        there = self.env["res.company"].create({"name": "Far away"})
        holiday = {"calendar_id": False, "date_from": datetime(2026, 3, 12, 0), "date_to": datetime(2026, 3, 12, 23, 59, 59)}
        tickets = self.make_tickets()
        tickets._compute_hours()
        before = tickets[3].close_hours
        self.assertGreater(before, 0)
        # the company is computed from the current one, whatever is given
        theirs = self.env["resource.calendar.leaves"].with_company(there).create({"name": "Theirs", **holiday})
        self.assertEqual(theirs.company_id, there)
        tickets._compute_hours()
        self.assertEqual(tickets[3].close_hours, before)
        self.env["resource.calendar.leaves"].create({"name": "Ours", **holiday})
        tickets._compute_hours()
        self.assertEqual(tickets[3].close_hours, 0)
