from base64 import b64decode
from email.message import EmailMessage

from odoo.addons.mail.tests.common import MailCommon
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..common import HelpdeskCase

MAIL = """\
From: {sender}
To: {to}
Cc: {cc}
Subject: {subject}
Message-ID: {message_id}
{headers}MIME-Version: 1.0
Content-Type: text/html; charset={charset}

{body}
"""

PIXEL = b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")


@tagged("post_install", "-at_install")
class TestMail(HelpdeskCase, MailCommon):
    """Mail through the gateway, with Odoo's own mail server mock."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Ticket = cls.env["helpdesk_lite.ticket"]
        cls.to = cls.team.alias_email

    def receive(
        self,
        subject="My parcel",
        sender="Zoe Quill <zoe@quill.example>",
        to=None,
        cc="",
        body="<p>Where?</p>",
        message_id="<one@quill.example>",
        headers="",
        charset="utf-8",
    ):
        """Receive a mail, and return the tickets that it created."""
        before = self.Ticket.with_context(active_test=False).search([])
        raw = MAIL.format(
            sender=sender,
            to=to or self.to,
            cc=cc,
            subject=subject,
            message_id=message_id,
            headers=headers,
            charset=charset,
            body=body,
        )
        with self.mock_mail_gateway(), mute_logger("odoo.addons.mail.models.mail_thread"):
            self.env["mail.thread"].message_process(None, raw)
            self.flush_tracking()
        return self.Ticket.with_context(active_test=False).search([]) - before

    def sent_to(self, address):
        """The mails to an address that the last ``receive`` or mock block sent."""
        return [mail for mail in self._mails if any(address in recipient for recipient in mail["email_to"])]

    def test_mail_of_unknown_sender_makes_ticket_and_no_contact(self):
        ticket = self.receive(cc="Boss <boss@quill.example>")
        self.assertEqual(ticket.name, "My parcel")
        self.assertIn("Where?", ticket.description)
        self.assertEqual((ticket.partner_name, ticket.partner_email), ("Zoe Quill", "zoe@quill.example"))
        self.assertEqual(ticket.team_id, self.team)
        self.assertFalse(ticket.partner_id)
        self.assertFalse(ticket.user_id)
        self.assertFalse(ticket.message_partner_ids)
        self.assertFalse(self.env["res.partner"].search_count([("email", "ilike", "quill.example")]))
        self.assertIn("boss@quill.example", ticket.email_cc)
        self.assertEqual(len(ticket.message_ids.filtered(lambda m: m.message_type == "email")), 1)

    def test_description_is_the_mail_with_its_pictures(self):
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = "Zoe Quill <zoe@quill.example>", self.to, "A picture"
        mail["Message-ID"] = "<picture@quill.example>"
        mail.set_content("See here")
        mail.add_alternative('<p style="position: fixed; color: red">See <img src="cid:pixel"/></p>', subtype="html")
        mail.get_payload()[1].add_related(PIXEL, "image", "png", cid="<pixel>", filename="pixel.png")
        with self.mock_mail_gateway():
            ticket = self.Ticket.browse(self.env["mail.thread"].message_process(None, mail.as_bytes()))
        picture = ticket.message_ids.attachment_ids
        self.assertEqual(picture.mimetype, "image/png")
        self.assertIn(f"/web/image/{picture.id}", ticket.description)
        self.assertNotIn("cid:", ticket.description)
        self.assertIn("color", ticket.description)
        self.assertNotIn("position", ticket.description)
        # and without pictures there is nothing to complete
        ticket = self.receive(body='<p style="position: fixed; color: red">Where?</p>')
        self.assertIn("color", ticket.description)
        self.assertNotIn("position", ticket.description)

    def test_acknowledgement_has_number_and_link_and_repeats_nothing(self):
        ticket = self.receive(subject="Buy cheap pills")
        mail = self.sent_to("zoe@quill.example")
        self.assertEqual(len(mail), 1)
        self.assertIn(ticket.number, mail[0]["subject"] + mail[0]["body"])
        self.assertIn(f"/my/helpdesk-tickets/{ticket.id}?access_token=", mail[0]["body"].replace("&amp;", "&"))
        self.assertNotIn("cheap pills", mail[0]["subject"] + mail[0]["body"])
        self.assertFalse(self.env["res.partner"].search_count([("email", "ilike", "quill.example")]))

    def test_acknowledgement_of_a_team_that_is_not_public_has_no_link(self):
        self.receive(to=self.teams["company"].alias_email)
        self.assertNotIn("/my/helpdesk-tickets", self.sent_to("zoe@quill.example")[0]["body"])

    def test_acknowledgement_in_the_customers_language(self):
        self.env["res.lang"]._activate_lang("es_ES")
        template = self.env.ref("helpdesk_lite.mail_template_ticket_received")
        template.with_context(lang="es_ES").subject = "[{{ object.number }}] Hemos recibido su solicitud"
        self.customer.lang = "es_ES"
        self.receive(sender="customer@test.example")
        self.assertIn("Hemos recibido", self.sent_to("customer@test.example")[0]["subject"])

    def test_no_acknowledgement_for_machines(self):
        for number, headers in enumerate(
            (
                "Auto-Submitted: auto-replied\n",
                "Precedence: bulk\n",
                "Precedence: Auto_Reply\n",
                "Return-Path: <>\n",
                "List-Id: <news.example>\n",
                "List-Unsubscribe: <mailto:leave@news.example>\n",
                "X-Autoreply: yes\n",
                "X-Autorespond: I am away\n",
                "X-Auto-Response-Suppress: All\n",
            )
        ):
            with self.subTest(headers=headers):
                ticket = self.receive(message_id=f"<machine{number}@quill.example>", headers=headers)
                self.assertTrue(ticket, "the mail is not lost")
                self.assertFalse(self.sent_to("zoe@quill.example"))

    def test_no_acknowledgement_to_our_own_aliases(self):
        own = self.teams["company"].alias_email
        ticket = self.receive(sender=f"Other Team <{own}>")
        self.assertTrue(ticket)
        self.assertFalse(self._mails)

    def test_known_sender_is_matched_subscribed_in_public_and_not_written_to(self):
        for mode, follows in (("public", True), ("company", False), ("private", False)):
            with self.subTest(mode=mode):
                ticket = self.receive(
                    sender="Somebody Else <customer@test.example>",
                    to=self.teams[mode].alias_email,
                    message_id=f"<{mode}@test.example>",
                )
                self.assertEqual(ticket.partner_id, self.customer)
                self.assertEqual(self.customer in ticket.message_partner_ids, follows)
                self.assertNotEqual(self.customer.name, "Somebody Else")

    def test_to_and_cc_never_become_followers(self):
        ticket = self.receive(to=f"{self.teams['private'].alias_email}, employee@test.example", cc="customer@test.example")
        self.assertFalse(ticket.message_partner_ids & (self.employee.partner_id | self.customer))
        self.assertFalse(ticket.with_user(self.employee).has_access("read"))
        reply = ticket.message_ids.filtered(lambda m: m.message_type == "email")
        self.receive(
            subject="Re: My parcel",
            message_id="<two@quill.example>",
            to=f"{self.teams['private'].alias_email}, employee@test.example",
            cc="customer@test.example, x@y.example",
            headers=f"In-Reply-To: {reply.message_id}\n",
        )
        self.assertFalse(ticket.message_partner_ids & (self.employee.partner_id | self.customer))
        self.assertFalse(ticket.with_user(self.employee).has_access("read"))
        self.assertIn("x@y.example", ticket.email_cc)

    def test_answer_of_agent_links_contact_and_answer_of_customer_threads_and_reopens(self):
        ticket = self.receive()
        ticket.with_user(self.agent).user_id = self.agent
        with self.mock_mail_gateway():
            recipients = ticket.with_user(self.agent)._message_get_suggested_recipients(no_create=False)
            partner = self.env["res.partner"].browse([r["partner_id"] for r in recipients if r["partner_id"]])
            partner = partner.filtered(lambda p: p.email_normalized == "zoe@quill.example")
            self.assertEqual(partner.name, "Zoe Quill")
            answer = ticket.with_user(self.agent).message_post(
                body="On its way", subtype_xmlid="mail.mt_comment", partner_ids=partner.ids, message_type="comment"
            )
        self.assertEqual(ticket.partner_id, partner)
        self.assertIn(partner, ticket.message_partner_ids)
        self.assertEqual(len(self.sent_to("zoe@quill.example")), 1)
        self.assertIn(self.team.alias_email, self._mails[0]["reply_to"])
        ticket.with_user(self.agent).action_close()
        self.assertTrue(ticket.is_closed)
        made = self.receive(
            subject="Re: My parcel", message_id="<two@quill.example>", headers=f"In-Reply-To: {answer.message_id}\n"
        )
        self.assertFalse(made)
        last = ticket.message_ids.filtered(lambda m: m.message_type == "email").sorted("id")[-1]
        self.assertEqual(last.subtype_id, self.env.ref("mail.mt_comment"))
        self.assertFalse(last.is_internal)
        self.assertEqual(last.author_id, partner)
        self.assertIn(self.agent.partner_id, last.notified_partner_ids)
        self.assertFalse(ticket.is_closed)
        self.assertFalse(ticket.close_date)
        self.assertFalse(
            [mail for mail in self.sent_to("zoe@quill.example") if "We received" in mail["subject"]],
            "reopening is no new request",
        )

    def test_whoever_is_no_longer_the_customer_gets_no_answers_of_others(self):
        ticket = self.receive(sender=self.customer.email)
        answered = ticket.message_ids.filtered(lambda message: message.message_type == "email")
        other = self.env["res.partner"].create({"name": "Zoe Quill", "email": "zoe@quill.example"})
        answer = {"subject": "Re: My parcel", "headers": f"In-Reply-To: {answered.message_id}\n"}
        # the customer hears what somebody else answers to their mail
        self.receive(**answer, sender="friend@quill.example", message_id="<friend@quill.example>")
        self.assertTrue(self.sent_to(self.customer.email))
        ticket.with_user(self.manager).partner_id = other
        for sender in ("zoe@quill.example", "stranger@quill.example"):
            self.receive(**answer, sender=sender, message_id=f"<about-{sender}>")
            kept = ticket.message_ids.sorted("id")[-1]
            self.assertEqual((kept.parent_id, kept.email_from), (answered, sender))
            self.assertFalse(self.sent_to(self.customer.email))
            self.assertNotIn(self.customer, kept.notified_partner_ids | kept.partner_ids)

    def test_answer_to_a_note_or_the_acknowledgement_is_a_comment(self):
        ticket = self.receive()
        note = ticket.with_user(self.agent).message_post(body="Internal", subtype_xmlid="mail.mt_note")
        acknowledgement = ticket.message_ids.filtered(lambda m: m.message_type == "auto_comment")
        self.assertTrue(acknowledgement)
        for number, parent in enumerate((note, acknowledgement)):
            self.receive(
                message_id=f"<re{number}@quill.example>",
                headers=f"In-Reply-To: {parent.message_id}\n",
                subject="Re: hello",
                body="<p>Thanks</p>",
            )
            last = ticket.message_ids.sorted("id")[-1]
            self.assertEqual(last.subtype_id, self.env.ref("mail.mt_comment"))

    def test_answer_of_an_employee_to_a_note_stays_a_note(self):
        ticket = self.receive()
        note = ticket.with_user(self.agent).message_post(body="Internal", subtype_xmlid="mail.mt_note")
        self.receive(
            sender="agent@test.example",
            message_id="<re@test.example>",
            subject="Re: hello",
            headers=f"In-Reply-To: {note.message_id}\n",
            body="<p>Secret</p>",
        )
        last = ticket.message_ids.filtered(lambda m: "Secret" in (m.body or ""))
        self.assertEqual(last.subtype_id, self.env.ref("mail.mt_note"))

    def test_answering_by_mail_gives_an_employee_no_access(self):
        private = self.teams["private"]
        ticket = self.receive(to=private.alias_email)
        private.member_ids = self.agent
        answer = ticket.with_user(self.agent).message_post(
            body="We look into it",
            subtype_xmlid="mail.mt_comment",
            message_type="comment",
            partner_ids=self.manager.partner_id.ids,
        )
        ticket.message_unsubscribe(self.agent.partner_id.ids)
        private.member_ids = False
        for number, user in enumerate((self.agent, self.employee)):
            self.receive(
                sender=user.email,
                message_id=f"<blind{number}@test.example>",
                subject="Re: My parcel",
                to=private.alias_email,
                headers=f"In-Reply-To: {answer.message_id}\n",
                body="<p>Still here</p>",
            )
            kept = ticket.message_ids.sorted("id")[-1]
            self.assertIn("Still here", kept.body, "the mail is kept")
            self.assertEqual(kept.subtype_id, self.env.ref("mail.mt_note"), "and reaches no customer")
            self.assertFalse(self.sent_to("zoe@quill.example"))
            self.assertNotIn(user.partner_id, ticket.message_partner_ids)
            self.assertFalse(ticket.with_user(user).has_access("read"))

    def test_an_employee_as_customer_answers_a_private_team_without_gaining_access(self):
        private = self.teams["private"]
        ticket = self.receive(sender=self.employee.email, to=private.alias_email)
        self.assertEqual(ticket.partner_id, self.employee.partner_id)
        answer = ticket.with_user(self.manager).message_post(
            body="Which month?",
            subtype_xmlid="mail.mt_comment",
            message_type="comment",
            partner_ids=self.employee.partner_id.ids,
        )
        ticket.action_close()
        self.receive(
            sender=self.employee.email,
            message_id="<month@test.example>",
            subject="Re: My parcel",
            to=private.alias_email,
            headers=f"In-Reply-To: {answer.message_id}\n",
            body="<p>March</p>",
        )
        last = ticket.message_ids.filtered(lambda m: "March" in (m.body or ""))
        self.assertEqual(last.subtype_id, self.env.ref("mail.mt_comment"))
        self.assertFalse(ticket.is_closed, "a customer's answer reopens")
        self.assertNotIn(self.employee.partner_id, ticket.message_partner_ids)
        self.assertFalse(ticket.with_user(self.employee).has_access("read"))

    def test_out_of_office_does_not_reopen(self):
        ticket = self.receive(sender="customer@test.example")
        ticket.action_close()
        acknowledgement = ticket.message_ids.filtered(lambda m: m.message_type == "auto_comment")
        self.receive(
            sender="customer@test.example",
            message_id="<ooo@test.example>",
            subject="Out of office",
            headers=f"In-Reply-To: {acknowledgement.message_id}\nAuto-Submitted: auto-replied\n",
        )
        self.assertTrue(ticket.is_closed)

    def test_one_mail_to_two_teams_is_one_ticket_each_and_one_message_id_one_ticket(self):
        to = f"{self.team.alias_email}, {self.teams['company'].alias_email}"
        tickets = self.receive(to=to, cc=f"Boss <boss@quill.example>, {self.team.alias_email}")
        self.assertEqual(tickets.team_id, self.team | self.teams["company"])
        self.assertEqual(len(tickets), 2)
        self.assertEqual(tickets.mapped("email_cc"), ['"Boss" <boss@quill.example>'] * 2)
        self.assertFalse(self.receive(to=to))

    def test_contact_of_another_company_is_a_stranger(self):
        other = self.env["res.company"].create({"name": "Second Company"})
        self.env["res.partner"].create({"name": "Cleo Far", "email": "cleo@far.example", "company_id": other.id})
        ticket = self.receive(sender="Cleo <cleo@far.example>")
        self.assertFalse(ticket.partner_id)
        self.assertEqual((ticket.partner_name, ticket.partner_email), ("Cleo", "cleo@far.example"))

    def test_odd_mails_are_not_lost(self):
        for number, odd in enumerate(
            (
                {"subject": ""},
                {"sender": ""},
                {"charset": "foo-bar"},
                {"body": ""},
                {"body": "<p>Hi</p><script>alert(1)</script><img src=x onerror=alert(2)>"},
                {"subject": "=?utf-8?b?broken"},
                {"sender": "no address at all"},
            )
        ):
            with self.subTest(odd=odd):
                ticket = self.receive(message_id=f"<odd{number}@quill.example>", **odd)
                self.assertEqual(len(ticket), 1)
                self.assertTrue(ticket.name)
                self.assertNotIn("script", ticket.description or "")
                self.assertNotIn("onerror", ticket.description or "")

    def test_no_team_raises_what_the_gateway_reports(self):
        self.env["helpdesk_lite.team"].search([]).active = False
        with self.assertRaises(ValueError):
            self.Ticket.message_new({"subject": "Hi", "email_from": "a@b.example", "message_id": "<x@y>"}, {})

    def test_acknowledgement_of_tickets_that_agents_create_for_customers_but_not_of_batches(self):
        values = {"name": "By phone", "team_id": self.team.id, "partner_id": self.customer.id}
        with self.mock_mail_gateway():
            ticket = self.Ticket.with_user(self.agent).create(dict(values))
            self.flush_tracking()
        self.assertEqual(len(self.sent_to("customer@test.example")), 1)
        self.assertIn(self.customer, ticket.message_partner_ids)
        with self.mock_mail_gateway():
            tickets = self.Ticket.with_user(self.agent).create([dict(values), dict(values)])
            self.flush_tracking()
        self.assertFalse(self.sent_to("customer@test.example"))
        self.assertIn(self.customer, tickets[1].message_partner_ids)

    def test_duplicate_is_not_acknowledged(self):
        ticket = self.make_ticket(partner_id=self.customer.id)
        self.flush_tracking()
        with self.mock_mail_gateway():
            copy = ticket.with_user(self.agent).copy()
            self.flush_tracking()
        self.assertEqual(copy.partner_id, self.customer)
        self.assertFalse(self.sent_to("customer@test.example"))

    def test_stage_mail_on_arrival(self):
        solved = self.env.ref("helpdesk_lite.stage_solved")
        solved.template_id = self.env["mail.template"].create(
            {
                "name": "Solved",
                "model_id": self.env["ir.model"]._get_id("helpdesk_lite.ticket"),
                "subject": "Solved {{ object.number }}",
                "body_html": "<p>Done</p>",
                "use_default_to": True,
            }
        )
        ticket = self.make_ticket(partner_id=self.customer.id)
        self.flush_tracking()
        with self.mock_mail_gateway():
            ticket.with_user(self.agent).stage_id = solved
            self.flush_tracking()
        self.assertEqual([m["subject"] for m in self.sent_to("customer@test.example")], [f"Solved {ticket.number}"])
