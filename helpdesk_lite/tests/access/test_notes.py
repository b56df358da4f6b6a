from odoo.exceptions import AccessError
from odoo.service.model import call_kw
from odoo.tests import HttpCase, tagged

from ..common import HelpdeskCase


@tagged("post_install", "-at_install")
class TestNotes(HelpdeskCase, HttpCase):
    """Customers cannot read notes by agents or by the system on their own tickets, in any way."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.team.write({"auto_assignment": True, "member_ids": cls.agent.ids})
        cls.ticket = cls.make_ticket(partner_id=cls.customer.id)
        cls.assigned = cls.ticket.message_ids.filtered(lambda message: "open tickets" in message.body or "turn" in message.body)
        cls.assigned = cls.assigned or cls.ticket.message_ids.filtered("is_internal")
        cls.logged = cls.ticket._message_log(body="Closed by the boss")
        cls.note = cls.ticket.with_user(cls.agent).message_post(
            body="He always complains", subtype_xmlid="mail.mt_note", partner_ids=cls.manager.partner_id.ids
        )
        cls.answer = cls.ticket.with_user(cls.agent).message_post(
            body="On its way", message_type="comment", subtype_xmlid="mail.mt_comment"
        )
        cls.notes = cls.assigned + cls.logged + cls.note

    def test_not_by_id(self):
        self.assertTrue(self.ticket.with_user(self.customer_user).has_access("read"))
        self.assertEqual(self.assigned.message_type, "notification")
        Message = self.env["mail.message"].with_user(self.customer_user)
        for note in self.notes:
            for method, arguments in (
                ("read", [note.ids, ["body"]]),
                ("web_read", [note.ids, {"body": {}}]),
                ("export_data", [note.ids, ["body"]]),
                ("toggle_message_starred", [note.ids]),
                ("portal_message_format", [note.ids]),
            ):
                with self.subTest(note=note.body, method=method), self.assertRaises(AccessError):
                    call_kw(Message, method, arguments, {})
        self.assertIn("On its way", call_kw(Message, "read", [self.answer.ids, ["body"]], {})[0]["body"])

    def test_not_in_a_list(self):
        Message = self.env["mail.message"].with_user(self.customer_user)
        domain = [("model", "=", self.ticket._name), ("res_id", "=", self.ticket.id)]
        found = {values["id"] for values in call_kw(Message, "search_read", [domain, ["body"]], {})}
        self.assertIn(self.answer.id, found)
        self.assertFalse(found & set(self.notes.ids))
        for text in ("open ticket", "by the boss", "always complains"):
            self.assertFalse(call_kw(Message, "search_count", [[*domain, ("body", "ilike", text)]], {}))

    def test_not_by_notification(self):
        Notification = self.env["mail.notification"].with_user(self.customer_user)
        self.assertEqual(self.note.notified_partner_ids, self.manager.partner_id)
        self.assertFalse(Notification.search([("mail_message_id", "in", self.notes.ids)]))
        with self.assertRaises(AccessError):
            call_kw(Notification, "read", [self.note.notification_ids.ids, ["res_partner_id"]], {})
        self.assertFalse(self.notes.notified_partner_ids & self.customer)

    def test_not_through_the_chatter(self):
        """Try the list, a single message and a reaction, logged in and with the access link."""
        token = self.ticket._portal_ensure_token()
        for login, access in (("hl_customer", {}), (None, {"token": token}), ("hl_customer", {"token": token})):
            self.authenticate(login, login)
            shown = self.make_jsonrpc_request(
                "/mail/chatter_fetch", {"thread_model": self.ticket._name, "thread_id": self.ticket.id, **access}
            )
            self.assertIn(self.answer.id, shown["messages"])
            self.assertFalse(set(shown["messages"]) & set(self.notes.ids))
            for note in self.notes:
                with self.subTest(login=login, note=note.body), self.assertRaises(Exception) as caught:
                    self.make_jsonrpc_request(
                        "/mail/message/reaction", {"message_id": note.id, "content": "👍", "action": "add", **access}
                    )
                self.assertIn("NotFound", str(caught.exception))
                self.assertFalse(note.reaction_ids)

    def test_not_beside_the_chatter(self):
        """Activities, files of notes, planned messages, followers and recipients are not told to people with a link."""
        token, pid = self.ticket._portal_ensure_token(), self.customer.id
        self.ticket.message_subscribe(self.manager.partner_id.ids)
        self.ticket.email_cc = "zebra-cc@test.example"
        self.ticket.with_context(mail_activity_quick_update=True).activity_schedule(summary="zebra-activity")
        self.env["ir.attachment"].create(
            {"name": "zebra-file", "raw": b"x", "res_model": self.ticket._name, "res_id": self.ticket.id}
        )
        self.env["mail.scheduled.message"].with_user(self.agent).create(
            {
                "model": self.ticket._name,
                "res_id": self.ticket.id,
                "body": "zebra-planned",
                "scheduled_date": "2036-01-01 10:00:00",
                "author_id": self.agent.partner_id.id,
            }
        )
        asked = ["activities", "attachments", "followers", "scheduledMessages", "suggestedRecipients"]

        def ask(access):
            thread = {"thread_model": self.ticket._name, "thread_id": self.ticket.id, "access_params": access}
            params = {"fetch_params": [["mail.thread", {**thread, "request_list": asked}]]}
            return str(self.make_jsonrpc_request("/mail/data", params))

        for access in ({"token": token}, {"pid": pid, "hash": self.ticket._sign_token(pid)}):
            with self.subTest(access=access):
                self.authenticate(None, None)
                told = ask(access)
                self.assertIn("'hasReadAccess': False", told)
                for hidden in ("zebra", self.manager.name, self.manager.email):
                    self.assertNotIn(hidden, told)
        self.authenticate("hl_agent", "hl_agent")
        told = ask({})
        for shown in ("activity", "file", "planned", "cc"):
            self.assertIn(f"zebra-{shown}", told)
        self.assertIn(self.manager.name, told)

    def test_customers_make_none(self):
        """A customer's message is for the team, even if the client sends it as a note."""
        self.ticket.action_close()
        self.authenticate("hl_customer", "hl_customer")
        posted = self.make_jsonrpc_request(
            "/mail/message/post",
            {
                "thread_model": self.ticket._name,
                "thread_id": self.ticket.id,
                "post_data": {"body": "Hello?", "message_type": "comment", "subtype_xmlid": "mail.mt_note"},
            },
        )
        message = self.env["mail.message"].browse(posted["message_id"])
        self.assertEqual(message.subtype_id, self.env.ref("mail.mt_comment"))
        self.assertIn(self.agent.partner_id, message.notified_partner_ids)
        self.assertFalse(self.ticket.is_closed)

    def test_colleagues_read_them(self):
        for user in (self.agent, self.employee):
            self.assertEqual(len(self.notes.with_user(user).read(["body"])), len(self.notes))
