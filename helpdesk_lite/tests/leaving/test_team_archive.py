from odoo.exceptions import ValidationError
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from ..common import HelpdeskCase

MAIL = """From: Customer <somebody@test.example>
To: hl-public@archive.test.example
Subject: Hello
Message-Id: <{id}@test.example>
{headers}Content-Type: text/plain

Is anybody there?
"""


class ArchiveCase(HelpdeskCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.domain = cls.env["mail.alias.domain"].create({"name": "archive.test.example"})
        cls.team.alias_domain_id = cls.domain

    def receive(self, id, headers="", mail=MAIL):
        """Receive a mail to the public team.

        :return: tuple (new tickets, new outgoing mails)
        """
        Ticket, Mail = self.env["helpdesk_lite.ticket"], self.env["mail.mail"]
        tickets, mails = Ticket.search([]), Mail.search([])
        with mute_logger("odoo.addons.mail.models.mail_thread"):
            self.env["mail.thread"].message_process(None, mail.format(id=id, headers=headers))
        self.env.cr.precommit.run()
        return Ticket.search([]) - tickets, Mail.search([]) - mails


@tagged("post_install", "-at_install")
class TestTeamArchive(ArchiveCase):
    """A mail to an archived team is never acknowledged into the void."""

    def test_sender_is_told_that_the_address_is_not_in_use(self):
        self.call(self.manager, "helpdesk_lite.team", "write", self.team.ids, {"active": False})
        tickets, mails = self.receive("bounced")
        self.assertFalse(tickets)
        self.assertEqual(len(mails), 1)
        self.assertIn("is not in use any more", mails.body_html)
        self.assertIn("somebody@test.example", mails.email_to)
        self.assertNotEqual(self.team.alias_id.alias_status, "invalid")

    def test_sender_is_told_the_address_of_the_company_if_it_has_one(self):
        self.team.active = False
        for email, told in (("office@test.example", True), (False, False)):
            self.env.company.email = email
            _tickets, mails = self.receive(f"bounced-{told}")
            self.assertEqual("Please contact us at" in mails.body_html, told)
            self.assertEqual("office@test.example" in mails.body_html, told)

    def test_mail_is_kept_and_says_why_it_became_no_ticket(self):
        self.team.active = False
        for id, headers in (("kept", ""), ("kept-robot", "Auto-Submitted: auto-replied\n")):
            self.receive(id, headers)
            kept = self.env["helpdesk_lite.mail"].search([("message_id", "=", f"<{id}@test.example>")])
            self.assertEqual((kept.state, kept.reason), ("parked", "archived"))

    def test_programs_are_not_answered(self):
        self.team.active = False
        tickets, mails = self.receive("robot", "Auto-Submitted: auto-replied\n")
        self.assertFalse(tickets)
        self.assertFalse(mails)

    def test_active_team_takes_its_mails(self):
        self.team.redirect_team_id = self.teams["company"]
        tickets, mails = self.receive("taken")
        self.assertEqual(tickets.team_id, self.team)
        self.assertNotIn("is not in use", "".join(mails.mapped("body_html")))

    def test_redirected_mail_becomes_a_ticket_of_the_other_team_and_of_nobody_else(self):
        self.team.write({"active": False, "redirect_team_id": self.teams["private"].id})
        tickets, mails = self.receive("redirected")
        self.assertEqual(tickets.team_id, self.teams["private"])
        self.assertNotIn("is not in use", "".join(mails.mapped("body_html")))
        self.assertFalse(tickets.with_user(self.employee).has_access("read"))

    def test_mail_to_both_teams_is_one_request(self):
        self.team.write({"active": False, "redirect_team_id": self.teams["private"].id})
        self.teams["private"].alias_domain_id = self.domain
        both = MAIL.replace("To: ", f"To: {self.teams['private'].alias_email}, ")
        tickets, _mails = self.receive("both", mail=both)
        self.assertEqual(tickets.team_id, self.teams["private"])
        self.assertEqual(len(tickets), 1)

    def test_chain_of_archived_teams_ends_at_an_active_one_or_bounces(self):
        self.teams["company"].write({"active": False, "redirect_team_id": self.teams["private"].id})
        self.team.write({"active": False, "redirect_team_id": self.teams["company"].id})
        self.assertEqual(self.receive("chain")[0].team_id, self.teams["private"])
        self.teams["private"].write({"active": False, "redirect_team_id": self.team.id})
        tickets, mails = self.receive("circle")
        self.assertFalse(tickets)
        self.assertIn("is not in use any more", mails.body_html)
        with self.assertRaises(ValidationError), self.cr.savepoint():
            self.team.redirect_team_id = self.team

    def test_answer_still_reaches_a_ticket_of_the_archived_team(self):
        ticket = self.receive("first")[0]
        self.team.active = False
        tickets, _mails = self.receive("second", "References: <first@test.example>\n")
        self.assertFalse(tickets)
        self.assertEqual(len(ticket.message_ids.filtered(lambda message: message.message_type == "email")), 2)


@tagged("post_install", "-at_install")
class TestTeamArchiveDialog(ArchiveCase, HttpCase):
    """Archiving a team by hand asks what becomes of its tickets and e-mails."""

    def ask(self):
        self.authenticate("hl_manager", "hl_manager")
        question = {"model": "helpdesk_lite.team", "method": "action_archive", "args": [self.team.ids], "kwargs": {}}
        action = self.make_jsonrpc_request("/web/dataset/call_kw/helpdesk_lite.team/action_archive", question)
        self.env.invalidate_all()
        self.assertTrue(self.team.active)
        return self.env["helpdesk_lite.team.archive"].with_user(self.manager).browse(action["res_id"])

    def test_tickets_are_moved_and_mails_redirected(self):
        ticket = self.make_ticket()
        question = self.ask()
        self.assertFalse(question.with_user(self.agent).has_access("read"))
        other = self.teams["company"]
        question.write(
            {"ticket_action": "move", "ticket_team_id": other.id, "mail_action": "redirect", "mail_team_id": other.id}
        )
        question.action_confirm()
        self.assertFalse(self.team.active)
        self.assertEqual(ticket.team_id, other)
        self.assertEqual(self.receive("dialog")[0].team_id, other)

    def test_tickets_are_closed_or_left(self):
        ticket = self.make_ticket()
        self.ask().action_confirm()
        self.assertFalse(self.team.active)
        self.assertFalse(ticket.is_closed)
        self.team.active = True
        question = self.ask()
        question.ticket_action = "close"
        question.action_confirm()
        self.assertTrue(ticket.is_closed)

    def test_integrations_archive_without_a_dialog(self):
        self.call(self.manager, "helpdesk_lite.team", "action_archive", self.team.ids)
        self.assertFalse(self.team.active)
