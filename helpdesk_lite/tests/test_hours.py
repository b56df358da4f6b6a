from datetime import datetime
from unittest.mock import patch

from odoo.fields import Command
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
        # Odoo counts the hours of a week from the first moment that it is asked for
        for tz, week, expected in (("UTC", 40, [16, 120, 1, 8]), ("Europe/Madrid", 20, [12, 60, 0, 0])):
            with self.subTest(tz=tz, week=week):
                self.team.resource_calendar_id = self.env["resource.calendar"].create(
                    {
                        "name": "Flexible",
                        "tz": tz,
                        "flexible_hours": True,
                        "full_time_required_hours": week,
                        "hours_per_day": 8,
                        "attendance_ids": False,
                    }
                )
                self.assertEqual(self.assert_alone_as_in_a_batch(), expected)

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

    # ------------------------------------------------------------
    # WHEN WORKING HOURS CHANGE
    # ------------------------------------------------------------

    def make_assigned_tickets(self):
        """An open and a closed ticket, each assigned after the whole Thursday."""
        self.team.resource_calendar_id = self.env["resource.calendar"].create(
            {
                "name": "Thursdays",
                "tz": "UTC",
                "attendance_ids": [
                    Command.create({"name": "x", "dayofweek": "3", "hour_from": 8, "hour_to": 16, "day_period": "full_day"})
                ],
            }
        )
        solved = self.env.ref("helpdesk_lite.stage_solved").id
        tickets = self.make_ticket() | self.make_ticket(stage_id=solved)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE helpdesk_lite_ticket SET opened_on = %s, assign_date = %s WHERE id = ANY(%s)",
            [datetime(2026, 3, 12, 0), datetime(2026, 3, 13, 0), tickets.ids],
        )
        self.env.invalidate_all()
        self.count_again(tickets)
        return tickets

    def count_again(self, tickets):
        for name in ("assign_hours", "close_hours"):
            self.env.add_to_compute(tickets._fields[name], tickets)
        self.env.flush_all()

    def run_job(self):
        with self.enter_registry_test_mode():
            self.env.ref("helpdesk_lite.cron_count_hours").method_direct_trigger()
        self.env.invalidate_all()

    def change_attendances(self):
        self.team.resource_calendar_id.attendance_ids.hour_to = 12
        return 4

    def add_attendances(self):
        self.team.resource_calendar_id.attendance_ids = [
            Command.create({"name": "y", "dayofweek": "3", "hour_from": 17, "hour_to": 18, "day_period": "afternoon"})
        ]
        return 9

    def remove_attendances(self):
        self.team.resource_calendar_id.attendance_ids = [Command.clear()]
        return 0

    def choose_another_calendar(self):
        self.team.resource_calendar_id = False
        return 24

    def add_a_holiday(self):
        self.env["resource.calendar.leaves"].create(
            {"name": "Ours", "date_from": datetime(2026, 3, 12, 0), "date_to": datetime(2026, 3, 12, 10)}
        )
        return 6

    def remove_a_holiday(self):
        self.add_a_holiday()
        self.run_job()
        self.env["resource.calendar.leaves"].search([("name", "=", "Ours")]).unlink()
        return 8

    CHANGES = (
        "change_attendances",
        "add_attendances",
        "remove_attendances",
        "choose_another_calendar",
        "add_a_holiday",
        "remove_a_holiday",
    )

    def test_open_tickets_are_counted_again_whatever_changes_the_working_hours(self):
        for change in self.CHANGES:
            with self.subTest(change=change), self.cr.savepoint() as savepoint:
                tickets = opened, closed = self.make_assigned_tickets()
                self.assertEqual([ticket.assign_hours for ticket in tickets], [8, 8])
                self.run_job()
                expected = getattr(self, change)()
                self.assertTrue(self.team.hours_due_from)
                self.run_job()
                self.assertEqual(opened.assign_hours, expected)
                self.assertEqual(closed.assign_hours, 8, "as it was in the working hours of its time")
                self.assertFalse(self.team.hours_due_from)
                savepoint.rollback()
                self.env.invalidate_all()
                self.env.registry.clear_all_caches()

    def test_other_teams_and_time_off_of_people_change_nothing(self):
        self.make_assigned_tickets()
        self.run_job()
        there = self.env["res.company"].create({"name": "Far away"})
        holiday = {"date_from": datetime(2026, 3, 12, 0), "date_to": datetime(2026, 3, 12, 10)}
        self.env["resource.calendar.leaves"].with_company(there).create({"name": "Theirs", **holiday})
        resource = self.env["resource.resource"].create({"name": "Ana", "calendar_id": self.team.resource_calendar_id.id})
        self.env["resource.calendar.leaves"].create({"name": "Ana", "resource_id": resource.id, **holiday})
        self.assertFalse(self.team.hours_due_from)
        self.teams["private"].resource_calendar_id.attendance_ids[:1].hour_to += 1
        self.assertFalse(self.team.hours_due_from)
        self.assertTrue(self.teams["private"].hours_due_from)

    def test_batches_go_on_where_the_last_one_ended(self):
        tickets = self.env["helpdesk_lite.ticket"].union(*(self.make_assigned_tickets()[0] for _number in range(5)))
        self.run_job()
        self.change_attendances()
        sizes = []
        Ticket = self.env.registry["helpdesk_lite.ticket"]
        count = Ticket._count_hours_again

        def measure(batch):
            sizes.append(len(batch))
            return count(batch)

        module = "odoo.addons.helpdesk_lite.models.ticket_hours.BATCH"
        with patch(module, 2), patch.object(Ticket, "_count_hours_again", measure):
            self.run_job()
        self.assertLessEqual(max(sizes), 2)
        # each has a calendar of its own but the last, whose calendar was changed
        self.assertEqual(tickets[-1].assign_hours, 4)

    def test_change_of_working_hours_costs_the_same_for_few_and_many_tickets(self):
        self.make_assigned_tickets()

        def cost():
            self.env.flush_all()
            before = self.cr.sql_log_count
            self.team.resource_calendar_id.attendance_ids.hour_to -= 1
            self.env.flush_all()
            return self.cr.sql_log_count - before

        cost()
        few = cost()
        for _number in range(20):
            self.make_ticket(user_id=self.agent.id)
        self.assertLessEqual(cost(), few)

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
        self.agent.group_ids += self.env.ref("base.group_allow_export")
        exported = self.call(self.agent, "helpdesk_lite.ticket", "export_data", waiting[0].ids, ["close_hours"])
        self.assertEqual(exported["datas"], [[""]])

    def test_hours_count_from_the_day_on_which_a_ticket_was_opened(self):
        self.team.resource_calendar_id = False
        ticket = self.make_ticket(opened_on=datetime(2026, 3, 3), close_date=datetime(2026, 3, 3, 5))
        self.assertEqual(ticket.close_hours, 5)
        ticket.opened_on = datetime(2026, 3, 3, 3)
        self.assertEqual(ticket.close_hours, 2)
