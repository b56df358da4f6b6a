from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, HttpCase, new_test_user, tagged

from ..common import HelpdeskCase


@tagged("post_install", "-at_install")
class TestVisibilityChanges(HttpCase, HelpdeskCase):
    """Pages, links, URLs of files and RPC give no access after a change that ends it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ticket = cls.make_ticket(name="Broken vase", partner_id=cls.customer.id)
        cls.answer = cls.ticket.with_user(cls.agent).message_post(
            body="Send a picture.",
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            attachments=[("return.txt", b"form")],
        )
        cls.file = cls.answer.attachment_ids
        cls.other_user = new_test_user(cls.env, "hl_other", "base.group_portal", email="other@test.example")

    def hand_out(self):
        """Collect everything that a customer can have kept: links to the page and to the file."""
        token = self.ticket._portal_ensure_token()
        self.file.generate_access_token()
        return {
            "link": (f"/my/helpdesk-tickets/{self.ticket.id}", token),
            "signed file": (f"/web/content/{self.file.id}", self.file._get_raw_access_token()),
            "file by token": (f"/web/content/{self.file.id}", self.file.sudo().access_token),
        }

    def assert_opens(self, handed, login, page, kept):
        """Check whether the user's own page and the kept links still show something."""
        self.authenticate(login, login)
        self.assertEqual(
            "Broken vase" in self.url_open(f"/my/helpdesk-tickets/{self.ticket.id}").text, page, f"page of {login}"
        )
        for name, (path, token) in handed.items():
            response = self.url_open(path, params={"access_token": token})
            shown = response.status_code == 200 and (response.content == b"form" or "Broken vase" in response.text)
            self.assertEqual(shown, kept or (page and name == "link"), f"{name} as {login}")

    def assert_rpc(self, user, sees):
        ticket = self.ticket.with_user(user)
        self.assertEqual(ticket.has_access("read"), sees)
        self.assertEqual(ticket.search_count([("id", "=", ticket.id)]), int(sees))

    def test_before_any_change(self):
        handed = self.hand_out()
        self.assert_opens(handed, "hl_customer", page=True, kept=True)
        self.assert_opens(handed, None, page=False, kept=True)
        self.assert_opens(handed, "hl_other", page=False, kept=True)

    def test_downgrade_and_back(self):
        handed = self.hand_out()
        for mode in ("company", "private"):
            self.team.with_user(self.manager).privacy_visibility = mode
            for login in ("hl_customer", "hl_other", None):
                self.assert_opens(handed, login, page=False, kept=False)
            self.assert_rpc(self.customer_user, False)
            self.assert_rpc(self.employee, mode == "company")
            self.team.with_user(self.manager).privacy_visibility = "public"
            self.assert_opens(handed, "hl_customer", page=True, kept=False)
            self.assert_opens(handed, "hl_other", page=False, kept=False)
            self.assert_opens(handed, None, page=False, kept=False)
            handed = self.hand_out()

    def test_upgrade_lets_the_customer_in_and_nobody_else(self):
        self.team.with_user(self.manager).privacy_visibility = "private"
        self.ticket.with_user(self.manager).message_subscribe(self.employee.partner_id.ids)
        handed = {
            "link": (f"/my/helpdesk-tickets/{self.ticket.id}", "old"),
            "signed file": (f"/web/content/{self.file.id}", self.file._get_raw_access_token()),
        }
        form = Form(self.team.with_user(self.manager))
        form.privacy_visibility = "public"
        self.assertIn(
            "Customers will follow their tickets and see them on the portal (people: 1, tickets: 1)", form.visibility_warning
        )
        form.save()
        self.assert_opens(handed, "hl_customer", page=True, kept=False)
        self.assert_opens(handed, "hl_other", page=False, kept=False)
        self.assert_rpc(self.customer_user, True)
        self.assert_rpc(self.other_user, False)

    def test_new_customer(self):
        handed = self.hand_out()
        self.ticket.with_user(self.agent).partner_id = self.other_user.partner_id
        self.assert_opens(handed, "hl_customer", page=False, kept=False)
        self.assert_opens(handed, None, page=False, kept=False)
        self.assert_opens(handed, "hl_other", page=True, kept=False)
        self.assert_rpc(self.customer_user, False)

    def test_move_to_another_team(self):
        for mode in ("private", "company"):
            handed = self.hand_out()
            self.ticket.with_user(self.manager).team_id = self.teams[mode]
            for login in ("hl_customer", None):
                self.assert_opens(handed, login, page=False, kept=False)
            self.assert_rpc(self.customer_user, False)
            self.assert_rpc(self.employee, mode == "company")
            self.ticket.with_user(self.manager).team_id = self.team
            self.assert_opens(handed, "hl_customer", page=True, kept=False)

    def test_employees_open_files_by_their_own_right(self):
        self.team.with_user(self.manager).privacy_visibility = "company"
        address = f"/web/content/{self.file.id}?access_token={self.file._get_raw_access_token()}"
        self.authenticate("hl_employee", "hl_employee")
        self.assertEqual(self.url_open(address).content, b"form")
        self.team.with_user(self.manager).privacy_visibility = "private"
        self.assertEqual(self.url_open(address).status_code, 404)

    def test_customers_of_other_modes_still_get_the_replies(self):
        for mode in ("private", "company"):
            ticket = self.make_ticket(mode, partner_id=self.customer.id)
            suggested = ticket.with_user(self.manager)._message_get_suggested_recipients()
            self.assertIn(self.customer.id, [recipient["partner_id"] for recipient in suggested])
            message = ticket.with_user(self.manager).message_post(
                body="It is paid.", message_type="comment", subtype_xmlid="mail.mt_comment", partner_ids=self.customer.ids
            )
            self.assertIn(self.customer, message.notified_partner_ids)
            self.assertNotIn(self.customer, ticket.message_partner_ids)
            self.assertFalse(ticket.with_user(self.customer_user).has_access("read"))


