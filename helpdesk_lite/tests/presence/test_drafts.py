from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..common import HelpdeskCase

TICKET = "helpdesk_lite.ticket"
NOON = 1_788_000_000_000


@tagged("post_install", "-at_install")
class TestDrafts(HelpdeskCase):
    """What somebody has begun to write is there on their next device, and nowhere else."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ticket = cls.make_ticket(partner_id=cls.customer.id)

    def save(self, body, stamp=NOON, user=None):
        return self.call(user or self.agent, TICKET, "save_draft", self.ticket.ids, body, stamp)

    def get(self, user=None):
        return self.call(user or self.agent, TICKET, "get_draft", self.ticket.ids)

    def test_one_draft_for_each_user(self):
        self.save("<p>Hello</p>")
        self.save("<p>Wages</p>", user=self.manager)
        self.assertEqual((self.get(), self.get(self.employee)), ({"body": "<p>Hello</p>", "stamp": NOON}, {}))

    def test_the_newer_one_stays(self):
        """Two devices say it in any order."""
        self.save("<p>New</p>", NOON + 5)
        self.save("<p>Old</p>", NOON)
        self.save("", NOON)
        self.assertEqual(self.get()["body"], "<p>New</p>")
        self.save("<p>Newer</p>", NOON + 6)
        self.assertEqual(self.get()["body"], "<p>Newer</p>")

    def test_it_ends_with_the_message(self):
        for empty in ("", False, "<p><br></p>", "<div class='o-paragraph'><br></div>"):
            with self.subTest(empty=empty):
                self.save("<p>Hello</p>")
                self.save(empty, NOON + 1)
                self.assertEqual(self.get(), {})

    def test_script_is_not_kept(self):
        self.save('<p onclick="x()">Hello<script>x()</script><a href="javascript:x()">y</a></p>')
        body = self.get()["body"]
        for bad in ("onclick", "script"):
            self.assertNotIn(bad, body)
        self.assertIn("Hello", body)

    def test_bad_input(self):
        for body, stamp in (
            ("x", "1"),
            ("x", -1),
            ("x", 10**20),
            ("x", True),
            ("x", None),
            (5, NOON),
            (["x"], NOON),
            ({}, "x"),
        ):
            with self.subTest(body=body, stamp=stamp), self.assertRaises(UserError):
                self.save(body, stamp)
        with self.assertRaises(UserError):
            self.save("x" * 500_001)
        self.assertEqual(self.get(), {})

    def test_customers_and_strangers(self):
        self.ticket.message_subscribe(self.customer.ids)
        for method, arguments in (("save_draft", ["x", NOON]), ("get_draft", [])):
            with self.subTest(method=method), self.assertRaises(AccessError):
                self.call(self.customer_user, TICKET, method, self.ticket.ids, *arguments)
