from odoo.fields import Command
from odoo.tests import HttpCase, freeze_time, tagged

from ..test_tours_spanish import SpanishTours
from .test_sla import SlaCase, at


@tagged("post_install", "-at_install")
class TestSlaTours(HttpCase, SlaCase):
    """A day in the life of a promise: made in the browser, met by an answer, waited for, missed, and shown to the customer."""

    expected = "expected by"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.team.name = "Tour Care"

    def test_a_day_in_the_life(self):
        self.start_tour("/odoo", "helpdesk_lite_sla_policy", login="hl_manager")
        policy = self.env["helpdesk_lite.sla"].search([("name", "=", "Tour Promise")])
        self.assertEqual(policy.create_uid, self.manager)
        self.assertEqual(policy.target_ids.mapped("minutes_low"), [90, 2400])
        policy.show_customer = True
        policy.escalation_ids = [Command.create({"minutes": 0, "moment": "after", "action": "activity"})]
        # the day is another one than that on which the policy was made
        policy.sudo().versions = False
        self.env.registry.clear_cache()

        ticket = self.deliver(at(9), subject="The lamp is dark")
        self.move(ticket, at(9.25), user_id=self.agent.id)
        with freeze_time(at(9.5)):
            self.assertEqual(self.read_portal(ticket).count(self.expected), 2, "an answer and a solution")
            self.start_tour("/odoo", "helpdesk_lite_sla_answer", login="hl_agent")
        self.assertEqual(self.status(ticket).state, "met")
        with freeze_time(at(10)):
            self.assertNotIn(self.expected, self.read_portal(ticket), "we wait for the customer")
        self.ask(ticket, at(11))
        with freeze_time(at(11)):
            self.assertEqual(self.read_portal(ticket).count(self.expected), 1, "a solution")
        # half an hour was used before the answer
        self.assertEqual(ticket.sla_deadline, at(10.5, 7))
        with freeze_time(at(11.5, 7)):
            self.run_job("due")
        with freeze_time(at(12, 7)):
            self.start_tour("/odoo", "helpdesk_lite_sla_late", login="hl_agent")
        self.move(ticket, at(14, 7), stage_id=self.done.id)
        status = self.status(ticket, "resolution")
        self.assertEqual((status.state, status.reached_date, status.late_hours), ("failed", at(14, 7), 2.5))
        with freeze_time(at(14, 7)):
            self.assertNotIn(self.expected, self.read_portal(ticket))

    def read_portal(self, ticket):
        self.authenticate("hl_customer", "hl_customer")
        return self.url_open(f"/my/helpdesk-tickets/{ticket.id}").text


@tagged("post_install", "-at_install")
class TestSlaToursSpanish(SpanishTours, SlaCase):
    """The same day, in Spanish."""

    language, expected = "es_ES", "prevista para"

    read_portal = TestSlaTours.read_portal

    def test_a_day_in_the_life(self):
        TestSlaTours.test_a_day_in_the_life(self)
