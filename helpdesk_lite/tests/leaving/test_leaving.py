from odoo.fields import Command
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from ..common import HelpdeskCase

MAIL = """From: Customer <customer@test.example>
To: hl-{mode}@leaving.test.example
Subject: {subject}
Message-Id: <{id}@test.example>
{headers}Content-Type: text/plain

{body}
"""


class LeavingCase(HelpdeskCase):
    """An administrator of users who has nothing to do with the helpdesk, and an agent who leaves."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.hr = new_test_user(
            cls.env, "hl_hr", "base.group_user,base.group_erp_manager,base.group_partner_manager", email="hr@test.example"
        )
        cls.leaver = new_test_user(
            cls.env, "hl_leaver", "base.group_user,helpdesk_lite.group_user", email="private@home.example"
        )
        cls.other = new_test_user(cls.env, "hl_other_agent", "helpdesk_lite.group_user", email="other@test.example")
        cls.domain = cls.env["mail.alias.domain"].create({"name": "leaving.test.example"})
        for team in cls.teams.values():
            team.alias_domain_id = cls.domain
            team.member_ids = cls.leaver | cls.other

    def make_tickets(self, mode, **values):
        """A ticket that the leaver is assigned, one they follow, and a closed one they were assigned."""
        solved = self.env.ref("helpdesk_lite.stage_solved").id
        assigned = self.make_ticket(mode, user_id=self.leaver.id, **values)
        followed = self.make_ticket(mode, **values)
        followed.message_subscribe(self.leaver.partner_id.ids)
        closed = self.make_ticket(mode, user_id=self.leaver.id, stage_id=solved, **values)
        return assigned, followed, closed

    def leave_by_archiving(self):
        self.call(self.hr, "res.users", "write", self.leaver.ids, {"active": False})

    def leave_by_deletion(self):
        self.call(self.hr, "res.users", "unlink", self.leaver.ids)

    def leave_by_the_portal(self):
        portal = self.env.ref("base.group_portal").id
        self.call(self.hr, "res.users", "write", self.leaver.ids, {"group_ids": [Command.set([portal])]})

    def leave_by_losing_the_company(self):
        there = self.env["res.company"].create({"name": "Far away"})
        values = {"company_ids": [Command.set(there.ids)], "company_id": there.id}
        self.call(self.hr, "res.users", "write", self.leaver.ids, values)

    def leave_by_the_form_of_the_company(self):
        there = self.env["res.company"].create({"name": "There"})
        self.leaver.write({"company_ids": [Command.link(there.id)], "company_id": there.id})
        company = self.env.company
        self.env.company.with_user(self.env.ref("base.user_admin")).write({"user_ids": [Command.unlink(self.leaver.id)]})
        self.assertNotIn(company, self.leaver.company_ids)

    LEAVE = ("archiving", "deletion", "the_portal", "losing_the_company", "the_form_of_the_company")

    def lose_the_role(self):
        role = self.env.ref("helpdesk_lite.group_user").id
        self.call(self.hr, "res.users", "write", self.leaver.ids, {"group_ids": [Command.unlink(role)]})

    def lose_the_role_by_the_form_of_the_group(self):
        group = self.env.ref("helpdesk_lite.group_user")
        self.call(self.hr, "res.groups", "write", group.ids, {"user_ids": [Command.unlink(self.leaver.id)]})

    def make_group(self):
        """The leaver has the role by a group of the customer's own only."""
        role = self.env.ref("helpdesk_lite.group_user")
        group = self.env["res.groups"].create({"name": "Service desk", "implied_ids": [Command.link(role.id)]})
        self.leaver.group_ids = [
            Command.link(group.id),
            Command.unlink(role.id),
            Command.link(self.env.ref("base.group_user").id),
        ]
        self.assertTrue(self.leaver.has_group("helpdesk_lite.group_user"))
        return group

    def lose_the_role_by_the_deletion_of_a_group(self):
        self.call(self.hr, "res.groups", "unlink", self.make_group().ids)

    def lose_the_role_by_another_implied_group(self):
        self.call(self.hr, "res.groups", "write", self.make_group().ids, {"implied_ids": [Command.clear()]})

    def check_in_each_mode(self, leave, check):
        """Let the leaver leave in a world with tickets in each mode, and undo it."""
        with self.subTest(leave=leave.__name__), self.cr.savepoint() as savepoint:
            worlds = {mode: self.make_tickets(mode) for mode in self.teams}
            partner = self.leaver.partner_id
            for team in self.teams.values():
                team.message_subscribe(partner.ids)
            leave()
            self.env.flush_all()
            self.env.invalidate_all()
            for mode, tickets in worlds.items():
                check(mode, partner, *tickets)
            savepoint.rollback()
            self.env.invalidate_all()
            self.env.registry.clear_all_caches()


