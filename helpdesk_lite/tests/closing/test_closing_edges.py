from datetime import datetime

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged

from .test_closing import ClosingCase, at


@tagged("post_install", "-at_install")
class TestClosingEdges(ClosingCase):
    """What somebody changes while tickets wait to be closed."""

    def make_answered(self, **values):
        """A ticket that the agent answered on Monday at noon."""
        ticket = self.make_old(datetime(2026, 3, 1, 12), **values)
        with freeze_time(at("02-12")):
            self.act(ticket, "A")
        return ticket

    def closes(self, ticket, moment):
        """Run the action.

        :return: whether the ticket is closed then
        """
        with freeze_time(at(moment)):
            self.run_action()
        return ticket.is_closed

    def test_a_holiday_that_is_entered_afterwards_counts(self):
        self.team.auto_close_unit = "working"
        ticket = self.make_answered()
        with freeze_time(at("09-11")):
            self.assertEqual(ticket.auto_close_date, at("09-12"))
        with freeze_time(at("05-12")):
            self.env["resource.calendar.leaves"].create(
                {
                    "name": "It was a strike",
                    "calendar_id": self.calendar.id,
                    "date_from": datetime(2026, 3, 3, 23),
                    "date_to": datetime(2026, 3, 4, 22, 59),
                }
            )
        self.env.invalidate_all()
        with freeze_time(at("09-11")):
            self.assertEqual(ticket.auto_close_date, at("10-12"))
        self.assertFalse(self.closes(ticket, "09-13"))
        self.assertTrue(self.closes(ticket, "10-12"))

    def test_the_tickets_of_an_archived_team_stay(self):
        ticket = self.make_answered()
        with freeze_time(at("03-12")):
            self.assertTrue(ticket.auto_close_date)
        # sudo: archiving by hand asks what becomes of the tickets
        self.team.sudo().active = False
        ticket.sudo().active = True
        self.env.invalidate_all()
        with freeze_time(at("03-12")):
            self.assertFalse(ticket.auto_close_date, "the form does not announce what will not happen")
        self.assertFalse(self.closes(ticket, "20-12"))

    def test_a_stage_that_is_deleted(self):
        own = self.env["helpdesk_lite.stage"].create({"name": "Filed", "fold": True, "team_ids": self.team.ids})
        self.team.auto_close_to_stage_id = own
        ticket = self.make_answered()
        own.unlink()
        self.env.invalidate_all()
        self.assertTrue(self.closes(ticket, "07-12"))
        self.assertEqual(ticket.stage_id, self.solved, "the first folded stage of the team")

    def test_a_list_of_stages_does_not_become_all_stages(self):
        wait = self.env["helpdesk_lite.stage"].create({"name": "Wait", "team_ids": self.team.ids})
        self.team.auto_close_stage_ids = wait | self.hold
        wait.unlink()
        ticket = self.make_answered()
        self.assertFalse(self.closes(ticket, "20-12"), "the other stage is still in the list")
        self.hold.active = False
        self.env.invalidate_all()
        self.assertFalse(self.closes(ticket, "20-12"), "so is an archived one")
        self.hold.active = True
        with self.assertRaisesRegex(UserError, "close by themselves in the stage “On Hold” only"):
            self.hold.with_user(self.manager).unlink()
        self.team.auto_close = False
        self.hold.with_user(self.manager).unlink()

    def test_a_priority_that_changes_fifty_times(self):
        ticket = self.make_answered()
        before = ticket.read(["idle_since", "waiting_since", "response_count", "auto_close_date"])
        with freeze_time(at("03-12")):
            for turn in range(50):
                ticket.with_user(self.agent).priority = str(turn % 2 + 1)
        events = self.env["helpdesk_lite.event"].search([("ticket_id", "=", ticket.id), ("kind", "=", "priority")])
        self.assertEqual(len(events), 50)
        self.assertEqual(ticket.read(["idle_since", "waiting_since", "response_count", "auto_close_date"]), before)
        self.assertTrue(self.closes(ticket, "07-12"))

    def test_automatic_closing_that_is_turned_off_meanwhile(self):
        ticket = self.make_answered()
        self.team.auto_close = False
        self.assertFalse(self.closes(ticket, "20-12"))
        self.assertFalse(ticket.auto_close_date)
        with freeze_time(at("21-12")):
            self.team.write({"auto_close": True, "auto_close_stage_ids": [Command.clear()]})
        self.assertEqual(self.team.auto_close_since, at("21-12"), "old tickets are spread again")
