from odoo.tests import tagged

from .common import ConvertCase


@tagged("post_install", "-at_install")
class TestConvert(ConvertCase):
    """A ticket becomes an opportunity or a lead."""

    def test_smallest_true_path(self):
        ticket = self.make_ticket(
            name="We need forty lamps", partner_name="Zoe Quill", partner_email="zoe@quill.example", description="<p>Forty.</p>",
        )
        ticket.message_post(body="How much are forty?", subtype_xmlid="mail.mt_comment", message_type="comment")
        ticket.message_post(body="A good one", subtype_xmlid="mail.mt_note")
        lead = self.convert(ticket, partner_action="none", user_id=self.salesperson.id)
        self.assertEqual(lead.name, "We need forty lamps")
        self.assertEqual(lead.contact_name, "Zoe Quill")
        self.assertEqual(lead.email_from, "zoe@quill.example")
        self.assertEqual(lead.ticket_id, ticket)
        self.assertFalse(ticket.active)
        print([(m.body, m.subtype_id.name, m.message_type) for m in lead.message_ids])
        print([(m.body, m.subtype_id.name, m.message_type) for m in ticket.message_ids])
