from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import COMPANY_MODES, HelpdeskCase

READS = {  # who, relation: readable per mode (private, company, public)
    ("employee", "stranger"): (False, True, True),
    ("employee", "follower of the ticket"): (True, True, True),
    ("employee", "follower of the team"): (True, True, True),
    ("employee", "assignee"): (True, True, True),
    ("agent", "stranger"): (False, True, True),
    ("agent", "follower of the ticket"): (True, True, True),
    ("agent", "assignee"): (True, True, True),
    ("manager", "stranger"): (True, True, True),
    ("customer_user", "stranger"): (False, False, False),
    ("customer_user", "follower of the ticket"): (False, False, True),
}


@tagged("post_install", "-at_install")
class TestAccess(HelpdeskCase):
    """The who-sees-what table, on top of security/rules.xml, held against the engine."""

    def relate(self, ticket, user, relation):
        if relation == "follower of the ticket":
            ticket.message_subscribe(user.partner_id.ids)
        elif relation == "follower of the team":
            ticket.team_id.message_subscribe(user.partner_id.ids)
        elif relation == "assignee":
            ticket.user_id = user

    def test_table(self):
        for (who, relation), expected in READS.items():
            for mode, can_read in zip(COMPANY_MODES, expected, strict=True):
                with self.subTest(who=who, relation=relation, mode=mode), self.cr.savepoint() as savepoint:
                    ticket = self.make_ticket(mode)
                    other = self.make_ticket(mode)
                    user = self[who]
                    self.relate(ticket, user, relation)
                    self.env.flush_all()
                    self.env.invalidate_all()
                    seen = ticket.with_user(user)
                    self.assertEqual(seen.has_access("read"), can_read)
                    domain = [("id", "=", ticket.id)]
                    self.assertEqual(seen.search_count(domain), int(can_read))
                    self.assertEqual(len(seen._read_group(domain, ["stage_id"], ["__count"])), int(can_read))
                    self.assertEqual(bool(seen.name_search(ticket.number)), can_read)
                    self.assertEqual(seen.has_access("write"), can_read and who in ("agent", "manager"))
                    if mode == "private" and relation in ("follower of the ticket", "assignee"):
                        self.assertFalse(other.with_user(user).has_access("read"), "that ticket and no other")
                        self.assertFalse(other.team_id.with_user(user).has_access("read") and who != "manager")
                    if can_read and who in ("employee", "agent", "manager"):
                        self.assertTrue(seen.message_post(body="Seen", subtype_xmlid="mail.mt_note"))
                    elif not can_read:
                        with self.assertRaises(AccessError):
                            seen.message_post(body="Not seen")
                        with self.assertRaises(AccessError):
                            seen.read(["name"])
                    savepoint.rollback()
                    self.env.invalidate_all()

    def __getitem__(self, name):
        return getattr(self, name)

    def test_following_what_one_cannot_read_is_refused(self):
        ticket = self.make_ticket("private")
        seen = ticket.with_user(self.employee)
        self.assertFalse(seen.message_subscribe(self.employee.partner_id.ids))
        with self.assertRaises(AccessError):
            self.env["mail.followers"].with_user(self.employee).create({
                "res_model": ticket._name, "res_id": ticket.id, "partner_id": self.employee.partner_id.id,
            })
        self.assertFalse(seen.has_access("read"))

    def test_what_hangs_on_a_private_ticket_is_as_private(self):
        ticket = self.make_ticket("private", name="Salary of Ana")
        ticket.message_post(body="Secret", subtype_xmlid="mail.mt_comment", attachments=[("salary.txt", b"1")])
        ticket.activity_schedule("mail.mail_activity_data_todo", user_id=self.manager.id, summary="Secret")
        ticket.message_subscribe(self.manager.partner_id.ids)
        hanging = {
            "mail.followers": [("res_model", "=", ticket._name), ("res_id", "=", ticket.id)],
            "mail.message": [("model", "=", ticket._name), ("res_id", "=", ticket.id)],
            "ir.attachment": [("res_model", "=", ticket._name), ("res_id", "=", ticket.id)],
            "mail.activity": [("res_model", "=", ticket._name), ("res_id", "=", ticket.id)],
        }
        for model, domain in hanging.items():
            for user in (self.employee, self.agent):
                with self.subTest(model=model, user=user.login):
                    self.assertTrue(self.env[model].search(domain))
                    self.assertFalse(self.env[model].with_user(user).search(domain))

    def test_followers_are_known_to_those_who_see_what_they_follow(self):
        for mode, seen in (("private", False), ("company", True), ("public", True)):
            for record in (self.make_ticket(mode), self.teams[mode]):
                record.message_subscribe(self.manager.partner_id.ids)
                followers = record.message_follower_ids
                with self.subTest(record=record):
                    as_employee = followers.with_user(self.employee)
                    self.assertEqual(as_employee.search_count([("id", "in", followers.ids)]), seen)
                    self.assertEqual(as_employee.has_access("read"), seen)
                    self.assertTrue(followers.with_user(self.manager).has_access("read"))
        self.teams["private"].message_subscribe(self.employee.partner_id.ids)
        followers = self.teams["private"].message_follower_ids
        self.assertEqual(followers.with_user(self.employee).search([("id", "in", followers.ids)]), followers)

    def test_cards_count_only_what_one_sees(self):
        self.teams["private"].message_subscribe(self.employee.partner_id.ids)
        self.make_ticket("private")
        self.make_ticket("public", user_id=self.agent.id, priority="3")
        teams = self.env["helpdesk_lite.team"].with_user(self.agent).browse(self.team.ids)
        self.assertEqual(
            (teams.open_ticket_count, teams.my_ticket_count, teams.urgent_ticket_count, teams.unassigned_ticket_count),
            (1, 1, 1, 0),
        )
        self.make_ticket("public", stage_id=self.env.ref("helpdesk_lite.stage_solved").id)
        teams.invalidate_recordset()
        self.assertEqual((teams.open_ticket_count, teams.closed_ticket_count), (1, 1))
        self.assertNotIn(self.teams["private"], teams.search([]))
        self.assertFalse(self.env["helpdesk_lite.ticket"].with_user(self.agent).search_count(
            [("team_id", "=", self.teams["private"].id)],
        ))

    def test_settings_are_the_administrators(self):
        for user in (self.agent, self.employee):
            for record in (self.team, self.team.stage_ids[:1]):
                with self.assertRaises(AccessError):
                    record.with_user(user).write({"name": "Mine now"})
                with self.assertRaises(AccessError):
                    record.with_user(user).unlink()
        for model in ("team", "stage", "tag"):
            with self.assertRaises(AccessError):
                self.env[f"helpdesk_lite.{model}"].with_user(self.customer_user).search([])

    def test_only_administrators_get_columns_that_can_be_changed(self):
        for user, can_change in ((self.employee, False), (self.agent, False), (self.manager, True)):
            arch = self.env["helpdesk_lite.ticket"].with_user(user).get_views([(False, "kanban")])["views"]["kanban"]["arch"]
            self.assertEqual('groups_draggable="0"' not in arch, can_change, user.login)

    def test_other_companies_see_nothing(self):
        other = self.env["res.company"].create({"name": "Second Company"})
        team = self.env["helpdesk_lite.team"].create({"name": "Elsewhere", "company_id": other.id})
        ticket = self.env["helpdesk_lite.ticket"].create({"name": "Hi", "team_id": team.id})
        for user in (self.manager, self.agent, self.employee):
            self.assertFalse(ticket.with_user(user).has_access("read"))
            self.assertFalse(team.with_user(user).has_access("read"))
