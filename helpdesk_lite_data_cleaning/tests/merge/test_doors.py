from odoo.addons.helpdesk_lite.tests.access.test_doors import MARK, SECRET, Doors
from odoo.exceptions import AccessError
from odoo.tests import tagged

from ..common import MergeCase


@tagged("post_install", "-at_install")
class TestMergedDoors(Doors, MergeCase):
    """The master reveals nothing of a private ticket that was joined with it, and neither do the ways from one to the other."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.master = cls.make_ticket(partner_id=cls.customer.id)
        cls.master.message_subscribe(cls.customer.ids)
        cls.master.message_subscribe(cls.employee.partner_id.ids)
        cls.private = cls.make_ticket("private", user_id=cls.agent.id)
        cls.private.with_user(cls.manager).with_context(mail_notify_noemail=True).message_post(
            body=MARK + SECRET,
            subject=MARK + SECRET,
            subtype_xmlid="mail.mt_note",
            message_type="comment",
            partner_ids=cls.agent.partner_id.ids,
            attachments=[(MARK + SECRET, b"x")],
        )
        cls.private.with_context(mail_activity_quick_update=True).activity_schedule(
            "mail.mail_activity_data_warning", user_id=cls.manager.id, summary=MARK + SECRET, note=MARK + SECRET
        )
        cls.message = cls.private.message_ids.filtered("notification_ids")
        cls.activity = cls.private.activity_ids

    def setUp(self):
        super().setUp()
        self.merge(self.master | self.private, self.master, self.agent)
        self.assertEqual(self.private.merge_kind, "joined")
        self.assertEqual(self.message.res_id, self.private.id)
        self.assertEqual(self.activity.res_id, self.private.id)

    def test_nobody_spells_a_word_of_a_private_ticket(self):
        team, stage = self.master.team_id, self.master.stage_id
        ways = [
            ("helpdesk_lite.ticket", ticket.id, way)
            for ticket in (self.master, self.private)
            for way in (
                "message_ids.body",
                "website_message_ids.body",
                "message_ids.subject",
                "message_ids.attachment_ids.name",
                "message_ids.notification_ids.mail_message_id.body",
                "message_ids.child_ids.body",
                "message_ids.parent_id.body",
                "activity_ids.summary",
                "activity_ids.note",
                "activity_summary",
                "activity_ids.attachment_ids.name",
            )
        ] + [
            ("helpdesk_lite.team", team.id, "ticket_ids.message_ids.body"),
            ("helpdesk_lite.team", team.id, "ticket_ids.activity_ids.summary"),
            ("helpdesk_lite.stage", stage.id, "team_ids.ticket_ids.message_ids.body"),
            ("mail.message", self.message.id, "body"),
            ("mail.message", self.message.id, "attachment_ids.name"),
            ("mail.activity", self.activity.id, "summary"),
            ("ir.attachment", self.message.attachment_ids.id, "name"),
            ("mail.notification", self.message.notification_ids.id, "mail_message_id.body"),
        ]
        for model, id_, way in ways:
            for user in (self.employee, self.customer_user):
                with self.subTest(user=user.login, model=model, way=way):
                    self.assertEqual(self.spell(user, model, id_, way), "")
        for way in ("message_ids.body", "activity_summary"):
            self.assertEqual(self.spell(self.agent, "helpdesk_lite.ticket", self.master.id, way), "", "it is not the master's")

    def test_the_activities_of_a_joined_ticket_are_not_the_masters(self):
        """Neither in its fields nor in searches, whoever asks."""
        for user in (self.employee, self.agent):
            for name in ("activity_ids", "activity_state", "activity_summary", "activity_user_id", "activity_exception_icon"):
                with self.subTest(user=user.login, name=name):
                    self.assertFalse(self.call(user, "helpdesk_lite.ticket", "read", self.master.ids, [name])[0][name])
            for domain in (
                [("activity_ids", "in", self.activity.ids)],
                [("activity_user_id", "!=", False)],
                [("activity_state", "!=", False)],
                [("activity_exception_decoration", "=", "warning")],
                [("message_ids", "in", self.message.ids)],
            ):
                with self.subTest(user=user.login, domain=domain):
                    self.assertFalse(self.finds(user, "helpdesk_lite.ticket", [("id", "=", self.master.id), *domain]))

    def test_notifications_of_a_joined_tickets_messages_are_as_visible_as_these(self):
        notification = self.message.notification_ids
        self.assertFalse(self.finds(self.employee, "mail.notification", [("id", "in", notification.ids)]))
        with self.assertRaises(AccessError):
            self.call(self.employee, "mail.notification", "read", notification.ids, ["mail_message_id"])
        rows = self.call(self.agent, "mail.notification", "read", notification.ids, ["mail_message_id"])
        self.assertIn(SECRET, rows[0]["mail_message_id"][1])

    def test_customers_cannot_read_or_search_the_fields_of_merges(self):
        for name in ("merged_into_id", "merged_numbers", "merged_ticket_ids", "is_merged", "possible_duplicates"):
            with self.subTest(name=name), self.assertRaises(AccessError):
                self.call(self.customer_user, "helpdesk_lite.ticket", "read", self.master.ids, [name])
        for name in ("merged_into_id", "merged_numbers", "merge_target_id.name"):
            with self.subTest(name=name), self.assertRaises(AccessError):
                self.call(self.customer_user, "helpdesk_lite.ticket", "search_count", [(name, "!=", "x")])
