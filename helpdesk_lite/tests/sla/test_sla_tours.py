from odoo.tests import HttpCase, freeze_time, tagged

from .test_sla import SlaCase, at


@tagged("post_install", "-at_install")
class TestSlaTours(HttpCase, SlaCase):
    """A day in the life of a promise: made in the browser, met by an answer, waited for, missed, and shown to the customer."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.team.name = "Tour Care"

    def test_a_day_in_the_life(self):
        self.start_tour("/odoo", "helpdesk_lite_sla_policy", login="hl_manager")
        policy = self.env["helpdesk_lite.sla"].search([("name", "=", "Tour Promise")])
        self.assertEqual(policy.create_uid, self.manager)
        self.assertEqual(policy.target_ids.mapped("minutes_low"), [90, 2400])
        # the day is another one than that on which the policy was made
        policy.sudo().versions = False
        policy.target_ids.filtered(lambda target: target.kind == "resolution").unlink()
        policy.show_customer = True
        policy.sudo().versions = False
        self.env.registry.clear_cache()
        ticket = self.deliver(at(9), subject="The lamp is dark")
        with freeze_time(at(9.5)):
            self.authenticate("hl_customer", "hl_customer")
            self.assertIn("expected by", self.url_open(f"/my/tickets/{ticket.id}").text)
            self.start_tour("/odoo", "helpdesk_lite_sla_answer", login="hl_agent")
        self.assertEqual(self.status(ticket).state, "met")
        with freeze_time(at(11)):
            self.authenticate("hl_customer", "hl_customer")
            self.assertNotIn("expected by", self.url_open(f"/my/tickets/{ticket.id}").text)
