from odoo.exceptions import UserError
from odoo.tests import freeze_time, new_test_user, tagged

from ..common import MergeCase

NOW = "2027-03-03 10:00:00"


@tagged("post_install", "-at_install")
class TestDeskOfMerged(MergeCase):
    """What agents do with an answer, and what they put aside, where tickets were merged."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_user = new_test_user(cls.env, "hl_other", "base.group_portal", email="other@test.example")
        cls.master = cls.make_ticket(name="Outage", partner_id=cls.customer.id)
        cls.joined = cls.make_ticket(name="It is down", partner_id=cls.other_user.partner_id.id)
        cls.same = cls.make_ticket(name="Down here too", partner_id=cls.customer.id)

    def snooze(self):
        self.master.with_user(self.agent).snooze_until = "2027-04-01 10:00:00"

    def write_as_customer(self, ticket, user):
        ticket.with_user(user).message_post(body="Still down", message_type="comment", subtype_xmlid="mail.mt_comment")
        self.env.flush_all()
        self.env.invalidate_all()

    def test_the_customer_of_a_joined_ticket_wakes_its_master(self):
        with freeze_time(NOW):
            self.merge(self.master | self.joined, self.master)
            self.assertEqual(self.master._get_joined(), self.joined)
            self.snooze()
            self.joined.with_user(self.agent).message_post(
                body="We look", message_type="comment", subtype_xmlid="mail.mt_comment"
            )
            self.assertTrue(self.master.snooze_until, "an answer of ours wakes nobody")
            self.write_as_customer(self.joined, self.other_user)
            self.assertFalse(self.master.snooze_until)
        logged = self.env["mail.message"].search([("model", "=", self.master._name), ("res_id", "=", self.master.id)])
        self.assertNotIn(self.other_user.partner_id, logged.author_id, "they are the customer of another ticket")

    def test_through_two_merges(self):
        with freeze_time(NOW):
            self.merge(self.same | self.joined, self.same)
            self.merge(self.master | self.same, self.master)
            self.snooze()
            self.write_as_customer(self.joined, self.other_user)
            self.assertFalse(self.master.snooze_until)

    def test_a_merge_brings_a_question_to_the_open_ones(self):
        for source, user in ((self.joined, self.other_user), (self.same, self.customer_user)):
            with self.subTest(source=source.name), freeze_time(NOW):
                self.write_as_customer(source, user)
                self.assertTrue(source.waiting_since)
                self.snooze()
                self.merge(self.master | source, self.master)
                self.assertFalse(self.master.snooze_until)

    def test_a_merge_without_a_question_leaves_it_aside(self):
        with freeze_time(NOW):
            # an answered one
            self.write_as_customer(self.same, self.customer_user)
            self.same.with_user(self.agent).message_post(
                body="Yes", message_type="comment", subtype_xmlid="mail.mt_comment", partner_ids=self.customer.ids
            )
            self.snooze()
            self.merge(self.master | self.same, self.master)
            self.assertTrue(self.master.snooze_until)

    def test_a_merged_ticket_is_answered_and_not_solved(self):
        self.merge(self.master | self.joined, self.master)
        stage, before = self.joined.stage_id, len(self.joined.message_ids)
        reply = self.env["helpdesk_lite.reply"].create(
            {"name": "Solved", "user_id": False, "body": "<p>Hello</p>", "stage_action": "solve", "priority": "2"}
        )
        post = {"body": "Hello", "message_type": "comment", "subtype_xmlid": "mail.mt_comment"}
        for staged in (
            {"then": "solve"},
            {"staged_replies": [[reply.id, ["stage"]]]},
            {"staged_replies": [[reply.id, ["priority"]]]},
        ):
            with self.subTest(**staged), self.assertRaisesRegex(UserError, "was merged already"), self.cr.savepoint():
                self.joined.with_user(self.agent).message_post(**post, **staged)
        self.assertEqual((self.joined.stage_id, self.joined.priority, len(self.joined.message_ids)), (stage, "0", before))
        self.joined.with_user(self.agent).message_post(**post, staged_replies=[[reply.id, []]])
        self.assertEqual(len(self.joined.message_ids), before + 1, "an answer alone goes to its customer")
        parts = self.call(self.agent, reply._name, "get_prepared", reply.ids, self.joined.id)["parts"]
        self.assertTrue(all("was merged already" in part["obstacle"] for part in parts))
