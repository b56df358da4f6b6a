from odoo.tests import new_test_user, tagged

from .common import HelpdeskCase


@tagged("post_install", "-at_install")
class TestFollowers(HelpdeskCase):
    """Who follows, and who does not gain sight by it."""

    def test_customer_follows_in_public_teams_only_also_in_batches(self):
        for mode, follows in (("private", False), ("company", False), ("public", True)):
            tickets = self.env["helpdesk_lite.ticket"].create([
                {"name": str(i), "team_id": self.teams[mode].id, "partner_id": self.customer.id} for i in range(3)
            ])
            for ticket in tickets:
                self.assertEqual(self.customer in ticket.message_partner_ids, follows, mode)
                self.assertEqual(ticket.with_user(self.customer_user).has_access("read"), follows, mode)

    def test_followers_of_the_team_follow_new_tickets_and_hear_of_them(self):
        self.team.message_subscribe(self.employee.partner_id.ids)
        ticket = self.env["helpdesk_lite.ticket"].with_user(self.agent).create({"name": "New", "team_id": self.team.id})
        follower = ticket.message_follower_ids.filtered(lambda f: f.partner_id == self.employee.partner_id)
        self.assertIn(self.env.ref("helpdesk_lite.mt_ticket_new"), follower.subtype_ids)
        self.assertIn(self.env.ref("mail.mt_comment"), follower.subtype_ids)
        self.assertIn(self.employee.partner_id, ticket.message_ids.notified_partner_ids)

    def test_external_followers_of_the_team_get_no_internal_subtypes(self):
        subtypes = self.team._mail_get_message_subtypes()
        self.team.message_subscribe(self.customer.ids, subtypes.ids)
        ticket = self.make_ticket()
        follower = ticket.message_follower_ids.filtered(lambda f: f.partner_id == self.customer)
        self.assertTrue(follower)
        self.assertFalse(any(follower.subtype_ids.mapped("internal")))

    def test_members_of_a_private_team_are_invited_without_mail(self):
        team = self.teams["private"]
        ticket = self.make_ticket("private")
        self.assertFalse(ticket.with_user(self.agent).has_access("read"))
        team.with_user(self.manager).member_ids = self.agent
        self.assertTrue(ticket.with_user(self.agent).has_access("read"))
        new = self.env["helpdesk_lite.ticket"].with_user(self.agent).create({"name": "Quiet", "team_id": team.id})
        other = self.make_ticket("private")
        self.assertNotIn(self.agent.partner_id, other.message_partner_ids)
        self.assertTrue(new.with_user(self.agent).has_access("write"))
        team.with_user(self.manager).member_ids = False
        self.assertFalse(other.with_user(self.agent).has_access("read"))

    def test_former_customer_loses_sight_and_link(self):
        ticket = self.make_ticket(partner_id=self.customer.id)
        token = ticket._portal_ensure_token()
        other = new_test_user(self.env, "hl_other", "base.group_portal", email="other@test.example")
        ticket.with_user(self.agent).partner_id = other.partner_id
        self.assertFalse(ticket.with_user(self.customer_user).has_access("read"))
        self.assertTrue(ticket.with_user(other).has_access("read"))
        self.assertNotEqual(ticket.access_token, token)

    def test_moved_ticket_loses_the_audience_of_its_former_team(self):
        self.team.message_subscribe(self.employee.partner_id.ids)
        self.teams["private"].message_subscribe(self.agent.partner_id.ids)
        ticket = self.make_ticket(partner_id=self.customer.id)
        token = ticket._portal_ensure_token()
        self.assertIn(self.employee.partner_id, ticket.message_partner_ids)
        ticket.with_user(self.agent).team_id = self.teams["private"]
        self.assertFalse(ticket.with_user(self.employee).has_access("read"))
        self.assertFalse(ticket.with_user(self.customer_user).has_access("read"))
        self.assertTrue(ticket.with_user(self.agent).has_access("read"))
        self.assertNotEqual(ticket.access_token, token)
        ticket.with_user(self.agent).team_id = self.team
        self.assertTrue(ticket.with_user(self.customer_user).has_access("read"))
        self.assertTrue(ticket.with_user(self.employee).has_access("read"))

    def test_assignee_is_told_and_sees_a_private_ticket(self):
        ticket = self.make_ticket("private")
        ticket.with_user(self.manager).user_id = self.agent
        self.assertTrue(ticket.with_user(self.agent).has_access("read"))
        self.assertIn(self.agent.partner_id, self.env["mail.message"].search(
            [("model", "=", ticket._name), ("res_id", "=", ticket.id)],
        ).notified_partner_ids)
