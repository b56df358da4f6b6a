from odoo.addons.helpdesk_lite.tests.common import HelpdeskCase
from odoo.tests import new_test_user


class ConvertCase(HelpdeskCase):
    """The core's people, and those of sales."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.ref("base.group_user").implied_ids -= cls.env.ref("crm.group_use_lead")
        cls.salesperson = new_test_user(
            cls.env, "hl_sales", "sales_team.group_sale_salesman", email="sales@test.example", notification_type="inbox",
        )
        cls.sales_manager = new_test_user(cls.env, "hl_sales_manager", "sales_team.group_sale_manager")
        cls.both = new_test_user(
            cls.env, "hl_both", "helpdesk_lite.group_user,sales_team.group_sale_salesman_all_leads", email="both@test.example",
        )
        cls.sales_team = cls.env["crm.team"].create({
            "name": "Sales for Tests", "user_id": cls.sales_manager.id, "member_ids": [(6, 0, cls.salesperson.ids)],
        })

    @classmethod
    def use_leads(cls):
        cls.env.ref("base.group_user").implied_ids += cls.env.ref("crm.group_use_lead")

    def make_wizard(self, tickets, user=None, **values):
        """The pop-up as that user gets it; ``partner_action`` and others as asked for."""
        Convert = self.env["helpdesk_lite_crm.convert"].with_user(user or self.agent)
        return Convert.with_context(default_ticket_ids=tickets.ids).create(values)

    def convert(self, tickets, user=None, **values):
        """Convert as that user; returns the leads, sudoed."""
        self.make_wizard(tickets, user, **values).action_convert()
        return tickets.sudo().converted_lead_id
