from odoo.tests import Form, new_test_user, tagged

from ..common import HelpdeskCase


@tagged("post_install", "-at_install")
class TestFollowers(HelpdeskCase):
    """Who follows a ticket, and who does not gain access to it."""

    def test_customer_follows_in_public_teams_only_also_in_batches(self):
        for mode, follows in (("private", False), ("company", False), ("public", True)):
            tickets = self.env["helpdesk_lite.ticket"].create(
                [{"name": str(i), "team_id": self.teams[mode].id, "partner_id": self.customer.id} for i in range(3)]
            )
            for ticket in tickets:
                self.assertEqual(self.customer in ticket.message_partner_ids, follows, mode)
                self.assertEqual(ticket.with_user(self.customer_user).has_access("read"), follows, mode)

    def test_contact_with_the_address_of_an_alias_is_never_subscribed(self):
        self.team.alias_domain_id = self.env["mail.alias.domain"].create({"name": "alias.test.example"})
        own = self.env["res.partner"].create({"name": "Ourselves", "email": self.team.alias_email})
        self.assertNotIn(own, self.make_ticket(partner_id=own.id).message_partner_ids)

    def test_followers_of_the_team_follow_new_tickets_and_hear_of_them(self):
        self.team.message_subscribe(self.employee.partner_id.ids)
        ticket = self.env["helpdesk_lite.ticket"].with_user(self.agent).create({"name": "New", "team_id": self.team.id})
        follower = ticket.message_follower_ids.filtered(lambda f: f.partner_id == self.employee.partner_id)
        self.assertIn(self.env.ref("helpdesk_lite.mt_ticket_new"), follower.subtype_ids)
        self.assertIn(self.env.ref("mail.mt_comment"), follower.subtype_ids)
        self.assertIn(self.employee.partner_id, ticket.message_ids.notified_partner_ids)

    def test_who_follows_for_several_reasons_hears_what_the_team_s_followers_chose(self):
        """The first reason decides: being the assignee or the customer too adds nothing to what the team's followers get."""
        people = self.agent.partner_id | self.employee.partner_id
        self.team.message_subscribe(people.ids, subtype_ids=self.env.ref("helpdesk_lite.mt_team_ticket_stage").ids)
        ticket = self.make_ticket(user_id=self.agent.id, partner_id=self.employee.partner_id.id)
        followers = ticket.message_follower_ids.filtered(lambda follower: follower.partner_id in people)
        self.assertEqual(len(followers), 2)
        self.assertEqual(followers.subtype_ids, self.env.ref("helpdesk_lite.mt_ticket_stage"))

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

    def test_former_customer_loses_access_and_link(self):
        ticket = self.make_ticket(partner_id=self.customer.id)
        token = ticket._portal_ensure_token()
        other = new_test_user(self.env, "hl_other", "base.group_portal", email="other@test.example")
        ticket.with_user(self.agent).partner_id = other.partner_id
        self.assertFalse(ticket.with_user(self.customer_user).has_access("read"))
        self.assertTrue(ticket.with_user(other).has_access("read"))
        self.assertNotEqual(ticket.access_token, token)

    def test_moved_ticket_loses_the_followers_of_its_former_team(self):
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
        self.assertIn(
            self.agent.partner_id,
            self.env["mail.message"].search([("model", "=", ticket._name), ("res_id", "=", ticket.id)]).notified_partner_ids,
        )

    def test_following_the_team_reaches_its_open_tickets_and_unfollowing_ends_it(self):
        open_ticket = self.make_ticket()
        closed = self.make_ticket(stage_id=self.env.ref("helpdesk_lite.stage_solved").id)
        own = self.make_ticket(user_id=self.employee.id)
        partner = self.employee.partner_id
        self.team.message_subscribe(partner.ids)
        self.assertIn(partner, open_ticket.message_partner_ids)
        self.assertNotIn(partner, closed.message_partner_ids)
        self.team.message_unsubscribe(partner.ids)
        self.assertNotIn(partner, open_ticket.message_partner_ids)
        self.assertIn(partner, own.message_partner_ids, "the assignee stays")

    def test_reducing_visibility_removes_everybody_from_outside(self):
        solved = self.env.ref("helpdesk_lite.stage_solved").id
        tickets = self.env["helpdesk_lite.ticket"].create(
            [
                {"name": "open", "team_id": self.team.id, "partner_id": self.customer.id},
                {"name": "closed", "team_id": self.team.id, "partner_id": self.customer.id, "stage_id": solved},
                {"name": "archived", "team_id": self.team.id, "partner_id": self.customer.id, "active": False},
            ]
        )
        tickets.message_subscribe(self.employee.partner_id.ids)
        self.team.message_subscribe(self.customer.ids)
        tokens = [ticket._portal_ensure_token() for ticket in tickets]
        form = Form(self.team.with_user(self.manager))
        form.privacy_visibility = "private"
        self.assertIn("Customers and portal users will lose access to tickets (people: 1, tickets: 3)", form.visibility_warning)
        form.save()
        for ticket, token in zip(tickets, tokens, strict=True):
            self.assertNotIn(self.customer, ticket.message_partner_ids)
            self.assertIn(self.employee.partner_id, ticket.message_partner_ids)
            self.assertFalse(ticket.with_user(self.customer_user).has_access("read"))
            self.assertNotEqual(ticket.access_token, token)
        self.assertNotIn(self.customer, self.team.message_partner_ids)
        self.assertIn("lost access to tickets (people: 1, tickets: 3)", str(self.team.message_ids.mapped("body")))
        self.team.with_user(self.manager).privacy_visibility = "company"
        self.assertFalse(tickets[0].with_user(self.customer_user).has_access("read"))
        self.team.with_user(self.manager).privacy_visibility = "public"
        for ticket in tickets:
            self.assertIn(self.customer, ticket.message_partner_ids)
            self.assertTrue(ticket.with_user(self.customer_user).has_access("read"))

    def test_changes_of_a_team_cost_the_same_for_few_and_many_tickets(self):
        partner = self.employee.partner_id
        changes = {
            "follow": lambda team: team.message_subscribe(partner.ids),
            "unfollow": lambda team: team.message_unsubscribe(partner.ids),
            "to private": lambda team: team.write({"privacy_visibility": "private"}),
            "to public": lambda team: team.write({"privacy_visibility": "public"}),
            "to company": lambda team: team.write({"privacy_visibility": "company"}),
            "to public again": lambda team: team.write({"privacy_visibility": "public"}),
            "to private with members": lambda team: team.write(
                {"privacy_visibility": "private", "member_ids": [(6, 0, self.agent.ids)]}
            ),
        }

        def costs(count):
            team = self.env["helpdesk_lite.team"].create({"name": f"Team of {count}"})
            self.env["helpdesk_lite.ticket"].create(
                [{"name": str(i), "team_id": team.id, "partner_id": self.customer.id} for i in range(count)]
            )
            statements = {}
            for name, change in changes.items():
                self.env.flush_all()
                self.env.invalidate_all()
                before = self.cr.sql_log_count
                change(team.with_user(self.manager))
                self.env.flush_all()
                statements[name] = self.cr.sql_log_count - before
            return statements

        costs(2)
        few, many = costs(5), costs(50)
        self.assertEqual(few, many)
        self.assertLessEqual(max(many.values()), 40, many)
