from odoo.addons.helpdesk_lite.tests import test_conformance
from odoo.tests import tagged


@tagged("post_install", "-at_install")
class TestCrmConformance(test_conformance.TestConformance):
    """The bridge keeps the rules of the house."""

    module = "helpdesk_lite_crm"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # the report is for agents who are salespeople as well
        cls.agent.group_ids += cls.env.ref("sales_team.group_sale_salesman")