@tagged("post_install", "-at_install")
class TestFollowersField(HelpdeskCase):
    """*Followers* on the team form."""

    def followers(self, team):
        return team.message_follower_ids.filtered(lambda follower: follower.partner_id in team.follower_ids)

    def test_followers_get_the_updates_of_open_and_new_tickets(self):
        ticket = self.make_ticket()
        closed = self.make_ticket(stage_id=self.env.ref("helpdesk_lite.stage_solved").id)
        with Form(self.team.with_user(self.manager)) as form:
            form.follower_ids.add(self.employee.partner_id)
        self.assertIn(self.employee.partner_id, ticket.message_partner_ids)
        self.assertNotIn(self.employee.partner_id, closed.message_partner_ids)
        new = self.env["helpdesk_lite.ticket"].with_user(self.agent).create({"name": "New", "team_id": self.team.id})
        self.assertIn(self.employee.partner_id, new.message_ids.notified_partner_ids)
        with Form(self.team.with_user(self.manager)) as form:
            form.follower_ids.remove(self.employee.partner_id.id)
        self.assertFalse(self.employee.partner_id & (ticket + new).message_partner_ids)

    def test_members_are_no_followers_until_they_want_to_be(self):
        team = self.teams["private"].with_user(self.manager)
        team.member_ids = self.agent
        self.assertFalse(team.follower_ids)
        team.follower_ids = self.agent.partner_id
        self.assertGreater(len(team.message_follower_ids.subtype_ids), 1)
        team.follower_ids = False
        self.assertIn(self.agent.partner_id, team.message_partner_ids, "a member stays invited")
        self.assertTrue(self.make_ticket("private").with_user(self.agent).has_access("read"))

    def test_followers_from_outside_are_announced_where_they_cannot_open_tickets(self):
        for mode, warned in (("private", True), ("company", True), ("public", False)):
            with Form(self.teams[mode].with_user(self.manager)) as form:
                self.assertFalse(form.follower_warning, "a sentence or nothing, and no name of an empty record")
                form.follower_ids.add(self.customer)
                self.assertEqual("cannot open the tickets" in (form.follower_warning or ""), warned, mode)
            ticket = self.make_ticket(mode)
            self.assertIn(self.customer, ticket.message_partner_ids)
            self.assertEqual(ticket.with_user(self.customer_user).has_access("read"), not warned)
            self.assertFalse(any(self.followers(self.teams[mode]).subtype_ids.mapped("internal")))

    def test_a_team_does_not_follow_itself(self):
        self.team.alias_domain_id = self.env["mail.alias.domain"].create({"name": "alias.test.example"})
        own = self.env["res.partner"].create({"name": "Ourselves", "email": self.team.alias_email})
        ticket = self.make_ticket()
        for record in (self.team, self.teams["private"], ticket):
            with self.assertRaisesRegex(UserError, "Ourselves cannot follow"):
                record.with_user(self.manager).message_subscribe(own.ids)
        # an address that became one of our aliases later
        self.env["mail.followers"].create(
            {
                "res_model": self.team._name,
                "res_id": self.team.id,
                "partner_id": own.id,
                "subtype_ids": self.env.ref("mail.mt_comment").ids,
            }
        )
        self.assertNotIn(own, self.make_ticket().message_partner_ids)


