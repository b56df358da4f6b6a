from odoo.tests import tagged

from .common import ConvertCase


@tagged("post_install", "-at_install")
class TestAnswers(ConvertCase):
    """Customers' answers to converted tickets reach sales and are not lost."""

    def answer(self, ticket, body="And fifty?"):
        return ticket.message_post(
            body=body,
            message_type="email",
            subtype_xmlid="mail.mt_comment",
            email_from="zoe@quill.example",
            author_id=False,
            attachments=[("fifty.txt", b"50")],
        )

    def notified(self, function):
        before = self.env["mail.notification"].sudo().search([]).ids
        function()
        return self.env["mail.notification"].sudo().search([("id", "not in", before)]).res_partner_id

    def test_copied_to_the_opportunity(self):
        ticket = self.make_request()
        lead = self.convert(ticket, user_id=self.salesperson.id)
        told = self.notified(lambda: self.answer(ticket))
        self.assertIn(self.salesperson.partner_id, told)
        self.assertFalse(told.filtered("partner_share"))
        self.assertFalse(ticket.active)
        copy = lead.message_ids.filtered(lambda message: "fifty" in message.body)
        self.assertEqual(len(copy), 1)
        self.assertEqual(copy.attachment_ids.raw, b"50")
        self.assertTrue(copy.is_internal)
        self.assertEqual(len(self.files(lead)), 4)
        self.assertEqual(len(ticket.message_ids.filtered(lambda message: "fifty" in message.body)), 1)
        self.assertNotIn(self.customer, lead.message_partner_ids)

    def test_private_conversation_stays_private(self):
        ticket = self.make_request("private")
        lead = self.convert(ticket, user_id=self.salesperson.id)
        told = self.notified(lambda: self.answer(ticket))
        self.assertIn(self.salesperson.partner_id, told)
        self.assertNotIn("fifty", "".join(lead.message_ids.mapped("body")))
        self.assertIn("answered", lead.message_ids[0].body)
        self.assertFalse(self.files(lead))

    def test_after_the_deal_the_ticket_comes_back(self):
        for close in ("action_set_won", "action_set_lost", "action_archive", "unlink"):
            with self.subTest(close=close):
                ticket = self.make_request()
                getattr(self.convert(ticket), close)()
                self.answer(ticket)
                self.assertTrue(ticket.active)

    def test_customer_on_the_portal(self):
        ticket = self.make_request(partner_id=self.customer.id)
        ticket.message_subscribe(self.customer.ids)
        lead = self.convert(ticket, user_id=self.salesperson.id)
        ticket.with_user(self.customer_user).message_post(
            body="And fifty?", message_type="comment", subtype_xmlid="mail.mt_comment"
        )
        self.assertIn("fifty", "".join(lead.message_ids.mapped("body")))
        self.assertFalse(ticket.active)

    def test_colleagues_do_not_count_as_customers(self):
        ticket = self.make_request()
        lead = self.convert(ticket)
        before = len(lead.message_ids)
        ticket.with_user(self.agent).message_post(body="Among us", message_type="comment", subtype_xmlid="mail.mt_note")
        self.assertEqual(len(lead.message_ids), before)
        self.assertFalse(ticket.active)
