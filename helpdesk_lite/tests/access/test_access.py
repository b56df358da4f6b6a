from odoo.exceptions import AccessError
from odoo.tests import HttpCase, JsonRpcException, tagged
from odoo.tools import mute_logger

from ..common import COMPANY_MODES, HelpdeskCase

# the design's table, literally; the README and the record rules contain it too, and a repo test compares them
TABLE = """
|  | private | company | public |
| - | - | - | - |
| internal user, stranger | nothing | team and all its tickets | team and all its tickets |
| internal user following one ticket | that ticket | all | all |
| internal user following the team | team and all its tickets | all | all |
| assignee | that ticket | all | all |
| Helpdesk Administrator | all | all | all |
| portal user, stranger | nothing | nothing | nothing |
| portal user following a ticket | nothing | nothing | that ticket |
| anyone with a ticket's access link | nothing | nothing | that ticket |
"""
# for each row: the users to test, and how they are related to the ticket
ROWS = {
    "internal user, stranger": (("employee", "agent"), None),
    "internal user following one ticket": (("employee", "agent"), "follow ticket"),
    "internal user following the team": (("employee", "agent"), "follow team"),
    "assignee": (("employee", "agent"), "assign"),
    "Helpdesk Administrator": (("manager",), None),
    "portal user, stranger": (("customer_user",), None),
    "portal user following a ticket": (("customer_user",), "follow ticket"),
    "anyone with a ticket's access link": ((None,), None),
}
NOTHING, ONE, ALL = "nothing", "that ticket", ("all", "team and all its tickets")


def cases():
    """Every cell of the table, for each user in its row."""
    for line in TABLE.strip().splitlines()[2:]:
        relation, *cells = (cell.strip() for cell in line.strip("|").split("|"))
        for mode, cell in zip(COMPANY_MODES, cells, strict=True):
            for who in ROWS[relation][0]:
                yield relation, mode, who, cell