@tagged("post_install", "-at_install")
class TestAccessEdges(HelpdeskCase):
    """Unusual users: the behaviour is defined, without tracebacks."""

    def count_warnings(self):
        """Count the notifications on a user's screen that name the employee."""
        self.env.cr.precommit.run()
        return (
            self.env["bus.bus"]
            .sudo()
            .search_count([("message", "like", "simple_notification"), ("message", "like", self.employee.name)])
        )

    def test_an_employee_without_access_is_not_notified(self):
        ticket = self.make_ticket("private")
        for message_type, told in (("comment", 1), ("email", 0)):
            before = self.count_warnings()
            message = ticket.with_user(self.manager).message_post(
                body="Look", message_type=message_type, partner_ids=self.employee.partner_id.ids
            )
            self.assertFalse(message.partner_ids)
            self.assertFalse(message.with_user(self.employee).has_access("read"))
            self.assertEqual(self.count_warnings() - before, told, message_type)
        ticket.with_user(self.manager).message_subscribe(self.employee.partner_id.ids)
        message = ticket.with_user(self.manager).message_post(
            body="Look", message_type="comment", partner_ids=self.employee.partner_id.ids
        )
        self.assertTrue(message.with_user(self.employee).has_access("read"))

    def test_a_customer_who_is_an_employee(self):
        ticket = self.make_ticket("private", partner_id=self.employee.partner_id.id)
        self.assertFalse(ticket.with_user(self.employee).has_access("read"))
        message = ticket.with_user(self.manager).message_post(
            body="Your pay slip", message_type="comment", partner_ids=self.employee.partner_id.ids
        )
        self.assertIn(self.employee.partner_id, message.notified_partner_ids, "a reply to the customer reaches them")
        self.assertFalse(ticket.with_user(self.employee).has_access("read"))

    def test_one_contact_with_an_internal_and_a_portal_user(self):
        portal = new_test_user(self.env, "hl_twin", "base.group_portal", partner_id=self.employee.partner_id.id)
        for mode, seen in (("private", False), ("company", False), ("public", True)):
            ticket = self.make_ticket(mode)
            ticket.message_subscribe(self.employee.partner_id.ids)
            self.assertTrue(ticket.with_user(self.employee).has_access("read"))
            self.assertEqual(ticket.with_user(portal).has_access("read"), seen, mode)

    def test_a_portal_user_made_internal_and_back(self):
        ticket, private = self.make_ticket(partner_id=self.customer.id), self.make_ticket("private")
        private.message_subscribe(self.customer.ids)
        self.assertFalse(private.with_user(self.customer_user).has_access("read"))
        self.customer_user.group_ids = self.env.ref("base.group_user")
        self.assertTrue(private.with_user(self.customer_user).has_access("read"), "an invited employee")
        self.customer_user.group_ids = self.env.ref("base.group_portal")
        self.assertFalse(private.with_user(self.customer_user).has_access("read"))
        self.assertTrue(ticket.with_user(self.customer_user).has_access("read"))

    def test_a_follower_of_another_company(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        stranger = new_test_user(
            self.env, "hl_elsewhere", "helpdesk_lite.group_user", company_id=other.id, company_ids=[(6, 0, other.ids)]
        )
        for mode in self.teams:
            ticket = self.make_ticket(mode)
            ticket.message_subscribe(stranger.partner_id.ids)
            self.team.message_subscribe(stranger.partner_id.ids)
            self.assertFalse(ticket.with_user(stranger).has_access("read"), mode)
            self.assertNotIn(stranger, self.env["res.users"].union(*ticket._access_reasons().values()))

    def test_an_archived_user(self):
        ticket = self.make_ticket("private", user_id=self.agent.id)
        ticket.message_subscribe(self.employee.partner_id.ids)
        (self.agent + self.employee).active = False
        people = self.env["res.users"].union(*ticket._access_reasons().values())
        self.assertFalse(people & (self.agent + self.employee))
        self.assertTrue(ticket.with_user(self.manager).message_post(body="Still here", message_type="comment"))
        self.teams["private"].privacy_visibility = "public"
        self.teams["private"].privacy_visibility = "private"

    def test_a_team_with_tickets_is_not_deleted(self):
        self.make_ticket("private", active=False)
        with self.assertRaisesRegex(UserError, r"still has tickets \(1\) and cannot be deleted"):
            self.teams["private"].with_user(self.manager).unlink()
        self.assertTrue(self.teams["private"].exists())


@tagged("post_install", "-at_install")
class TestWhoCanSeeThis(HelpdeskCase):
    """The page that lists everybody with the reasons; the oracle checks that it is right."""

    def lines(self, record, user=None):
        action = record.with_user(user or self.agent).action_show_access()
        form = Form(self.env[action["res_model"]].with_user(user or self.agent).with_context(**action["context"]))
        return form, {line["name"]: line["reason"] for line in form.line_ids._records}

    def test_ticket_of_a_private_team(self):
        self.teams["private"].member_ids = self.agent
        ticket = self.make_ticket("private", user_id=self.agent.id)
        ticket.message_subscribe((self.employee.partner_id + self.customer).ids)
        form, lines = self.lines(ticket)
        self.assertEqual(lines[self.agent.name], "Assigned to the ticket, Follower of the ticket, Follower of the team")
        self.assertEqual(lines[self.employee.name], "Follower of the ticket")
        self.assertEqual(lines[self.manager.name], "Helpdesk administrator")
        self.assertEqual(lines[self.customer.display_name], "Follower who gets the e-mails")
        form.user_id = self.employee
        self.assertIn("can see it: Follower of the ticket", form.answer)
        form.user_id = self.customer_user
        self.assertIn("cannot see it", form.answer)

    def test_ticket_of_a_public_team(self):
        ticket = self.make_ticket(partner_id=self.customer.id)
        ticket._portal_ensure_token()
        form, lines = self.lines(ticket)
        self.assertEqual(lines[self.customer_user.name], "Portal user following the ticket")
        self.assertEqual(lines["Anybody"], "Holds the access link of the ticket")
        self.assertIn("All internal users of the company", lines.values())
        form.user_id = self.employee
        self.assertIn("can see it: All internal users of the company", form.answer)

    def test_team(self):
        self.teams["private"].message_subscribe(self.agent.partner_id.ids)
        _form, lines = self.lines(self.teams["private"])
        self.assertEqual(lines[self.agent.name], "Follower of the team")
        self.assertNotIn(self.employee.name, lines)

    def test_only_agents_with_access_can_open_it(self):
        with self.assertRaises(AccessError):
            self.lines(self.make_ticket("private"))
        with self.assertRaises(AccessError):
            self.lines(self.teams["private"])
        with self.assertRaises(AccessError):
            self.lines(self.make_ticket(), self.employee)
