import re

from odoo.addons.mail.tests.common import MailCommon
from odoo.service.model import call_kw
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from ..common import HelpdeskCase

MAIL = """\
From: Zoe Quill <zoe@quill.example>
To: {to}
Subject: My parcel
Message-ID: <{number}@quill.example>

Where?
"""


@tagged("post_install", "-at_install")
class TestStageMail(HelpdeskCase, HttpCase, MailCommon):
    """A failing template never prevents the creation or change of a ticket, whatever the channel."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.stage = cls.team._get_first_stage()
        cls.template = cls.stage.template_id
        # works for a contact, but fails for an unknown sender, who has no name
        cls.template.subject = "{{ object.partner_id.name.upper() }}"
        cls.team.write({"use_website_form": True, "name": "Broken Mails"})
        cls.numbers = iter(range(100))

    def arrive_by_mail(self):
        self.env["mail.thread"].message_process(None, MAIL.format(to=self.team.alias_email, number=next(self.numbers)))

    def arrive_by_form(self):
        url = self.team.form_url.removeprefix(self.team.get_base_url())
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.url_open(url).text)[1]
        response = self.url_open(
            url,
            data={
                "name": "Zoe Quill",
                "email": "zoe@quill.example",
                "subject": "My parcel",
                "description": "Where?",
                "csrf_token": token,
            },
        )
        self.assertEqual(response.status_code, 200)
        self.assertIn("o_helpdesk_lite_number", response.text)

    def arrive_by_agent(self):
        # the web client's call
        Ticket = self.env["helpdesk_lite.ticket"].with_user(self.agent)
        call_kw(
            Ticket,
            "web_save",
            [
                [],
                {
                    "name": "My parcel",
                    "team_id": self.team.id,
                    "partner_name": "Zoe Quill",
                    "partner_email": "zoe@quill.example",
                },
            ],
            {"specification": {}},
        )

    def arrive(self, way):
        """Create a ticket through a channel, and return it."""
        before = self.env["helpdesk_lite.ticket"].search([])
        with self.mock_mail_gateway(), mute_logger("odoo.addons.helpdesk_lite.models.mail.ticket_stage_mail"):
            way()
            self.flush_tracking()
        ticket = self.env["helpdesk_lite.ticket"].search([]) - before
        self.assertEqual(len(ticket), 1, "the ticket is there")
        return ticket

    def mails_to(self, address):
        return [mail for mail in self._mails if any(address in recipient for recipient in mail["email_to"])]

    def activities(self):
        return self.env["mail.activity"].search(
            [
                ("activity_type_id", "=", self.env.ref("helpdesk_lite.activity_type_failed_template").id),
                ("user_id", "=", self.manager.id),
            ]
        )

    def test_ticket_stands_and_its_customer_gets_a_plain_acknowledgement(self):
        for way in (self.arrive_by_mail, self.arrive_by_form, self.arrive_by_agent):
            with self.subTest(way=way.__name__):
                ticket = self.arrive(way)
                (mail,) = self.mails_to("zoe@quill.example")
                self.assertIn(ticket.number, mail["subject"])
                self.assertIn(ticket.number, mail["body"])
                self.assertEqual(mail["headers"]["Auto-Submitted"], "auto-replied")
                note = ticket.message_ids.filtered(lambda message: "was not sent" in (message.body or ""))
                self.assertEqual(len(note), 1)
                self.assertIn(self.template.name, note.body)
                self.assertIn("has no attribute", note.body, "why it failed")
                self.assertEqual(note.author_id, self.env.ref("base.partner_root"))
                self.assertTrue(note.is_internal or note.subtype_id.internal)

    def test_administrators_are_told_once_a_day(self):
        ticket = self.arrive(self.arrive_by_mail)
        self.assertEqual(self.activities().res_id, ticket.id)
        self.assertIn("plain acknowledgement", self.activities().note)
        self.assertNotIn(self.manager.partner_id, ticket.message_partner_ids, "and do not get all that is said there")
        self.activities().action_done()
        self.arrive(self.arrive_by_agent)
        self.assertFalse(self.activities())
        self.env.cr.execute("UPDATE mail_activity SET create_date = create_date - interval '1 day'")
        self.env.invalidate_all()
        later = self.arrive(self.arrive_by_mail)
        self.assertEqual(self.activities().res_id, later.id)

    def test_a_later_stage_fails_without_a_mail(self):
        solved = self.env.ref("helpdesk_lite.stage_solved")
        solved.template_id = self.template
        self.stage.template_id = False
        ticket = self.arrive(self.arrive_by_mail)
        with self.mock_mail_gateway(), mute_logger("odoo.addons.helpdesk_lite.models.mail.ticket_stage_mail"):
            ticket.with_user(self.agent).write({"stage_id": solved.id})
            self.flush_tracking()
        self.assertEqual(ticket.stage_id, solved)
        self.assertFalse(self.mails_to("zoe@quill.example"))
        self.assertTrue(ticket.message_ids.filtered(lambda message: "was not sent" in (message.body or "")))

    def test_a_template_that_breaks_in_the_database(self):
        self.template.write(
            {"subject": "Hello", "body_html": """<t t-out="object.env['res.partner'].search([('id', '=', object.name)])"/>"""}
        )
        ticket = self.arrive(self.arrive_by_mail)
        self.assertEqual(ticket.partner_email, "zoe@quill.example")
        self.assertEqual(len(self.mails_to("zoe@quill.example")), 1)

    def test_for_a_known_customer_the_template_goes_on_working(self):
        with self.mock_mail_gateway():
            ticket = (
                self.env["helpdesk_lite.ticket"]
                .with_user(self.agent)
                .create({"name": "Mine", "team_id": self.team.id, "partner_id": self.customer.id})
            )
            self.flush_tracking()
        (mail,) = self.mails_to(self.customer.email)
        self.assertEqual(mail["subject"], self.customer.name.upper())
        self.assertFalse(ticket.message_ids.filtered(lambda message: "was not sent" in (message.body or "")))