@tagged("post_install", "-at_install")
class TestAccessTable(HttpCase, HelpdeskCase):
    """Every cell of the table, for every role and every way to access a ticket."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for user in (cls.employee, cls.agent, cls.manager):
            user.group_ids += cls.env.ref("base.group_allow_export")

    def make_world(self, mode, who, relation):
        team = self.env["helpdesk_lite.team"].create({"name": "Table", "privacy_visibility": mode})
        tickets = (
            self.env["helpdesk_lite.ticket"]
            .with_context(mail_create_nosubscribe=True)
            .create([{"name": "This table wobbles", "team_id": team.id}, {"name": "That chair too", "team_id": team.id}])
            .with_env(self.env)
        )
        tickets[0].message_post(body="See", subtype_xmlid="mail.mt_comment", attachments=[("leg.txt", b"wood")])
        partner = getattr(self, who).partner_id if who else None
        match ROWS[relation][1]:
            case "follow ticket":
                tickets[0].message_subscribe(partner.ids)
            case "follow team":
                team.message_subscribe(partner.ids)
            case "assign":
                tickets[0].user_id = getattr(self, who)
        if not who:
            # simulates a link from the time when the team was public
            tickets.sudo().access_token = "1d51b0ab-5f4f-4a44-9ebb-5e3a2d2c9a11"
        self.env.flush_all()
        self.env.invalidate_all()
        return team, *tickets

    def test_every_cell(self):
        self.assertEqual(set(ROWS), {relation for relation, *_rest in cases()})
        for relation, mode, who, cell in cases():
            with self.subTest(relation=relation, mode=mode, who=who):
                self.assertIn(cell, (NOTHING, ONE, *ALL))
                team, ticket, other = self.make_world(mode, who, relation)
                if not who:
                    self.check_link(ticket, cell == ONE)
                    continue
                user = getattr(self, who)
                sees, sees_all = cell != NOTHING, cell in ALL
                self.check_records(user, ticket, sees, other, sees_all)
                self.assertEqual(team.with_user(user).has_access("read"), sees_all)
                self.check_verbs(user, who, ticket, sees)
                self.check_create(user, who, team, sees_all)
                self.check_pages(user, ticket, sees)

    def check_records(self, user, ticket, sees, other, sees_all):
        Ticket = self.env["helpdesk_lite.ticket"].with_user(user)
        domain = [("team_id", "=", ticket.team_id.id)]
        seen = (ticket if sees else ticket.browse()) + (other if sees_all else other.browse())
        self.assertEqual(Ticket.search(domain), seen.sorted())
        self.assertEqual(Ticket.search_count(domain), len(seen))
        self.assertEqual(sum(count for _stage, count in Ticket._read_group(domain, ["stage_id"], ["__count"])), len(seen))
        groups = Ticket.formatted_read_group(domain, ["is_closed"], ["__count"])
        self.assertEqual([group["__count"] for group in groups], [len(seen)] if seen else [])
        by_name, by_number = Ticket.name_search("table wobbles", domain), Ticket.name_search(other.number, domain)
        self.assertEqual([found[0] for found in by_name], ticket.ids if sees else [])
        self.assertEqual([found[0] for found in by_number], other.ids if sees_all else [])

    def check_verbs(self, user, who, ticket, sees):
        mine = ticket.with_user(user)
        self.assertEqual(mine.has_access("read"), sees)
        self.assertEqual(mine.has_access("write"), sees and who in ("agent", "manager"))
        self.assertEqual(mine.has_access("unlink"), sees and who == "manager")
        self.assert_allowed(sees, lambda: mine.read(["name", "description"]))
        if who != "customer_user":
            self.assert_allowed(sees, lambda: mine.export_data(["number", "name"]))
            self.assert_allowed(sees, lambda: mine.message_post(body="Seen", subtype_xmlid="mail.mt_note"))

    def check_create(self, user, who, team, sees_team):
        Ticket = self.env["helpdesk_lite.ticket"].with_user(user)
        self.assert_allowed(
            sees_team and who != "customer_user", lambda: Ticket.create({"name": "One more", "team_id": team.id})
        )

    def check_pages(self, user, ticket, sees):
        self.authenticate(user.login, user.login)
        page = self.url_open(f"/my/helpdesk-tickets/{ticket.id}").text
        self.assertEqual("This table wobbles" in page, sees)
        file = self.env["ir.attachment"].search([("res_model", "=", ticket._name), ("res_id", "=", ticket.id)])
        self.assertEqual(self.url_open(f"/web/content/{file.id}").status_code == 200, sees and user != self.customer_user)
        if user == self.customer_user:
            # customers open files by the signed URLs in their chatter; those of employees need no signature
            token = file.with_user(user).sudo()._get_raw_access_token()
            self.env.flush_all()
            self.assertEqual(
                self.url_open(f"/web/content/{file.id}", params={"access_token": token}).status_code == 200,
                ticket.team_id.privacy_visibility == "public",
            )
            self.assert_posts(ticket, sees)

    def check_link(self, ticket, opens):
        self.authenticate(None, None)
        token = ticket.sudo().access_token
        self.assertNotIn("This table wobbles", self.url_open(f"/my/helpdesk-tickets/{ticket.id}").text)
        page = self.url_open(f"/my/helpdesk-tickets/{ticket.id}", params={"access_token": token}).text
        self.assertEqual("This table wobbles" in page, opens)
        file = self.env["ir.attachment"].search([("res_model", "=", ticket._name), ("res_id", "=", ticket.id)])
        signed = self.url_open(f"/web/content/{file.id}", params={"access_token": file._get_raw_access_token()})
        self.assertEqual(signed.status_code == 200, opens)
        self.assert_posts(ticket, False)
        self.assert_posts(ticket, opens, token=token)

    def assert_posts(self, ticket, allowed, **params):
        request = {
            "thread_model": ticket._name,
            "thread_id": ticket.id,
            **params,
            "post_data": {"body": "Thanks!", "message_type": "comment", "subtype_xmlid": "mail.mt_comment"},
        }
        before = len(ticket.message_ids)
        with mute_logger("odoo.http"):
            if allowed:
                self.make_jsonrpc_request("/mail/message/post", request)
            else:
                with self.assertRaises(JsonRpcException):
                    self.make_jsonrpc_request("/mail/message/post", request)
        ticket.invalidate_recordset()
        self.assertEqual(len(ticket.message_ids), before + int(allowed))

    def assert_allowed(self, allowed, call):
        if allowed:
            self.assertTrue(call())
        else:
            with self.assertRaises(AccessError):
                call()


@tagged("post_install", "-at_install")
class TestAccess(HelpdeskCase):
    """Access beyond the table: rows that belong to tickets, settings, companies."""

    def test_following_hidden_records_is_refused(self):
        ticket = self.make_ticket("private")
        seen = ticket.with_user(self.employee)
        self.assertFalse(seen.message_subscribe(self.employee.partner_id.ids))
        with self.assertRaises(AccessError):
            self.env["mail.followers"].with_user(self.employee).create(
                {"res_model": ticket._name, "res_id": ticket.id, "partner_id": self.employee.partner_id.id}
            )
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

    def test_cards_count_only_visible_tickets(self):
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
        self.assertFalse(
            self.env["helpdesk_lite.ticket"].with_user(self.agent).search_count([("team_id", "=", self.teams["private"].id)])
        )

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
