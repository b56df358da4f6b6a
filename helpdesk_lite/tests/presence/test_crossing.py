from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import HttpCase, new_test_user, tagged

from ..common import HelpdeskCase

TICKET = "helpdesk_lite.ticket"
STOPPED = "Your message was not sent: somebody has written on this ticket"


@tagged("post_install", "-at_install")
class TestCrossing(HelpdeskCase, HttpCase):
    """An answer that crosses a message that its author has not seen is not sent, unless its author says so."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = new_test_user(cls.env, "hl_other", "helpdesk_lite.group_user", email="other@test.example")
        cls.ticket = cls.make_ticket(partner_id=cls.customer.id)
        cls.ticket.message_subscribe(cls.customer.ids)
        cls.asked = cls.write(cls.customer_user, "It is broken")

    @classmethod
    def write(cls, user, body, ticket=None, note=False):
        """A message of somebody that says nothing of what they have seen."""
        subtype = "mail.mt_note" if note else "mail.mt_comment"
        return (
            (ticket or cls.ticket)
            .with_user(user)
            .message_post(body=body, message_type="comment", subtype_xmlid=subtype)
            .with_env(cls.env)
        )

    def post(self, seen, user="hl_agent", ticket=None, **post_data):
        """*Send* of the web client: the id of the message, or the sentence with which the server refuses."""
        self.authenticate(user, user)
        data = {
            "body": "<p>Answer</p>",
            "message_type": "comment",
            "subtype_xmlid": "mail.mt_comment",
            "partner_ids": self.customer.ids,
            "seen_message_id": seen,
            **post_data,
        }
        response = self.url_open(
            "/mail/message/post",
            json={"params": {"thread_model": TICKET, "thread_id": (ticket or self.ticket).id, "post_data": data}},
        ).json()
        self.env.invalidate_all()
        return response["result"]["message_id"] if "result" in response else response["error"]["data"]["message"]

    def assert_stopped(self, answer):
        self.assertIn(STOPPED, str(answer))

    def assert_sent(self, answer):
        self.assertIsInstance(answer, int)

    # ------------------------------------------------------------
    # WHAT CROSSES
    # ------------------------------------------------------------

    def test_what_was_seen_is_answered(self):
        self.assert_sent(self.post(self.asked.id))

    def test_what_crosses(self):
        for who, user, note in (
            ("the customer", self.customer_user, False),
            ("a colleague", self.other, False),
            ("a colleague's note", self.other, True),
        ):
            with self.subTest(who=who):
                seen = max(self.ticket.message_ids.ids)
                before = len(self.ticket.message_ids)
                self.write(user, "Wait", note=note)
                self.assert_stopped(self.post(seen))
                self.assertEqual(len(self.ticket.message_ids), before + 1, "nothing was stored")

    def test_what_does_not_cross(self):
        seen = self.asked.id
        self.write(self.agent, "From my other device")
        self.ticket.message_post(body="Assigned", message_type="notification", subtype_xmlid="mail.mt_comment")
        self.ticket.message_post(body="Received", message_type="auto_comment", subtype_xmlid="mail.mt_comment")
        self.write(self.customer_user, "Another ticket", ticket=self.make_ticket(partner_id=self.customer.id))
        self.assert_sent(self.post(seen))

    def test_notes_are_not_stopped(self):
        self.write(self.other, "Wait")
        self.assert_sent(self.post(self.asked.id, subtype_xmlid="mail.mt_note", partner_ids=[]))

    def test_nothing_that_was_staged_happens(self):
        self.write(self.other, "Wait")
        self.assert_stopped(self.post(self.asked.id, then="solve"))
        self.assertFalse(self.ticket.is_closed)

    def test_send_anyway(self):
        """Whoever was shown what arrived has seen it; what comes after that stops them again."""
        wait = self.write(self.other, "Wait")
        arrived = self.call(self.agent, TICKET, "get_arrived", self.ticket.ids, self.asked.id)
        self.assertEqual(
            [(one["id"], one["is_note"], "Wait" in one["body"]) for one in arrived["messages"]], [(wait.id, False, True)]
        )
        stop = self.write(self.other, "Stop", note=True)
        self.assert_stopped(self.post(arrived["seen_message_id"]))
        arrived = self.call(self.agent, TICKET, "get_arrived", self.ticket.ids, arrived["seen_message_id"])
        self.assertEqual([(one["id"], one["is_note"]) for one in arrived["messages"]], [(stop.id, True)])
        self.assert_sent(self.post(arrived["seen_message_id"]))

    def test_scripts_that_say_nothing_are_not_stopped(self):
        self.write(self.other, "Wait")
        post = {"body": "x", "message_type": "comment", "subtype_xmlid": "mail.mt_comment", "partner_ids": self.customer.ids}
        self.assertTrue(self.call(self.agent, TICKET, "message_post", self.ticket.ids, **post))

    def test_an_answer_takes_two_more_statements(self):
        def post(**values):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.ticket.with_user(self.agent).message_post(
                body="x", message_type="comment", subtype_xmlid="mail.mt_comment", partner_ids=self.customer.ids, **values
            )
            self.env.flush_all()
            return self.cr.sql_log_count - before

        post()
        plain = post()
        # the lock is taken for every message: what customers write waits too
        self.assertEqual(post(seen_message_id=max(self.ticket.message_ids.ids)), plain + 1)

    # ------------------------------------------------------------
    # BAD INPUT, AND WHO LEARNS NOTHING
    # ------------------------------------------------------------

    def test_forged_numbers(self):
        self.write(self.other, "Wait")
        elsewhere = self.write(self.other, "Elsewhere", ticket=self.make_ticket(partner_id=self.customer.id))
        before = len(self.ticket.message_ids)
        for seen in (elsewhere.id, elsewhere.id + 1, 2**31 - 1, 2**31, 10**30):
            with self.subTest(seen=seen):
                self.assert_stopped(self.post(seen))
        for seen in (-1, "7", "x", True, 1.5, [self.asked.id], {}):
            with self.subTest(seen=seen):
                self.assertIn("did not say what you have read", str(self.post(seen)))
        self.assertEqual(len(self.ticket.message_ids), before)

    def test_customers_are_not_stopped(self):
        """A refusal would tell them of an internal note."""
        self.write(self.other, "Secret", note=True)
        self.assert_sent(self.post(self.asked.id, user="hl_customer", partner_ids=[]))
        # by the API, which has no route that leaves it out
        post = {"body": "x", "message_type": "comment", "subtype_xmlid": "mail.mt_comment", "seen_message_id": self.asked.id}
        self.assertTrue(self.call(self.customer_user, TICKET, "message_post", self.ticket.ids, **post))
        with self.assertRaises(AccessError):
            self.call(self.customer_user, TICKET, "get_arrived", self.ticket.ids, 0)

    def test_a_hidden_ticket_says_nothing(self):
        hidden = self.make_ticket("private", partner_id=self.customer.id)
        self.write(self.manager, "Wages", ticket=hidden, note=True)
        answer = self.post(0, ticket=hidden)
        self.assertNotIn(STOPPED, str(answer))
        self.assertNotIsInstance(answer, int)
        for method, arguments in (("get_arrived", [0]), ("get_held", []), ("get_draft", []), ("save_draft", ["x", 1])):
            with self.subTest(method=method), self.assertRaises(AccessError):
                self.call(self.agent, TICKET, method, hidden.ids, *arguments)

    def test_malformed_questions(self):
        for wrong in ("x", None, -1, True, 10**30, [1]):
            with self.subTest(wrong=wrong):
                arrived = self.call(self.agent, TICKET, "get_arrived", self.ticket.ids, wrong)
                self.assertIn(self.asked.id, [one["id"] for one in arrived["messages"]])

    # ------------------------------------------------------------
    # THE FULL COMPOSER
    # ------------------------------------------------------------

    def compose(self, seen, **values):
        """A full composer as the short one opens it."""
        values = {
            "model": TICKET,
            "res_ids": str(self.ticket.ids),
            "composition_mode": "comment",
            "subtype_id": self.env.ref("mail.mt_comment").id,
            "body": "<p>Full answer</p>",
            "partner_ids": self.customer.ids,
            **values,
        }
        Composer = self.env(user=self.agent.id)["mail.compose.message"]
        return Composer.with_context(default_helpdesk_seen=str(seen)).create(values)

    def answers(self, text="Full answer"):
        self.env.invalidate_all()
        return self.ticket.message_ids.filtered(lambda message: text in message.body)

    def test_full_composer(self):
        composer = self.compose(self.asked.id)
        wait = self.write(self.other, "Wait")
        action = composer.action_send_mail()
        self.assertEqual((action["type"], action["tag"]), ("ir.actions.client", "helpdesk_lite_crossing"))
        self.assertEqual([one["id"] for one in action["params"]["arrived"]["messages"]], [wait.id])
        self.assertFalse(self.answers())
        stop = self.write(self.customer_user, "Stop")
        action = composer.action_send_mail()
        self.assertEqual([one["id"] for one in action["params"]["arrived"]["messages"]], [stop.id])
        self.assertEqual(composer.action_send_mail()["type"], "ir.actions.act_window_close")
        self.assertEqual(len(self.answers()), 1)

    def test_full_composer_as_a_note(self):
        composer = self.compose(self.asked.id)
        self.write(self.other, "Wait")
        composer.action_send_and_solve()
        composer.action_keep_as_note()
        note = self.answers()
        self.assertTrue(note.subtype_id.internal)
        self.assertNotIn(self.customer, note.notified_partner_ids)
        self.assertFalse(self.ticket.is_closed)

    def test_full_composer_in_time(self):
        self.compose(self.asked.id).action_send_mail()
        self.assertEqual(len(self.answers()), 1)
        for seen in ("", "x", "-1", "9" * 30):
            with self.subTest(seen=seen):
                self.compose(seen).action_send_mail()
        self.assertEqual(len(self.answers()), 5, "whoever says nothing understandable is not stopped")

    def schedule(self, seen):
        self.compose(seen, scheduled_date=str(fields.Datetime.now() + timedelta(hours=1))).action_schedule_message()
        return self.env["mail.scheduled.message"].sudo().search([("model", "=", TICKET), ("res_id", "=", self.ticket.id)])

    def send_scheduled(self, message):
        message.scheduled_date = fields.Datetime.now() + timedelta(seconds=1)
        message._post_message(raise_exception=False)

    def test_scheduled_message(self):
        self.send_scheduled(self.schedule(self.asked.id))
        self.assertEqual(self.answers().notified_partner_ids & self.customer, self.customer)

    def test_scheduled_message_that_crosses_is_held(self):
        message = self.schedule(self.asked.id)
        self.write(self.customer_user, "It works again")
        self.send_scheduled(message)
        note = self.answers()
        self.assertTrue(note.subtype_id.internal)
        self.assertNotIn(self.customer, note.notified_partner_ids)
        held = self.call(self.agent, TICKET, "get_held", self.ticket.ids)
        self.assertEqual([("Full answer" in one["body"], one["seen_message_id"]) for one in held], [(True, self.asked.id)])
        self.assertTrue(self.answers("was kept as an internal note"), "its author is told")