@tagged("post_install", "-at_install")
class TestLeaving(LeavingCase):
    """What ends when people leave, and that nothing comes back by itself."""

    def test_who_leaves_the_company_follows_and_holds_nothing_whichever_way(self):
        def check(mode, partner, assigned, followed, closed):
            team = self.teams[mode]
            for ticket in assigned | followed | closed:
                self.assertNotIn(partner, ticket.message_partner_ids, mode)
            self.assertNotIn(partner, team.message_partner_ids)
            self.assertEqual(team.with_context(active_test=False).member_ids, self.other)
            self.assertFalse(assigned.user_id)
            self.assertIn("was unassigned", assigned.message_ids[0].body)
            self.assertTrue(assigned.message_ids[0].is_internal)
            self.assertFalse(assigned.message_ids[0].notified_partner_ids)
            self.assertIn("hl_leaver", team.message_ids[0].body)
            if self.leaver.exists():
                # the record of who solved it
                self.assertEqual(closed.user_id, self.leaver)

        for way in self.LEAVE:
            self.check_in_each_mode(getattr(self, f"leave_by_{way}"), check)

    def test_who_loses_the_role_is_a_stranger_to_teams_that_are_not_public(self):
        def check(mode, partner, assigned, followed, closed):
            public = mode == "public"
            for ticket in followed | closed | assigned:
                self.assertEqual(partner in ticket.message_partner_ids, public, mode)
                self.assertEqual(ticket.with_user(self.leaver).has_access("read"), mode != "private")
            self.assertEqual(partner in self.teams[mode].message_partner_ids, public)
            self.assertEqual(self.teams[mode].member_ids, self.other)
            self.assertFalse(assigned.user_id)
            self.assertEqual(bool(closed.user_id), mode != "private")

        self.check_in_each_mode(self.lose_the_role, check)
        self.check_in_each_mode(self.lose_the_role_by_the_form_of_the_group, check)
        self.check_in_each_mode(self.lose_the_role_by_the_deletion_of_a_group, check)
        self.check_in_each_mode(self.lose_the_role_by_another_implied_group, check)

    def test_nothing_comes_back_by_itself(self):
        def come_back():
            self.leave_by_archiving()
            self.call(self.hr, "res.users", "write", self.leaver.ids, {"active": True})

        def change_role():
            self.lose_the_role()
            role = self.env.ref("helpdesk_lite.group_user").id
            self.call(self.hr, "res.users", "write", self.leaver.ids, {"group_ids": [Command.link(role)]})

        def check(mode, partner, assigned, followed, closed):
            team = self.teams[mode]
            for record in (assigned, followed, closed, team):
                self.assertEqual(record.with_user(self.leaver).has_access("read"), mode != "private", record)
            self.assertNotIn(self.leaver, team.member_ids)
            self.assertNotEqual(assigned.user_id, self.leaver)

        self.check_in_each_mode(come_back, check)
        self.check_in_each_mode(change_role, check)

    def test_other_people_keep_what_they_have(self):
        tickets = self.make_tickets("private")
        theirs = self.make_ticket("private", user_id=self.other.id)
        for ticket in tickets:
            ticket.message_subscribe((self.other.partner_id | self.customer).ids)
        self.leave_by_archiving()
        for ticket in tickets:
            self.assertIn(self.other.partner_id, ticket.message_partner_ids)
            self.assertIn(self.customer, ticket.message_partner_ids, "invited by hand")
        self.assertEqual(theirs.user_id, self.other)
        self.assertTrue(theirs.with_user(self.other).has_access("write"))

    def test_only_the_tickets_of_the_lost_company_are_affected(self):
        there = self.env["res.company"].create({"name": "There"})
        self.leaver.company_ids = [Command.link(there.id)]
        team = self.env["helpdesk_lite.team"].create(
            {"name": "There", "company_id": there.id, "privacy_visibility": "private", "member_ids": self.leaver.ids}
        )
        kept = self.env["helpdesk_lite.ticket"].create({"name": "x", "team_id": team.id, "user_id": self.leaver.id})
        lost = self.make_ticket("private", user_id=self.leaver.id)
        self.leave_by_losing_the_company()
        self.leaver.write({"company_ids": [Command.link(there.id)]})
        self.assertFalse(lost.user_id)
        # "There" was lost as well, and has come back: nothing does by itself
        self.assertFalse(kept.user_id)
        kept.user_id = self.leaver
        self.leaver.write({"company_ids": [Command.set(there.ids)], "company_id": there.id})
        self.assertEqual(kept.user_id, self.leaver)
        self.assertIn(self.leaver.partner_id, kept.message_partner_ids)

    def test_agent_who_is_the_customer_keeps_the_own_public_request_only(self):
        own = {mode: self.make_ticket(mode, partner_id=self.leaver.partner_id.id) for mode in self.teams}
        for ticket in own.values():
            ticket.message_subscribe(self.leaver.partner_id.ids)
        with self.cr.savepoint() as savepoint:
            self.lose_the_role()
            for ticket in own.values():
                self.assertIn(self.leaver.partner_id, ticket.message_partner_ids, "an employee's own request")
            savepoint.rollback()
            self.env.registry.clear_all_caches()
        self.env.invalidate_all()
        self.leave_by_archiving()
        for mode, ticket in own.items():
            self.assertEqual(self.leaver.partner_id in ticket.message_partner_ids, mode == "public", mode)

    def test_contact_with_a_second_employee_loses_nothing(self):
        second = new_test_user(self.env, "hl_second", "helpdesk_lite.group_user", partner_id=self.leaver.partner_id.id)
        ticket = self.make_ticket("private")
        ticket.message_subscribe(self.leaver.partner_id.ids)
        self.leave_by_archiving()
        self.assertTrue(ticket.with_user(second).has_access("read"))
        second.group_ids = [Command.unlink(self.env.ref("helpdesk_lite.group_user").id)]
        self.assertFalse(ticket.with_user(second).has_access("read"))

    def test_contact_of_a_user_that_gets_another_one_stops_following(self):
        ticket = self.make_ticket("private", user_id=self.leaver.id)
        former = self.leaver.partner_id
        self.leaver.partner_id = self.env["res.partner"].create({"name": "New", "email": "new@test.example"})
        self.assertNotIn(former, ticket.message_partner_ids)
        self.assertEqual(ticket.user_id, self.leaver)

    def test_archived_employee_gets_no_mail_about_private_tickets(self):
        for mode in ("private", "public"):
            ticket = self.make_ticket(mode, partner_id=self.customer.id, user_id=self.leaver.id)
            # an internal note of the leaver, whose author standard Odoo mails when somebody answers
            note = ticket.with_user(self.leaver).message_post(body="Let me look", subtype_xmlid="mail.mt_note")
            with self.cr.savepoint() as savepoint:
                self.leave_by_archiving()
                text = MAIL.format(
                    mode=mode,
                    subject="My salary",
                    id=f"salary-{mode}",
                    headers=f"References: {note.message_id}\n",
                    body="my salary is 1234",
                )
                with mute_logger("odoo.addons.mail.models.mail_thread"):
                    self.env["mail.thread"].message_process(None, text)
                message = ticket.message_ids.filtered(lambda message: "1234" in message.body)
                self.assertEqual(len(message), 1)
                self.assertNotIn(self.leaver.partner_id, message.notified_partner_ids | message.partner_ids, mode)
                savepoint.rollback()
                self.env.invalidate_all()
                self.env.registry.clear_all_caches()

    def test_former_employee_whom_somebody_writes_to_is_mailed_only_where_they_follow_since(self):
        """The composer proposes them as the author of the message that is answered."""
        former = self.leaver.partner_id
        tickets = {mode: self.make_ticket(mode, partner_id=self.customer.id, user_id=self.leaver.id) for mode in self.teams}
        self.leave_by_archiving()
        for mode, ticket in tickets.items():
            for invited in (False, True):
                if invited:
                    ticket.message_subscribe(former.ids)
                message = ticket.with_user(self.other).message_post(
                    body="their salary is 1234",
                    message_type="comment",
                    subtype_xmlid="mail.mt_comment",
                    partner_ids=(former | self.customer).ids,
                )
                self.assertIn(self.customer, message.notified_partner_ids)
                self.assertEqual(former in message.notified_partner_ids, invited and mode == "public", mode)

    def test_answer_from_a_leavers_address_is_kept_and_reaches_nobody_outside(self):
        ticket = self.make_ticket("private", partner_id=self.customer.id, user_id=self.leaver.id)
        answered = ticket.with_user(self.leaver).message_post(
            body="Hello", subtype_xmlid="mail.mt_comment", partner_ids=self.customer.ids
        )
        self.leave_by_archiving()
        text = MAIL.format(
            mode="private", subject="Re", id="late", headers=f"References: {answered.message_id}\n", body="one more thing"
        ).replace("customer@test.example", "private@home.example")
        with mute_logger("odoo.addons.mail.models.mail_thread"):
            self.env["mail.thread"].message_process(None, text)
        message = ticket.message_ids.filtered(lambda message: "one more thing" in message.body)
        self.assertEqual(message.author_id, self.leaver.partner_id)
        self.assertNotIn(self.customer, message.notified_partner_ids)
        self.assertNotIn(self.leaver.partner_id, ticket.message_partner_ids)

    def test_update_ends_what_was_forgotten_when_users_were_archived_earlier(self):
        ticket = self.make_ticket("private", user_id=self.leaver.id)
        theirs = self.make_ticket("private", user_id=self.other.id)
        self.env.flush_all()
        self.cr.execute("UPDATE res_users SET active = FALSE WHERE id = %s", [self.leaver.id])
        self.env.invalidate_all()
        self.env["res.users"]._end_former_staff()
        self.assertFalse(ticket.user_id)
        self.assertNotIn(self.leaver.partner_id, ticket.message_partner_ids | self.teams["private"].message_partner_ids)
        self.assertEqual(self.teams["private"].with_context(active_test=False).member_ids, self.other)
        self.assertEqual(theirs.user_id, self.other)
        self.assertIn(self.other.partner_id, theirs.message_partner_ids)

    # ------------------------------------------------------------
    # GIVING ON
    # ------------------------------------------------------------

    def test_open_tickets_are_given_on_where_the_team_assigns_automatically(self):
        self.team.auto_assignment = True
        automatic = self.make_ticket("public", user_id=self.leaver.id)
        manual = self.make_ticket("company", user_id=self.leaver.id)
        self.leave_by_archiving()
        self.assertEqual(automatic.user_id, self.other)
        self.assertFalse(manual.user_id)
        self.assertFalse(manual.assignment_waiting)

    def test_who_archives_a_user_is_not_the_author_of_what_names_hidden_tickets(self):
        """Whoever wrote a message can read it: the notices of the next assignees are not theirs."""
        self.teams["private"].auto_assignment = True
        for count in (1, 2):
            with self.subTest(count=count):
                self.leaver.active = True
                self.teams["private"].member_ids = self.leaver | self.other
                tickets = self.env["helpdesk_lite.ticket"].union(
                    *(self.make_ticket("private", name="Salary", user_id=self.leaver.id) for _number in range(count))
                )
                self.leave_by_archiving()
                self.assertEqual(tickets.user_id, self.other)
                notices = [("subject", "ilike", "assigned to"), ("partner_ids", "in", self.other.partner_id.ids)]
                self.assertTrue(self.env["mail.message"].search_count(notices))
                self.assertFalse(self.call(self.hr, "mail.message", "search_count", notices))

    def test_deleted_user_is_not_a_candidate_for_the_own_tickets(self):
        self.team.write({"auto_assignment": True, "member_ids": False})
        (self.agent | self.manager | self.env.ref("base.user_admin")).active = False
        ticket = self.make_ticket("public", user_id=self.leaver.id)
        self.leave_by_deletion()
        self.assertEqual(ticket.user_id, self.other)

    def test_many_tickets_are_given_on_by_the_scheduled_action(self):
        self.team.auto_assignment = True
        values = {"name": "x", "team_id": self.team.id, "user_id": self.leaver.id}
        tickets = self.env["helpdesk_lite.ticket"].create([values] * 51)
        triggers = self.env["ir.cron.trigger"].search_count([])
        self.leave_by_archiving()
        self.assertFalse(tickets.user_id)
        self.assertTrue(all(tickets.mapped("assignment_waiting")))
        self.assertEqual(self.env["ir.cron.trigger"].search_count([]), triggers + 1)
        with self.enter_registry_test_mode():
            self.env.ref("helpdesk_lite.cron_assign_waiting").method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(tickets.user_id, self.other)

    def test_team_whose_only_member_leaves_is_not_opened_to_every_agent(self):
        team = self.teams["private"]
        team.write({"member_ids": self.leaver.ids, "auto_assignment": True})
        tag = self.env["helpdesk_lite.tag"].create({"name": "Salary"})
        team.tag_member_ids = [Command.create({"tag_id": tag.id, "user_ids": self.leaver.ids})]
        ticket = self.make_ticket("private", user_id=self.leaver.id)
        self.leave_by_archiving()
        self.assertFalse(team.auto_assignment)
        self.assertIn("automatic assignment was turned off", team.message_ids[0].body)
        self.assertFalse(team.tag_member_ids.with_context(active_test=False).user_ids)
        self.assertFalse(ticket.user_id)
        new = self.env["helpdesk_lite.ticket"].create({"name": "Salary", "team_id": team.id})
        self.assertFalse(new.user_id)
        for user in (self.other, self.agent):
            self.assertFalse((ticket | new).with_user(user)._filtered_access("read"))

    def test_reopened_ticket_does_not_stay_with_a_former_employee(self):
        ticket = self.make_ticket("company", user_id=self.leaver.id, stage_id=self.env.ref("helpdesk_lite.stage_solved").id)
        self.leave_by_archiving()
        self.assertEqual(ticket.user_id, self.leaver)
        ticket.with_user(self.other).stage_id = self.env.ref("helpdesk_lite.stage_new")
        self.assertFalse(ticket.user_id)

    def test_archiving_costs_the_same_for_few_and_many_tickets(self):
        def cost(teams, tickets):
            user = new_test_user(self.env, f"hl_leaver_{teams}", "helpdesk_lite.group_user", email=f"l{teams}@test.example")
            teams = self.env["helpdesk_lite.team"].create(
                [{"name": f"Team {n}", "privacy_visibility": "private", "member_ids": user.ids} for n in range(teams)]
            )
            self.env["helpdesk_lite.ticket"].create(
                [{"name": "x", "team_id": team.id, "user_id": user.id} for team in teams for _number in range(tickets)]
            )
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            user.with_user(self.hr).action_archive()
            self.env.flush_all()
            self.assertFalse(self.env["helpdesk_lite.ticket"].search_count([("user_id", "=", user.id)]))
            return self.cr.sql_log_count - before

        cost(1, 1)
        few, many = cost(2, 1), cost(100, 3)
        # the scheduled action is triggered
        self.assertLessEqual(many, few + 6)
        self.assertLessEqual(many, 60)


