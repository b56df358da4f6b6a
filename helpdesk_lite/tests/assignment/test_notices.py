import re

from odoo.addons.mail.tests.common import MailCommon
from odoo.fields import Command
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from ..common import HelpdeskCase

TICKET = "helpdesk_lite.ticket"


@tagged("post_install", "-at_install")
class TestNotices(HelpdeskCase, MailCommon):
    """Who is told of tickets that they are given, and of new ones: as few mails as possible, and nobody else."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.luis = new_test_user(cls.env, "hl_luis", "helpdesk_lite.group_user", email="luis@test.example")
        cls.mia = new_test_user(cls.env, "hl_mia", "helpdesk_lite.group_user", email="mia@test.example")

    def mails_to(self, user):
        return [mail for mail in self._mails if user.email_formatted in mail["email_to"]]

    def write(self, tickets, values):
        with self.mock_mail_gateway():
            self.call(self.agent, TICKET, "write", tickets.ids, values)
            self.flush_tracking()

    # ------------------------------------------------------------
    # ASSIGNMENTS
    # ------------------------------------------------------------

    def test_many_tickets_that_are_given_to_one_person_are_one_mail(self):
        tickets = self.env[TICKET].union(*(self.make_ticket(name=f"Lamp <{number}>") for number in range(25)))
        self.write(tickets, {"user_id": self.luis.id})
        self.assertEqual(tickets.user_id, self.luis)
        (mail,) = self.mails_to(self.luis)
        self.assertIn("25", mail["subject"])
        named = [ticket for ticket in tickets if f"Lamp &lt;{tickets.ids.index(ticket.id)}&gt;" in mail["body"]]
        self.assertEqual(named, list(tickets)[:20], "a long mail is not read")
        self.assertIn("Further tickets: 5", mail["body"])
        (path,) = re.findall(r'href="[^"]*/odoo/([^"]*)"', mail["body"])
        self.assertTrue(self.env["ir.actions.act_window"].search([("path", "=", path)]), "where all of them are")
        for ticket in named:
            self.assertIn(ticket.number, mail["body"])
            self.assertIn(f'res_id={ticket.id}"', mail["body"])
        self.assertEqual(mail["body"].count("/mail/view"), 20, "no button opens one of them")
        sent = self.env["mail.message"].search([("subject", "=", mail["subject"])])
        self.assertEqual((len(sent), sent.model), (1, False), "an answer lands on none of them")
        self.assertEqual(self._mails, [mail])
        self.assertTrue(all(self.luis.partner_id in ticket.message_partner_ids for ticket in tickets))

    def test_few_tickets_are_all_named(self):
        tickets = self.make_ticket(name="Lamp") | self.make_ticket(name="Chair")
        self.write(tickets, {"user_id": self.luis.id})
        (mail,) = self.mails_to(self.luis)
        for ticket in tickets:
            self.assertIn(ticket.display_name, mail["body"])
        self.assertNotIn("Further tickets", mail["body"])

    def test_one_ticket_is_announced_by_its_name(self):
        ticket = self.make_ticket(name="My lamp")
        self.write(ticket, {"user_id": self.luis.id})
        (mail,) = self.mails_to(self.luis)
        self.assertIn("My lamp", mail["subject"])

    def test_same_assignee_again_and_oneself_get_no_mail(self):
        tickets = self.make_ticket(user_id=self.luis.id) | self.make_ticket(user_id=self.luis.id)
        self.write(tickets, {"user_id": self.luis.id})
        self.assertFalse(self._mails)
        self.write(tickets, {"user_id": self.agent.id})
        self.assertFalse(self._mails)
        # only the one that is new to them is announced
        new = self.make_ticket(name="Another lamp")
        self.write(tickets[0] | new, {"user_id": self.luis.id})
        tickets[1].user_id = self.luis
        self.write(tickets | new, {"user_id": self.luis.id, "priority": "2"})
        self.assertFalse(self._mails)

    def test_who_gives_a_private_ticket_away_may_lose_it(self):
        for count in (1, 2):
            tickets = self.env[TICKET].union(*(self.make_ticket("private", user_id=self.agent.id) for _number in range(count)))
            tickets.message_unsubscribe(self.agent.partner_id.ids)
            self.write(tickets, {"user_id": self.luis.id})
            (mail,) = self.mails_to(self.luis)
            self.assertIn(tickets[-1].number, mail["body"])
            self.assertFalse(tickets.with_user(self.agent)._filtered_access("read"))

    def test_mail_that_fails_does_not_take_the_assignment_with_it(self):
        self.env.ref("mail.message_user_assigned").arch = '<div><t t-out="object.nothing.at_all"/></div>'
        ticket = self.make_ticket()
        with mute_logger("odoo.addons.helpdesk_lite.models.assignment.ticket_assignee_notice"):
            self.write(ticket, {"user_id": self.luis.id, "priority": "2"})
            created = self.create_ticket(user_id=self.luis.id)
        self.assertFalse(created)
        new = self.env[TICKET].search([("user_id", "=", self.luis.id)], order="id desc", limit=1)
        self.assertEqual((ticket.user_id, ticket.priority), (self.luis, "2"))
        for told in (ticket, new):
            note = told.message_ids.filtered(lambda message: "was not told of the assignment" in (message.body or ""))
            self.assertEqual(len(note), 1)
            self.assertTrue(note.is_internal or note.subtype_id.internal)

    # ------------------------------------------------------------
    # NEW TICKETS
    # ------------------------------------------------------------

    def create_ticket(self, **values):
        with self.mock_mail_gateway():
            self.call(self.agent, TICKET, "create", {"name": "x", "team_id": self.team.id, **values})
            self.flush_tracking()
        return {user for user in (self.luis, self.mia, self.employee, self.manager) if self.mails_to(user)}

    def test_team_chooses_who_is_told_of_new_tickets(self):
        self.team.member_ids = [Command.set((self.luis | self.mia | self.agent).ids)]
        self.team.message_subscribe(self.employee.partner_id.ids)
        self.assertEqual(self.create_ticket(), {self.employee}, "followers, as before")
        self.team.new_ticket_notice = "members"
        self.assertEqual(self.create_ticket(), {self.luis, self.mia}, "but not the author")
        self.team.new_ticket_notice = "nobody"
        self.assertEqual(self.create_ticket(), set())

    def test_line_about_a_new_ticket_is_the_same_whether_or_not_somebody_is_told(self):
        lines = []
        for followers in (self.env["res.partner"], self.employee.partner_id):
            self.team.message_subscribe(followers.ids)
            self.assertEqual(self.create_ticket(), {self.employee} if followers else set())
            (line,) = self.env[TICKET].search([], order="id desc", limit=1).message_ids
            fields = ("body", "author_id", "email_from", "subtype_id", "message_type", "is_internal", "parent_id")
            lines.append({name: line[name] for name in fields})
        self.assertEqual(*lines)
        self.assertEqual(lines[0]["subtype_id"], self.env.ref("helpdesk_lite.mt_ticket_new"))
        self.assertEqual(lines[0]["author_id"], self.agent.partner_id)

    def test_assignee_is_told_once(self):
        self.team.write({"member_ids": [Command.set((self.luis | self.mia).ids)], "new_ticket_notice": "members"})
        self.create_ticket(user_id=self.luis.id)
        (mail,) = self.mails_to(self.luis)
        self.assertIn("assigned", mail["subject"])
        self.assertEqual(len(self.mails_to(self.mia)), 1)

    def test_members_are_told_of_no_batch(self):
        self.team.write({"member_ids": [Command.set(self.luis.ids)], "new_ticket_notice": "members"})
        with self.mock_mail_gateway():
            self.call(self.agent, TICKET, "create", [{"name": "x", "team_id": self.team.id}] * 3)
            self.flush_tracking()
        self.assertFalse(self._mails)

    # ------------------------------------------------------------
    # ADDRESSES
    # ------------------------------------------------------------

    def propose(self, ticket):
        """The addresses that the composer proposes to an agent who answers."""
        suggested = ticket.with_user(self.agent)._message_get_suggested_recipients(reply_discussion=True)
        return [recipient["email"] for recipient in suggested]

    def make_mailed_ticket(self, sender):
        domain = self.env["mail.alias.domain"].create({"name": "notices.test.example"})
        self.team.alias_domain_id = domain
        mail = f"From: {sender}\nTo: {self.team.alias_email}\nSubject: Lamp\nMessage-Id: <{sender}>\n\nIt is dark."
        before = self.env[TICKET].search([])
        with self.mock_mail_gateway():
            self.env["mail.thread"].message_process(None, mail)
            self.flush_tracking()
        return self.env[TICKET].search([]) - before

    def test_address_that_was_corrected_on_the_ticket_is_proposed_alone(self):
        ticket = self.make_mailed_ticket("zoe@quil.example")
        self.assertEqual(self.propose(ticket), ["zoe@quil.example"])
        ticket.with_user(self.agent).partner_email = "zoe@quill.example"
        self.assertEqual(self.propose(ticket), ["zoe@quill.example"])

    def test_address_that_changed_on_the_contact_is_proposed_alone(self):
        partner = self.env["res.partner"].create({"name": "Zoe", "email": "zoe@quill.example"})
        ticket = self.make_ticket("company", partner_id=partner.id)
        partner.email = "zoe@new.example"
        self.assertEqual(ticket.partner_email, "zoe@quill.example")
        self.assertEqual(self.propose(ticket), ["zoe@new.example"])

    def test_colleague_of_the_customer_who_answers_is_still_proposed(self):
        ticket = self.make_mailed_ticket("zoe@quill.example")
        reference = ticket.message_ids.filtered(lambda message: message.message_type == "email").message_id
        mail = (
            f"From: ann@quill.example\nTo: {self.team.alias_email}\nSubject: Re: Lamp\nMessage-Id: <ann@quill.example>\n"
            f"References: {reference}\n\nMe too."
        )
        with self.mock_mail_gateway():
            self.env["mail.thread"].message_process(None, mail)
        self.assertEqual(set(self.propose(ticket)), {"zoe@quill.example", "ann@quill.example"})
