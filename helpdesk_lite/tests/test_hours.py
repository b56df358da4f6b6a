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
                "UPDATE helpdesk_lite_ticket SET opened_on = %s, close_date = %s WHERE id = %s", [created, closed, ticket.id]
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

    def test_unknown_hours_are_left_out_of_averages(self):
        """A ticket that waits does not improve the average, as a 0 would."""
        self.team.resource_calendar_id = False
        tickets = self.make_tickets()
        waiting = self.env["helpdesk_lite.ticket"].create([{"name": "x", "team_id": self.team.id} for _span in SPANS])
        tickets._compute_hours()
        known = tickets.mapped("close_hours")
        self.assertTrue(all(hours > 0 for hours in known))
        [(average, unassigned)] = self.env["helpdesk_lite.ticket"]._read_group(
            [("id", "in", (tickets | waiting).ids)], [], ["close_hours:avg", "assign_hours:avg"]
        )
        self.assertAlmostEqual(average, sum(known) / len(known))
        self.assertFalse(unassigned)
        read = self.call(self.agent, "helpdesk_lite.ticket", "read", waiting[0].id, ["assign_hours", "close_hours"])
        self.assertEqual([read[0]["assign_hours"], read[0]["close_hours"]], [False, False])
        exported = self.call(self.agent, "helpdesk_lite.ticket", "export_data", waiting[0].ids, ["close_hours"])
        self.assertEqual(exported["datas"], [[""]])

    def test_hours_count_from_the_day_on_which_a_ticket_was_opened(self):
        self.team.resource_calendar_id = False
        ticket = self.make_ticket(opened_on=datetime(2026, 3, 3), close_date=datetime(2026, 3, 3, 5))
        self.assertEqual(ticket.close_hours, 5)
        ticket.opened_on = datetime(2026, 3, 3, 3)
        self.assertEqual(ticket.close_hours, 2)
