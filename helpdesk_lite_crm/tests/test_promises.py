from odoo.addons.helpdesk_lite.tests.sla.test_sla import SlaCase, at
from odoo.tests import freeze_time, tagged

from .common import ConvertCase


@tagged("post_install", "-at_install")
class TestPromises(ConvertCase, SlaCase):
    """What a conversion and its undoing do to the clocks: the table in the guide."""

    def test_the_clocks_stand_while_sales_has_the_request(self):
        self.make_policy({"kind": "first_response", "minutes_low": 60}, {"kind": "resolution", "minutes_low": 240})
        ticket = self.deliver(at(9))
        with freeze_time(at(9.5)):
            self.convert(ticket)
            self.env.flush_all()
        self.assertEqual([status.state for status in self.statuses(ticket).values()], ["paused", "paused"])
        self.assertFalse(ticket.sla_deadline)
        with freeze_time(at(10.5)):
            ticket.with_user(self.agent).action_undo_convert()
            self.env.flush_all()
        self.assertEqual(self.status(ticket).deadline, at(11))
        self.assertEqual(self.status(ticket, "resolution").deadline, at(15))
