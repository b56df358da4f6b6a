from odoo.tests import tagged

from ..test_tours_spanish import SpanishTours


@tagged("post_install", "-at_install")
class TestCustomerTour(SpanishTours):
    """An agent has the customer at hand, relates tickets, and answers and closes the parts of one."""

    def test_customer(self):
        company = self.env["res.partner"].create({"name": "Quill", "is_company": True})
        zoe, _tom = self.env["res.partner"].create(
            [
                {"name": name, "email": f"{name[:3].lower()}@quill.example", "parent_id": company.id}
                for name in ("Zoe Hill", "Tom Reed")
            ]
        )
        whole = self.make_ticket(name="The mail server is down", partner_id=zoe.id, user_id=self.agent.id)
        part = self.make_ticket(name="My mail does not arrive", partner_id=zoe.id)
        self.make_ticket("private", name="Secret", partner_id=zoe.id)
        self.start_tour("/odoo", "helpdesk_lite_customer", login="hl_agent")
        self.assertTrue(part.is_closed)
        self.assertFalse(whole.is_closed)
        self.assertIn("It works again.", str(part.message_ids.mapped("body")))
        self.assertFalse(self.env["helpdesk_lite.relation"].search([("other_id", "=", whole.id)]))
