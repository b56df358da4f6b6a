from odoo.tests import HttpCase, tagged

from ..common import HelpdeskCase
from ..test_tours_spanish import SHOWN


class CustomerTour(HttpCase, HelpdeskCase):
    """An agent has the customer at hand, relates tickets, and answers and closes the parts of one."""

    language = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if cls.language:
            cls.env["res.lang"]._activate_lang(cls.language)
            cls.env["ir.module.module"].search([("name", "in", SHOWN)])._update_translations(cls.language)
            cls.env["res.users"].search([]).lang = cls.language

    def have_the_customer_at_hand(self):
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


@tagged("post_install", "-at_install")
class TestCustomerTour(CustomerTour):
    """In English."""

    def test_customer(self):
        self.have_the_customer_at_hand()


@tagged("post_install", "-at_install")
class TestCustomerTourSpanish(CustomerTour):
    """In Spanish."""

    language = "es_ES"

    def test_customer(self):
        self.have_the_customer_at_hand()
