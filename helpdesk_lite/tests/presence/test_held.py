from odoo.addons.mail.tests.common import MailCommon
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from ..common import HelpdeskCase

TICKET = "helpdesk_lite.ticket"
MAIL = """\
From: {sender}
To: {to}
Subject: Re: My parcel
Message-ID: <{number}@agent.example>
In-Reply-To: {answered}
References: {references}
MIME-Version: 1.0
Content-Type: text/html; charset=utf-8

<p>{body}</p>
"""


@tagged("post_install", "-at_install")
class TestHeld(HelpdeskCase, MailCommon):
    """An answer by mail client that crosses a message is kept as a note, and its author is told and asked."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = new_test_user(cls.env, "hl_other", "helpdesk_lite.group_user", email="other@test.example")
        cls.ticket = cls.make_ticket(partner_email="zoe@quill.example", partner_name="Zoe Quill")
        cls.ticket.message_subscribe(cls.agent.partner_id.ids)
        cls.agent.notification_type = "email"

    def setUp(self):
        super().setUp()
        self.number = 0

    def ask(self, body):
        """The customer writes, and the agent gets that by mail: the mail as the agent's program knows it."""
        with self.mock_mail_gateway():
            self.ticket.message_post(
                body=body,
                message_type="email",
                subtype_xmlid="mail.mt_comment",
                email_from="zoe@quill.example",
                author_id=False,
            )
            mails = [mail for mail in self._mails if any("agent@test.example" in to for to in mail["email_to"])]
        return mails[-1]

    def answer(self, mail, body, sender="agent@test.example", to=""):
        """An answer by mail client, and the mails that it causes."""
        self.number += 1
        raw = MAIL.format(
            sender=sender,
            to=", ".join(filter(None, [mail["reply_to"], to])),
            number=f"{self.number}.{self._testMethodName}",
            answered=mail["message_id"],
            references=f"{mail['references'] or ''} {mail['message_id']}".strip(),
            body=body,
        )
        with self.mock_mail_gateway():
            self.env["mail.thread"].message_process(None, raw)
            return list(self._mails)

    def to(self, mails, address):
        return [mail for mail in mails if any(address in recipient for recipient in mail["email_to"])]

    def find(self, text):
        self.env.invalidate_all()
        return self.ticket.message_ids.filtered(lambda message: text in message.body and message.message_type != "notification")

    def get_held(self, user=None):
        return self.call(user or self.agent, TICKET, "get_held", self.ticket.ids)

    def hold(self):
        """An answer that crosses a colleague's: what is held, and the mails that this caused."""
        mail = self.ask("Where is it?")
        self.ticket.with_user(self.other).message_post(body="I am on it", message_type="comment", subtype_xmlid="mail.mt_note")
        mails = self.answer(mail, "It is on its way")
        return self.get_held(), mails

    def test_an_answer_in_time_is_sent(self):
        mails = self.answer(self.ask("Where is it?"), "It is on its way")
        self.assertTrue(self.to(mails, "zoe@quill.example"))
        self.assertEqual(self.get_held(), [])

    def test_a_crossing_answer_is_held(self):
        held, mails = self.hold()
        self.assertFalse(self.to(mails, "zoe@quill.example"))
        note = self.find("It is on its way")
        self.assertTrue(note.subtype_id.internal and note.is_internal)
        self.assertEqual(note.author_id, self.agent.partner_id)
        self.assertIn("It is on its way", held[0]["body"])
        told = self.to(mails, "agent@test.example")
        self.assertEqual(len([mail for mail in told if "kept as an internal note" in mail["body"]]), 1, "told once")
        self.assertFalse(self.to(mails, "other@test.example"))

    def test_what_the_customer_has_is_not_held(self):
        """*Reply All* has reached the customer already."""
        first = self.ask("Where is it?")
        self.ask("And the invoice?")
        self.answer(first, "It is on its way", to="zoe@quill.example")
        self.assertFalse(self.find("It is on its way").subtype_id.internal)
        self.assertEqual(self.get_held(), [])

    def test_an_answer_to_an_older_mail_is_held(self):
        """It crosses what came after that mail."""
        first = self.ask("Where is it?")
        self.ask("And the invoice?")
        mails = self.answer(first, "It is on its way")
        self.assertFalse(self.to(mails, "zoe@quill.example"))
        self.assertEqual(len(self.get_held()), 1)

    def test_send_anyway(self):
        (held,), _mails = self.hold()
        arrived = self.call(self.agent, TICKET, "get_arrived", self.ticket.ids, held["seen_message_id"])
        self.assertEqual(len(arrived["messages"]), 1)
        with self.mock_mail_gateway():
            self.call(self.agent, TICKET, "send_held", self.ticket.ids, held["id"], arrived["seen_message_id"])
            self.assertEqual(len(self.to(self._mails, "zoe@quill.example")), 1)
        self.assertEqual(self.get_held(), [])
        with self.assertRaises(UserError):
            self.call(self.agent, TICKET, "send_held", self.ticket.ids, held["id"], arrived["seen_message_id"])

    def test_send_anyway_is_stopped_by_what_came_since(self):
        (held,), _mails = self.hold()
        for seen in (held["seen_message_id"], 0, None):
            with self.subTest(seen=seen), self.assertRaises(UserError), self.env.cr.savepoint():
                self.call(self.agent, TICKET, "send_held", self.ticket.ids, held["id"], seen)
        self.assertEqual(len(self.get_held()), 1)

    def test_leave_it_as_a_note(self):
        (held,), _mails = self.hold()
        self.call(self.agent, TICKET, "leave_held", self.ticket.ids, held["id"])
        self.assertEqual(self.get_held(), [])
        self.assertTrue(self.find("It is on its way"))

    def test_whose_it_is(self):
        (held,), _mails = self.hold()
        for user in (self.other, self.manager):
            self.assertEqual(self.get_held(user), [])
            for method, arguments in (("send_held", [held["id"], 2**31 - 1]), ("leave_held", [held["id"]])):
                with self.subTest(user=user.login, method=method), self.assertRaises(UserError):
                    self.call(user, TICKET, method, self.ticket.ids, *arguments)
        for wrong in (0, -1, "x", None, [held["id"]], 10**30):
            with self.subTest(wrong=wrong), self.assertRaises(UserError):
                self.call(self.agent, TICKET, "leave_held", self.ticket.ids, wrong)
        self.ticket.message_subscribe(self.customer.ids)
        with self.assertRaises(AccessError):
            self.get_held(self.customer_user)
        self.assertEqual(len(self.get_held()), 1)
