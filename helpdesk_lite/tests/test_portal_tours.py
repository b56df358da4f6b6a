from odoo.tests import HttpCase, tagged

from .common import HelpdeskCase


@tagged("post_install", "-at_install")
class TestPortalTours(HelpdeskCase, HttpCase):
    """Visitors and customers in a real browser."""

    def test_visitor_sends_form(self):
        self.team.write({"name": "Tour Deliveries", "use_website_form": True})
        self.start_tour("/helpdesk", "helpdesk_lite_form")
        ticket = self.env["helpdesk_lite.ticket"].search([("team_id", "=", self.team.id)])
        self.assertRecordValues(ticket, [{"name": "The parcel is wet", "partner_email": "vera@visitor.example"}])
        self.assertEqual(ticket.message_ids.attachment_ids.mapped("name"), ["parcel.txt"])

    def test_customer_answers_and_closes(self):
        self.team.allow_portal_close = True
        ticket = self.make_ticket(name="Tour lamp", partner_id=self.customer.id, user_id=self.agent.id)
        ticket.with_user(self.agent).message_post(
            body="Did you turn it on?", message_type="comment", subtype_xmlid="mail.mt_comment"
        )
        self.start_tour("/my", "helpdesk_lite_portal", login="hl_customer")
        self.assertTrue(ticket.is_closed)
        answer = ticket.message_ids.filtered(lambda message: "Now it works" in message.body)
        self.assertEqual(answer.author_id, self.customer)
