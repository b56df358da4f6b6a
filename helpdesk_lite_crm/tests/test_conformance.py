from odoo.addons.helpdesk_lite.tests import test_conformance
from odoo.tests import tagged


@tagged("post_install", "-at_install")
class TestCrmConformance(test_conformance.TestConformance):
    """The rules for models, views and actions hold for this bridge."""

    module = "helpdesk_lite_crm"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # only agents who are salespeople as well can open the report
        cls.agent.group_ids += cls.env.ref("sales_team.group_sale_salesman")