@tagged("post_install", "-at_install")
class TestLeavingDialog(LeavingCase, HttpCase):
    """Archiving by hand asks about open tickets, and other ways do not."""

    def archive_in_the_browser(self, users):
        self.authenticate("hl_hr", "hl_hr")
        return self.make_jsonrpc_request(
            "/web/dataset/call_kw/res.users/action_archive",
            {"model": "res.users", "method": "action_archive", "args": [users.ids], "kwargs": {}},
        )

    def confirm(self, action, **values):
        question = {"model": "helpdesk_lite.leaving", "kwargs": {}}
        if values:
            self.make_jsonrpc_request(
                "/web/dataset/call_kw/helpdesk_lite.leaving/write",
                {**question, "method": "write", "args": [[action["res_id"]], values]},
            )
        self.make_jsonrpc_request(
            "/web/dataset/call_button/helpdesk_lite.leaving/action_confirm",
            {**question, "method": "action_confirm", "args": [[action["res_id"]]]},
        )
        self.env.invalidate_all()

    def test_archiving_by_hand_asks_first_and_lists_what_its_author_can_see(self):
        public, private = (self.make_ticket(mode, user_id=self.leaver.id) for mode in ("public", "private"))
        action = self.archive_in_the_browser(self.leaver)
        self.assertTrue(self.leaver.active)
        self.assertEqual(action["views"], [[False, "form"]], "the client opens no action without views")
        question = self.env["helpdesk_lite.leaving"].browse(action["res_id"]).with_user(self.hr)
        self.assertEqual(question.ticket_ids, public)
        self.assertEqual(question.hidden_count, 1)
        self.assertFalse(question.with_user(self.agent).has_access("read"))
        self.confirm(action)
        self.assertFalse(self.leaver.active)
        self.assertFalse((public | private).user_id)

    def test_tickets_can_be_left_to_nobody(self):
        self.team.auto_assignment = True
        ticket = self.make_ticket(user_id=self.leaver.id)
        self.confirm(self.archive_in_the_browser(self.leaver), ticket_action="nobody")
        self.assertFalse(self.leaver.active)
        self.assertFalse(ticket.user_id)
        self.assertFalse(ticket.assignment_waiting)

    def test_tickets_can_be_given_to_a_person_as_far_as_ones_rights_go(self):
        self.hr.group_ids = [Command.link(self.env.ref("helpdesk_lite.group_user").id)]
        public, private = (self.make_ticket(mode, user_id=self.leaver.id) for mode in ("public", "private"))
        action = self.archive_in_the_browser(self.leaver)
        self.confirm(action, ticket_action="person", user_id=self.agent.id)
        self.assertEqual(public.user_id, self.agent)
        self.assertFalse(private.user_id)
        self.assertFalse(private.with_user(self.agent).has_access("read"))

    def test_nobody_is_asked_about_users_without_open_tickets(self):
        self.assertFalse(self.archive_in_the_browser(self.leaver))
        self.env.invalidate_all()
        self.assertFalse(self.leaver.active)

    def test_integrations_archive_without_a_dialog(self):
        ticket = self.make_ticket(user_id=self.leaver.id)
        self.call(self.hr, "res.users", "action_archive", self.leaver.ids)
        self.assertFalse(self.leaver.active)
        self.assertFalse(ticket.user_id)
