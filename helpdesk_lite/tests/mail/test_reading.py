import email.policy

from odoo.addons.mail.tests.common import MailCommon
from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..common import HelpdeskCase

BROKEN = b"""\
From: Customer <customer@test.example>
To: %s
Subject: My parcel
Message-ID: <broken@test.example>
Bcc: secret@test.example
Content-Type: multipart/mixed; boundary="none"

Where is it?
"""
TICKET = "helpdesk_lite.ticket"
NOTE = "may say more than is shown here"


@tagged("post_install", "-at_install")
class TestReading(HelpdeskCase, MailCommon):
    """What becomes of a mail that was read with doubts; ``tests/test_mail_corpus.py`` has what is read."""

    def receive(self, raw, **options):
        with self.mock_mail_gateway(), mute_logger("odoo.addons.mail.models.mail_thread"):
            self.env["mail.thread"].message_process(None, raw, **options)
            self.flush_tracking()
        return self.env[TICKET].search([], order="id desc", limit=1)

    def test_agents_get_the_original_and_customers_do_not(self):
        raw = BROKEN % self.team.alias_email.encode()
        ticket = self.receive(raw)
        note = ticket.message_ids.filtered(lambda message: NOTE in message.body)
        self.assertEqual(len(note), 1)
        mail = ticket.message_ids.filtered(lambda message: message.message_type == "email")
        self.assertIn("Where is it?", mail.body)
        self.assertFalse(mail.attachment_ids)
        seen = self.call(self.agent, "ir.attachment", "read", note.attachment_ids.ids, ["name", "raw"])
        self.assertEqual([(file["name"], file["raw"]) for file in seen], [("original.eml", raw)])
        # the customer follows the public ticket, reads their mail, and neither the note nor its file
        self.assertIn(self.customer, ticket.message_partner_ids)
        self.assertTrue(self.call(self.customer_user, "mail.message", "read", mail.ids, ["body"]))
        with self.assertRaises(AccessError):
            self.call(self.customer_user, "mail.message", "read", note.ids, ["body"])
        with self.assertRaises(AccessError):
            self.call(self.customer_user, "ir.attachment", "read", note.attachment_ids.ids, ["raw"])
        self.assertFalse(any("secret@test.example" in mail["body"] for mail in self._mails))

    def test_nobody_but_the_gateway_says_so(self):
        ticket = self.make_ticket()
        files = [("a.eml", b"x", {"doubts": ["cut"]})]
        ticket.with_user(self.agent).message_post(body="Hello", attachments=files)
        self.assertFalse(ticket.message_ids.filtered(lambda message: NOTE in message.body))
        self.assertEqual(ticket.message_ids.attachment_ids.mapped("name"), ["a.eml"])

    def test_other_models_get_the_original_as_a_file(self):
        self.env["mail.alias"].create(
            {
                "alias_name": "partners",
                "alias_domain_id": self.team.alias_domain_id.id,
                "alias_model_id": self.env["ir.model"]._get_id("res.partner"),
            }
        )
        self.receive(BROKEN % f"partners@{self.team.alias_domain_id.name}".encode())
        message = self.env["mail.message"].search([("message_id", "=", "<broken@test.example>")])
        self.assertEqual((message.model, message.attachment_ids.mapped("name")), ("res.partner", ["original.eml"]))

    def test_the_source_is_kept_as_it_came_where_somebody_asks(self):
        raw = (BROKEN % self.team.alias_email.encode()).replace(b"parcel", b"p\xe4rcel")
        ticket = self.receive(raw, save_original=True)
        files = {file.name: file.raw for file in ticket.message_ids.attachment_ids}
        self.assertEqual(files, {"original_email.eml": raw, "original.eml": raw})
        self.assertEqual(ticket.name, "My pärcel")

    def test_a_message_that_somebody_else_parsed_is_read_by_odoo(self):
        raw = BROKEN.replace(b"Bcc:", b"X-Helpdesk-Lite-Reading:") % self.team.alias_email.encode()
        message = email.message_from_bytes(raw, policy=email.policy.SMTP)
        parsed = self.env["mail.thread"].message_parse(message)
        self.assertEqual(parsed["subject"], "My parcel")
