from odoo.addons.helpdesk_lite.tests.test_tours_spanish import SpanishTours
from odoo.tests import tagged

from .test_split import SplitCase


@tagged("post_install", "-at_install")
class TestSplitTours(SpanishTours, SplitCase):
    """Splitting a message off in a browser, as an agent, and bringing it back."""

    # wide enough for the chatter beside the form: out of sight, it loads nothing
    browser_size = "1920x1080"

    def test_split(self):
        ticket, messages = self.make_conversation(texts=("The lamp is broken", "Where is my invoice?"))
        ticket.name = "Lamp and invoice"
        self.start_tour("/odoo", "helpdesk_lite_split", login="hl_agent")
        self.assertEqual(messages.mapped("res_id"), [ticket.id] * 2)
        journal = self.env["helpdesk_lite.merge.journal"].search([("kind", "=", "split")], limit=1)
        self.assertEqual((journal.source_ids, journal.undone), (ticket.ids, True))
        self.assertEqual((journal.master_id.name, journal.master_id.active), ("An invoice", False))
