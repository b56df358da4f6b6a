from odoo.addons.helpdesk_lite.tests.access.test_doors import MARK, SECRET, Doors
from odoo.exceptions import AccessError
from odoo.tests import tagged

from ..common import MergeCase


@tagged("post_install", "-at_install")
class TestMergedDoors(Doors, MergeCase):
    """The master reveals nothing that a merge moved there from a private ticket."""

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
        self.assertEqual(self.message.res_id, self.master.id)
        self.assertEqual(self.activity.res_id, self.master.id)

    def test_nobody_spells_a_word_that_came_from_a_private_ticket(self):
        team, stage = self.master.team_id, self.master.stage_id
        ways = [
            ("helpdesk_lite.ticket", self.master.id, way)
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
        self.assertEqual(self.spell(self.agent, "helpdesk_lite.ticket", self.master.id, "message_ids.body"), SECRET)
        self.assertEqual(self.spell(self.agent, "helpdesk_lite.ticket", self.master.id, "activity_summary"), SECRET)

    def test_activity_fields_show_what_the_user_sees(self):
        names = [
            "activity_ids",
            "activity_state",
            "activity_summary",
            "activity_user_id",
            "activity_type_id",
            "activity_type_icon",
            "activity_date_deadline",
            "activity_exception_decoration",
            "activity_exception_icon",
        ]
        for user, shown in ((self.employee, False), (self.agent, True)):
            # one by one, because a user who has read the activities gets the other fields from the cache
            for name in names:
                with self.subTest(user=user.login, name=name):
                    values = self.call(user, "helpdesk_lite.ticket", "read", self.master.ids, [name])[0]
                    self.assertEqual(bool(values[name]), shown)

    def test_searches_by_activities_find_what_the_user_sees(self):
        kind = self.activity.activity_type_id
        for domain in (
            [("activity_ids", "!=", False)],
            [("activity_ids", "in", self.activity.ids)],
            [("activity_user_id", "=", self.manager.id)],
            [("activity_user_id", "!=", False)],
            [("activity_type_id", "=", kind.id)],
            [("activity_type_id.name", "ilike", kind.name)],
            [("activity_date_deadline", ">", "2000-01-01")],
            [("activity_exception_decoration", "=", "warning")],
            [("activity_state", "=", "today")],
            [("activity_state", "!=", False)],
            [("activity_state", "in", ["today", "overdue", "planned"])],
            [("message_ids", "in", self.message.ids)],
            [("message_ids.author_id", "=", self.manager.partner_id.id), ("message_ids.subject", "ilike", MARK)],
        ):
            ask = [("id", "=", self.master.id), *domain]
            with self.subTest(domain=domain):
                self.assertFalse(self.finds(self.employee, "helpdesk_lite.ticket", ask))
                self.assertTrue(self.finds(self.agent, "helpdesk_lite.ticket", ask))
        for domain in (
            [("activity_state", "=", False)],
            [("activity_ids", "=", False)],
            [("activity_state", "not in", ["today"])],
        ):
            ask = [("id", "=", self.master.id), *domain]
            with self.subTest(domain=domain):
                self.assertTrue(self.finds(self.employee, "helpdesk_lite.ticket", ask))
                self.assertFalse(self.finds(self.agent, "helpdesk_lite.ticket", ask))

    def test_groups_by_activity_state_count_what_the_user_sees(self):
        second = self.make_ticket(name="Second")
        second.with_context(mail_activity_quick_update=True).activity_schedule(
            "mail.mail_activity_data_todo", user_id=self.manager.id, summary="open to all"
        )
        third = self.make_ticket(name="Third")
        domain = [("id", "in", (self.master | second | third).ids)]
        for user, today, none in ((self.employee, 1, 2), (self.agent, 2, 1)):
            with self.subTest(user=user.login):
                groups = self.call(
                    user, "helpdesk_lite.ticket", "formatted_read_group", domain, ["activity_state"], ["__count"]
                )
                self.assertEqual({group["activity_state"]: group["__count"] for group in groups}, {"today": today, False: none})
                bar = self.call(
                    user,
                    "helpdesk_lite.ticket",
                    "read_progress_bar",
                    domain,
                    "team_id",
                    {"field": "activity_state", "colors": {"today": "warning"}},
                )
                self.assertEqual(sum(group["today"] for group in bar.values()), today)

    def test_notifications_of_merged_messages_are_as_visible_as_these(self):
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
