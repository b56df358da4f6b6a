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

    # ------------------------------------------------------------
    # RECIPIENTS
    # ------------------------------------------------------------

    def test_own_recipients_copies_and_reply_address_of_the_template(self):
        self.template.write(
            {
                "subject": "Hello",
                "use_default_to": False,
                "email_to": "{{ object.partner_email }}",
                "partner_to": str(self.manager.partner_id.id),
                "email_cc": f"boss@quill.example, {self.team.alias_email}",
                "reply_to": "answers@quill.example",
            }
        )
        ticket = self.arrive(self.arrive_by_mail)
        for address in ("zoe@quill.example", "boss@quill.example", self.manager.email):
            (mail,) = self.mails_to(address)
            self.assertEqual(mail["reply_to"], "answers@quill.example")
        self.assertFalse(self.mails_to(self.team.alias_email), "it would become a ticket")
        self.assertFalse({self.customer, self.manager.partner_id} & set(ticket.message_partner_ids), "who follow nothing by it")

    def test_copies_alone_go_with_the_mail_to_the_customer(self):
        self.template.write({"subject": "Hello", "use_default_to": False, "email_to": False, "email_cc": "boss@quill.example"})
        self.arrive(self.arrive_by_mail)
        self.assertEqual(len(self.mails_to("zoe@quill.example")), 1)
        self.assertEqual(len(self.mails_to("boss@quill.example")), 1)

    def test_copies_that_standard_odoo_hides_are_not_sent(self):
        self.template.write({"subject": "Hello", "use_default_to": True, "email_cc": "boss@quill.example"})
        self.arrive(self.arrive_by_mail)
        self.assertEqual(len(self.mails_to("zoe@quill.example")), 1)
        self.assertFalse(self.mails_to("boss@quill.example"))

    def test_employee_who_cannot_see_the_ticket_is_not_mailed_by_a_template(self):
        self.team.privacy_visibility = "private"
        self.template.write(
            {
                "subject": "Hello",
                "use_default_to": False,
                "email_to": "{{ object.partner_email }}",
                "partner_to": str(self.employee.partner_id.id),
            }
        )
        self.arrive(self.arrive_by_mail)
        self.assertEqual(len(self.mails_to("zoe@quill.example")), 1)
        self.assertFalse(self.mails_to(self.employee.email))

    # ------------------------------------------------------------
    # TEMPLATES FOR SOMETHING ELSE
    # ------------------------------------------------------------

    def test_template_without_a_model_or_for_another_one_fails_without_showing_other_records(self):
        self.template.write({"subject": "{{ object.display_name }}", "body_html": "<p>Hello</p>", "lang": False})
        for model in (False, self.env["ir.model"]._get_id("res.partner")):
            with self.subTest(model=model):
                self.template.model_id = model
                ticket = self.arrive(self.arrive_by_mail)
                (mail,) = self.mails_to("zoe@quill.example")
                self.assertIn("We received your request", mail["subject"])
                note = ticket.message_ids.filtered(lambda message: "was not sent" in (message.body or ""))
                self.assertIn("is not for helpdesk tickets", note.body)

    # ------------------------------------------------------------
    # EDITING
    # ------------------------------------------------------------

    def edit(self, **values):
        """Edit the template as an administrator does, and return the warnings that they see."""
        editor = self.env.ref("base.user_admin")
        self.env.flush_all()
        sequence = self.env["ir.sequence"].search([("code", "=", "helpdesk_lite.ticket")], limit=1)
        tickets, number = self.env["helpdesk_lite.ticket"].search_count([]), sequence.number_next_actual
        with self.mock_bus() if hasattr(self, "mock_bus") else self.mock_mail_gateway():
            self.env["bus.bus"].sudo().search([]).unlink()
            call_kw(self.env["mail.template"].with_user(editor), "web_save", [self.template.ids, values], {"specification": {}})
            self.env.cr.precommit.run()
        self.assertEqual(self.env["helpdesk_lite.ticket"].search_count([]), tickets, "nothing is kept of the trial")
        sequence.invalidate_recordset()
        self.assertEqual(sequence.number_next_actual, number, "no number is used up")
        return " ".join(self.env["bus.bus"].sudo().search([]).mapped("message"))

    def test_who_edits_a_template_is_told_that_it_fails_for_unknown_senders(self):
        warning = self.edit(subject="{{ object.partner_id.name.lower() }}")
        self.assertIn("fails for customers who have no contact", warning)
        self.assertIn("has no attribute", warning)
        self.assertEqual(self.template.subject, "{{ object.partner_id.name.lower() }}", "it is saved nevertheless")
        self.assertNotIn("fails for customers", self.edit(subject="{{ object.partner_name }}"))
        self.assertIn("fails for customers", self.edit(email_cc="{{ object.partner_id.email.lower() }}", use_default_to=False))

    def test_template_that_no_stage_sends_is_not_judged(self):
        self.stage.template_id = False
        self.assertNotIn("fails for customers", self.edit(subject="{{ object.partner_id.name.lower() }}"))
