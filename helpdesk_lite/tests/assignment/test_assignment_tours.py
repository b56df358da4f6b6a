from odoo.fields import Command
from odoo.tests import HttpCase, new_test_user, tagged

from .test_assignment import AssignmentCase


@tagged("post_install", "-at_install")
class TestAssignmentTours(HttpCase, AssignmentCase):
    """Time off that is entered in the form of the Time Off app changes the next assignee."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.team.name = "Tour Care"
        cls.manager.name = "Tour Manager"
        # the browser uses the real date of today
        cls.calendar.attendance_ids = [Command.clear()] + [
            Command.create({"name": str(day), "dayofweek": str(day), "hour_from": 0, "hour_to": 24, "day_period": "morning"})
            for day in range(7)
        ]
        cls.resources[cls.ana].unlink()
        cls.ana.name = "Tour Ana"
        cls.env["hr.employee"].create(
            {"name": "Tour Ana", "user_id": cls.ana.id, "resource_calendar_id": cls.calendar.id, "tz": "UTC"}
        )
        cls.env["hr.leave.type"].create(
            {
                "name": "Tour Leave",
                "requires_allocation": False,
                "leave_validation_type": "hr",
                "request_unit": "day",
                "time_type": "leave",
            }
        )
        cls.officer = new_test_user(
            cls.env, "hl_officer", "base.group_user,hr_holidays.group_hr_holidays_manager,hr.group_hr_user", tz="UTC"
        )

    def test_leave_changes_the_next_assignment(self):
        self.team.member_ids = self.ana + self.luis
        self.make_ticket(user_id=self.luis.id)
        first = self.new()
        self.assertEqual(first.user_id, self.ana, "she has fewer open tickets")
        self.close(first)
        self.start_tour("/odoo/time-off-approval", "helpdesk_lite_time_off", login="hl_officer")
        leave = self.env["hr.leave"].search([("employee_id.user_id", "=", self.ana.id)])
        self.assertEqual(leave.state, "validate")
        second = self.new()
        self.assertEqual(second.user_id, self.luis, "she still has fewer, and is away")
        self.assertIn("Tour Ana is off until", second.message_ids.mapped("preview")[-1] + second.message_ids[0].preview)

    def test_manager_looks_at_the_workload_and_reassigns(self):
        ticket = self.make_ticket(user_id=self.ana.id)
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Off",
                "resource_id": self.env["resource.resource"].search([("user_id", "=", self.ana.id)]).id,
                "date_from": "2020-01-01 00:00:00",
                "date_to": "2090-01-01 00:00:00",
            }
        )
        self.start_tour("/odoo/helpdesk-lite", "helpdesk_lite_workload", login="hl_manager")
        self.assertEqual(ticket.user_id, self.luis)
