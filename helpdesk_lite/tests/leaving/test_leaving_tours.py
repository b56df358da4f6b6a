from odoo.tests import HttpCase, tagged

from .test_leaving import LeavingCase


@tagged("post_install", "-at_install")
class TestLeavingTours(LeavingCase, HttpCase):
    """The dialogs that Odoo's own menu item *Archive* opens."""

    def test_archive_a_user(self):
        public = self.make_ticket(name="Tour lamp", user_id=self.leaver.id)
        private = self.make_ticket("private", name="Tour salary", user_id=self.leaver.id)
        self.start_tour(f"/odoo/users/{self.leaver.id}", "helpdesk_lite_archive_user", login="hl_hr")
        self.assertFalse(self.leaver.active)
        self.assertFalse((public | private).user_id)

    def test_archive_a_team(self):
        ticket = self.make_ticket()
        self.start_tour(f"/odoo/helpdesk-lite-teams/{self.team.id}", "helpdesk_lite_archive_team", login="hl_manager")
        self.assertFalse(self.team.active)
        self.assertTrue(ticket.is_closed)
        self.assertEqual(self.team.redirect_team_id, self.teams["private"])
