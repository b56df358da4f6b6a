from odoo.addons.mail.tests.common import MailCommon
from odoo.exceptions import ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..common import HelpdeskCase
from .test_mail import MAIL


@tagged("post_install", "-at_install")
class TestForgedMail(HelpdeskCase, MailCommon):
    """Sender, subject and references of a mail are easily forged: they give no access and forward no mail."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Ticket = cls.env["helpdesk_lite.ticket"].with_context(active_test=False)
        cls.ticket = cls.make_ticket(partner_id=cls.customer.id)
        cls.ticket.message_subscribe((cls.customer | cls.agent.partner_id).ids)
        cls.asked = cls.ticket.message_post(
            body="Where is it?", message_type="email", subtype_xmlid="mail.mt_comment", author_id=cls.customer.id
        )
        # the customer is not a contact: answers go to the address on the ticket
        cls.first = cls.make_ticket(partner_name="Zoe Quill", partner_email="zoe@quill.example", user_id=cls.agent.id)
        cls.mail = cls.first.message_post(
            body="My parcel",
            message_type="email",
            subtype_xmlid="mail.mt_comment",
            author_id=False,
            email_from="zoe@quill.example",
            message_id="<one@quill.example>",
        )

    def receive(self, sender, subject="Re: x", team=None, references="", headers="", body="<p>Pay to this account.</p>"):
        """Receive a mail, as bytes.

        :return: tuple (tickets that it created, messages that it created)
        """
        tickets = self.Ticket.search([])
        last = self.env["mail.message"].search([], order="id desc", limit=1).id
        raw = MAIL.format(
            sender=sender,
            to=(team or self.team).alias_email,
            cc="",
            subject=subject,
            charset="utf-8",
            body=body,
            message_id=f"<forged{last}@somewhere.example>",
            headers=headers + (f"References: {references}\n" if references else ""),
        ).encode()
        with self.mock_mail_gateway(), mute_logger("odoo.addons.mail.models.mail_thread"):
            self.env["mail.thread"].message_process(None, raw)
            self.flush_tracking()
        return self.Ticket.search([]) - tickets, self.env["mail.message"].search(
            [("id", ">", last), ("message_type", "in", ("email", "out_of_office"))]
        )

    def is_sent_to(self, address):
        return any(address in recipient for mail in self._mails for recipient in mail["email_to"])

    def send_to_employee(self, ticket):
        """Send a mail about a ticket to an employee.

        :return: the references in it
        """
        ticket.message_subscribe(self.manager.partner_id.ids)
        with self.mock_mail_gateway():
            ticket.with_user(self.manager).message_post(
                body="Look at this.",
                message_type="comment",
                subtype_xmlid="mail.mt_note",
                partner_ids=self.agent.partner_id.ids,
            )
        self.assertTrue(self.is_sent_to(self.agent.email))
        return self._new_mails.filtered(lambda mail: self.agent.partner_id in mail.recipient_ids).references

    def ask_again(self, message_id):
        """Let the customer write after a colleague's note: an answer to an older mail would cross the note, and be held.

        :return: the id of the mail
        """
        self.first.message_post(
            body="And my parcel?",
            message_type="email",
            subtype_xmlid="mail.mt_comment",
            author_id=False,
            email_from="zoe@quill.example",
            message_id=message_id,
        )
        return message_id

    # ------------------------------------------------------------
    # BY THE NUMBER
    # ------------------------------------------------------------

    def test_a_number_opens_nothing_to_a_forged_colleague(self):
        made, message = self.receive(self.agent.email, subject=f"Re: [{self.ticket.number}] A question")
        self.assertEqual(len(made), 1, "the mail is kept, as a request of its own")
        self.assertEqual(message.res_id, made.id)
        self.assertNotIn("Pay to", str(self.ticket.message_ids.mapped("body")))
        self.assertFalse(self.is_sent_to(self.customer.email))

    def test_a_number_opens_nothing_to_a_stranger(self):
        for sender, opens in (("stranger@elsewhere.example", False), (self.customer.email, True)):
            made, message = self.receive(sender, subject=f"Re: [{self.ticket.number}] A question")
            self.assertEqual(bool(made), not opens, sender)
            self.assertEqual(message.res_id == self.ticket.id, opens, sender)

    def test_a_number_whose_prefix_ends_with_a_blank(self):
        self.env["ir.sequence"].search([("code", "=", "helpdesk_lite.ticket")]).prefix = "Help Desk_"
        ticket = self.make_ticket(partner_id=self.customer.id)
        self.assertTrue(ticket.number.startswith("Help Desk_"))
        for typed in (ticket.number, ticket.number.lower(), ticket.number.replace(" ", "  ")):
            made, message = self.receive(self.customer.email, subject=f"[ {typed} ]")
            self.assertFalse(made)
            self.assertEqual(message.res_id, ticket.id)
        # an underscore stands for itself
        made, _message = self.receive(self.customer.email, subject=f"[{ticket.number.replace('_', 'x')}]")
        self.assertTrue(made)

    # ------------------------------------------------------------
    # IN A COLLEAGUE'S NAME
    # ------------------------------------------------------------

    def test_only_the_reference_of_our_mail_sends_on(self):
        """Anybody can use an employee's address; only employees have received the reference."""
        other = self.make_ticket(user_id=self.agent.id)
        mark, foreign = self.send_to_employee(self.first), self.send_to_employee(other)
        made_up = f"<helpdesk-lite-{'0' * 64}@quill.example>"
        first = self.ask_again("<two@quill.example>")
        for what, references, sent in (
            ("the customer's own mail", first, False),
            ("a made up one", f"{made_up} {first}", False),
            ("one of another ticket", f"{foreign.split()[0]} {first}", False),
            ("ours", f"{mark.split()[0]} {first}", True),
        ):
            with self.subTest(references=what):
                made, message = self.receive(self.agent.email, references=references)
                self.assertFalse(made)
                self.assertEqual(message.res_id, self.first.id)
                self.assertEqual(self.is_sent_to("zoe@quill.example"), sent)

    def test_customers_get_no_reference_of_ours(self):
        with self.mock_mail_gateway():
            self.ticket.with_user(self.manager).message_post(
                body="On its way.",
                message_type="comment",
                subtype_xmlid="mail.mt_comment",
                partner_ids=(self.customer | self.agent.partner_id).ids,
            )
        told = {mail.recipient_ids: "helpdesk-lite-" in mail.references for mail in self._new_mails}
        self.assertEqual(told, {self.customer: False, self.agent.partner_id: True})

    def test_a_forged_answer_is_mailed_to_no_customer_who_follows(self):
        for references in (self.asked.message_id, f"<helpdesk-lite-{'0' * 64}@quill.example> {self.asked.message_id}"):
            _made, message = self.receive(self.agent.email, references=references)
            self.assertEqual(message.res_id, self.ticket.id)
            self.assertFalse(self.is_sent_to(self.customer.email))

    def test_reply_to_makes_no_answer_of_an_employee(self):
        """Mail servers check the domain of From; nobody checks Reply-To."""
        _made, message = self.receive(
            "noreply@elsewhere.example", references=self.asked.message_id, headers=f"Reply-To: {self.agent.email}\n"
        )
        self.assertEqual(message.res_id, self.ticket.id)
        self.assertFalse(message.author_id)
        self.assertFalse(self.is_sent_to(self.customer.email))

    def forward(self, sender, **values):
        return self.receive(
            sender,
            subject="Fwd: My parcel",
            body=f"<p>A rude one.</p><p>From: Zoe &lt;{self.customer.email}&gt;<br>Date: Monday<br>To: Ada<br>"
            "Subject: My parcel</p><p>Where is it?</p>",
            **values,
        )

    def test_the_author_of_a_forwarded_mail_gains_no_sight(self):
        """Whoever forges the agent's address could have written the forwarded mail."""
        made, message = self.forward(self.agent.email)
        self.assertEqual((made.partner_email, made.forwarded_by_id), (self.customer.email, self.agent))
        self.assertFalse(made.partner_id)
        self.assertNotIn(self.customer, made.message_partner_ids)
        self.assertFalse(made.with_user(self.customer_user).has_access("read"))
        self.assertTrue(message.is_internal)
        self.assertNotIn("rude", made.description)
        self.assertFalse(self.is_sent_to(self.customer.email))

    def test_only_agents_forward_mails_of_others(self):
        for sender in (self.employee.email, "stranger@elsewhere.example"):
            made, _message = self.forward(sender)
            self.assertEqual(made.partner_email, sender)
            self.assertFalse(made.forwarded_by_id)
            self.assertFalse(self.is_sent_to(self.customer.email))

    def test_absence_of_a_customer_is_told_to_no_other_customer(self):
        other = self.env["res.partner"].create({"name": "Bo", "email": "bo@quill.example"})
        self.ticket.message_subscribe(other.ids)
        _made, message = self.receive(
            self.customer.email, references=self.asked.message_id, headers="Auto-Submitted: auto-replied\n"
        )
        self.assertTrue(message.is_internal)
        self.assertFalse(self.is_sent_to("bo@quill.example"))
        self.assertTrue(self.is_sent_to(self.agent.email))

    def test_absence_of_a_colleague_is_told_to_no_customer(self):
        """Standard Odoo notifies the author of the message that a note answers: here, the customer."""
        _made, message = self.receive(
            self.agent.email,
            references=self.asked.message_id,
            headers="Auto-Submitted: auto-replied\n",
            body="<p>I am in the mountains.</p>",
        )
        self.assertEqual(message.res_id, self.ticket.id)
        self.assertTrue(message.is_internal)
        self.assertFalse(self.is_sent_to(self.customer.email))

    def test_a_note_by_mail_goes_to_no_customer(self):
        """The answer of an employee who no longer has access to the ticket is kept as a note."""
        private = self.make_ticket("private", partner_id=self.customer.id)
        asked = private.message_post(
            body="Where is it?", message_type="email", subtype_xmlid="mail.mt_comment", author_id=self.customer.id
        )
        _made, message = self.receive(self.agent.email, team=self.teams["private"], references=asked.message_id)
        self.assertEqual(message.res_id, private.id)
        self.assertTrue(message.is_internal)
        self.assertNotIn(self.customer, message.partner_ids)
        self.assertFalse(self.is_sent_to(self.customer.email))

    def test_the_answer_of_an_employee_without_access_is_not_forwarded(self):
        private = self.make_ticket("private", partner_email="zoe@quill.example", user_id=self.agent.id)
        mark = self.send_to_employee(private)
        private.user_id = False
        private.message_unsubscribe(self.agent.partner_id.ids)
        _made, message = self.receive(self.agent.email, team=self.teams["private"], references=mark)
        self.assertEqual(message.res_id, private.id)
        self.assertFalse(self.is_sent_to("zoe@quill.example"))

    # ------------------------------------------------------------
    # WHAT OUR MAIL SERVER SAYS
    # ------------------------------------------------------------

    PASS = "Authentication-Results: mx.test.example; dmarc=pass (p=none) header.from=test.example\n"

    def answer(self, mode, headers="", **values):
        """Receive an answer in the agent's name with the reference that only employees have received."""
        self.env["ir.config_parameter"].set_param("helpdesk_lite.mail_server", "mx.test.example")
        self.team.employee_answers = mode
        mark = self.send_to_employee(self.first)
        references = f"{mark.split()[0]} {self.ask_again(f'<again-{len(self.first.message_ids)}@quill.example>')}"
        _made, message = self.receive(self.agent.email, references=references, headers=headers, **values)
        self.assertEqual((message.res_id, message.author_id), (self.first.id, self.agent.partner_id))
        return message

    def test_whose_answers_are_believed(self):
        ours, passed = "Authentication-Results: mx.test.example; ", "dmarc=pass header.from=test.example\n"
        for what, mode, headers, believed in (
            ("the default", "always", "", True),
            ("no word of our server", "verified", "", False),
            ("its word", "verified", ours + passed, True),
            (
                "its word against",
                "verified",
                ours + "dmarc=fail header.from=test.example; spf=pass smtp.mailfrom=test.example\n",
                False,
            ),
            ("a word of somebody else's server", "verified", "Authentication-Results: mx.evil.example; " + passed, False),
            ("one that the sender put in below ours", "verified", ours + "none\nReceived: from a\n" + ours + passed, False),
            ("about another domain", "verified", ours + "dkim=pass header.d=evil.example\n", False),
            ("about the domain, without a policy", "verified", ours + "dmarc=none; dkim=pass header.d=test.example\n", True),
            ("in a comment", "verified", ours + "dmarc=fail (; " + passed.strip() + ")\n", False),
            ("never", "never", ours + passed, False),
        ):
            with self.subTest(what=what):
                message = self.answer(mode, headers)
                self.assertEqual(self.is_sent_to("zoe@quill.example"), believed)
                self.assertEqual(message.is_internal, not believed)
                self.assertEqual("Sender not verified" in message.body, not believed)
                self.assertIn("Pay to this account.", message.body)
                self.assertEqual(message in message.with_user(self.customer_user).search([("id", "=", message.id)]), False)

    def test_a_customer_does_not_see_what_was_not_believed(self):
        self.team.employee_answers = "never"
        _made, message = self.receive(self.agent.email, references=self.asked.message_id)
        self.assertEqual(message.res_id, self.ticket.id)
        self.assertFalse(message.with_user(self.customer_user).has_access("read"))
        self.assertTrue(self.ticket.with_user(self.customer_user).has_access("read"))
        self.team.employee_answers = "always"
        _made, message = self.receive(self.agent.email, references=self.asked.message_id)
        self.assertTrue(message.with_user(self.customer_user).has_access("read"))

    def test_whoever_was_not_believed_is_told_why(self):
        self.answer("verified")
        told = self.first.message_ids.filtered(lambda message: "somebody else wrote it" in (message.body or ""))
        self.assertEqual(told.partner_ids, self.agent.partner_id)
        self.assertTrue(told.is_internal or told.subtype_id.internal)
        self.answer("verified", self.PASS)
        self.assertEqual(len(self.first.message_ids.filtered(lambda message: "somebody else" in (message.body or ""))), 1)

    def test_customers_need_no_word_of_a_mail_server(self):
        self.team.employee_answers = "never"
        _made, message = self.receive(self.customer.email, references=self.asked.message_id)
        self.assertFalse(message.is_internal)
        self.assertNotIn("not verified", message.body)
        # an employee who is the customer
        own = self.make_ticket(partner_id=self.employee.partner_id.id)
        asked = own.message_post(body="?", message_type="email", subtype_xmlid="mail.mt_comment", author_id=self.customer.id)
        _made, message = self.receive(self.employee.email, references=asked.message_id)
        self.assertFalse(message.is_internal)

    def test_no_team_waits_for_the_word_of_an_unknown_server(self):
        self.env["ir.config_parameter"].set_param("helpdesk_lite.mail_server", False)
        with self.assertRaisesRegex(ValidationError, "mail server is not known"):
            self.call(self.manager, "helpdesk_lite.team", "write", self.team.ids, {"employee_answers": "verified"})
        self.call(self.manager, "helpdesk_lite.team", "write", self.team.ids, {"employee_answers": "never"})
