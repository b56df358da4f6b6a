from odoo.tests import tagged

from .probe import ProbeCase
from .probe_map import STANDARD


@tagged("post_install", "-at_install")
class TestProbe(ProbeCase):
    """No entry point of the core reveals hidden data."""

    module = "helpdesk_lite"
    promised = 10_000
    standard = STANDARD

    def test_no_hidden_word_comes_back(self):
        self.probe()
