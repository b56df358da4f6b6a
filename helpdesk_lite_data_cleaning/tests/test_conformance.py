from odoo.addons.helpdesk_lite.tests.test_conformance import TestConformance as CoreConformance
from odoo.tests import tagged


@tagged("post_install", "-at_install")
class TestConformance(CoreConformance):
    module = "helpdesk_lite_data_cleaning"
