from base64 import b64encode
from imaplib import IMAP4
from unittest.mock import patch

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form, new_test_user, tagged

from ..common import HelpdeskCase

MAIL = b"""From: Zoe Quill <zoe@quill.example>
To: %s
Subject: A lamp
Message-ID: <gateway@quill.example>
Content-Type: text/plain; charset=latin-1
Content-Transfer-Encoding: 8bit

M\xfcller
"""


@tagged("post_install", "-at_install")
class TestGateway(HelpdeskCase):
    """Who may deliver mails by the script, and what else that opens."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["mail.alias.domain"].search([]) or cls.env["mail.alias.domain"].create({"name": "gateway.example"})
        cls.team.invalidate_recordset()
        cls.gateway = new_test_user(cls.env, "hl_gateway", "base.group_user,helpdesk_lite.group_gateway")
        cls.source = b64encode(MAIL % cls.team.alias_full_name.encode()).decode()

    def test_only_the_gateway_and_administrators_of_the_database_deliver(self):
        for user in (self.manager, self.agent, self.employee, self.customer_user):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.call(user, "helpdesk_lite.mail", "deliver", self.source)
        self.assertFalse(self.env["helpdesk_lite.ticket"].search([("name", "=", "A lamp")]))
        for user in (self.gateway, self.env.ref("base.user_admin")):
            with self.subTest(user=user.login):
                self.assertTrue(self.call(user, "helpdesk_lite.mail", "deliver", self.source))
        ticket = self.env["helpdesk_lite.ticket"].search([("name", "=", "A lamp")])
        self.assertEqual(len(ticket), 1)
        self.assertIn("Müller", ticket.description)
        self.assertEqual(ticket.create_uid, self.env.ref("base.user_root"), "as with mails that are fetched")

    def test_the_gateway_reads_nothing(self):
        self.assertTrue(self.call(self.gateway, "helpdesk_lite.mail", "deliver", self.source))
        for model in ("helpdesk_lite.mail", "helpdesk_lite.mail.uid", "fetchmail.server"):
            with self.subTest(model=model), self.assertRaises(AccessError):
                self.call(self.gateway, model, "search_read", [], ["id"])

    def test_what_is_no_mail_is_refused(self):
        for source in ("no base64!", "ä", False, 7, ["x"]):
            with self.subTest(source=source), self.assertRaises(ValidationError):
                self.call(self.gateway, "helpdesk_lite.mail", "deliver", source)

    def test_the_form_shows_our_script(self):
        form = Form(self.env["fetchmail.server"])
        form.server_type = "local"
        self.assertEqual(form.script, "/helpdesk_lite/static/scripts/helpdesk-mailgate.py")
        self.assertIn("helpdesk-mailgate.py --url", form.configuration)
        self.assertNotIn("PASSWORD", form.configuration)

    def test_other_connections_are_left_alone(self):
        """What another addon connects, or a test of Odoo, is passed on as it is."""
        server = self.env["fetchmail.server"].create({"name": "Server", "server": "mail.example", "user": "x", "password": "x"})
        with patch("odoo.addons.mail.models.fetchmail.OdooIMAP4") as connection:
            self.assertIs(server._connect__(), connection.return_value)
        with (
            patch("odoo.addons.mail.models.fetchmail.OdooIMAP4", side_effect=IMAP4.error("down")),
            self.assertRaises(IMAP4.error),
        ):
            server._connect__()
