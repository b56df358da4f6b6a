from odoo.tests import tagged

from .common import MergeCase


@tagged("post_install", "-at_install")
class TestMerge(MergeCase):
    """Everything of the others goes to the master, by the hand of an agent."""

    def test_everything_goes_to_the_master(self):
        master = self.make_ticket(name="Printer", partner_id=self.customer.id)
        source = self.make_ticket(
            name="Printer again", partner_id=self.customer.id, priority="2", partner_phone="123",
            description="<p>It smokes</p>",
        )
        message = source.message_post(body="Help", subtype_xmlid="mail.mt_comment", attachments=[("a.txt", b"1")])
        activity = source.activity_schedule("mail.mail_activity_data_todo", user_id=self.agent.id)
        source.message_subscribe(self.employee.partner_id.ids)
        self.merge(master | source, master)
        self.assertEqual(message.res_id, master.id)
        self.assertEqual(message.attachment_ids.res_id, master.id)
        self.assertEqual(activity.res_id, master.id)
        self.assertEqual(master.priority, "2")
        self.assertEqual(master.partner_phone, "123")
        self.assertIn("It smokes", master.description)
        self.assertFalse(source.active)
        self.assertEqual(source.merged_into_id, master)
        self.assertIn(self.employee.partner_id, master.message_partner_ids)
        self.assertFalse(message.is_internal)
        master.with_user(self.agent).action_undo_merge()
        self.assertEqual(message.res_id, source.id)
        self.assertEqual(message.attachment_ids.res_id, source.id)
        self.assertEqual(activity.res_id, source.id)
        self.assertEqual(master.priority, "0")
        self.assertFalse(master.partner_phone)
        self.assertFalse(master.description)
        self.assertTrue(source.active)
        self.assertNotIn(self.employee.partner_id, master.message_partner_ids)
