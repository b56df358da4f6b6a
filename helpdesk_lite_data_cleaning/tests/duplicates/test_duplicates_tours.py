from odoo.tests import HttpCase, tagged

from ..common import MergeCase


@tagged("post_install", "-at_install")
class TestDuplicatesTours(HttpCase, MergeCase):
    """Duplicates in a browser, as agent and as administrator."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ticket = cls.make_ticket(name="The kettle of the canteen leaks", description="<p>Since Monday.</p>")
        cls.make_ticket(name="The kettle of the canteen leaks", description="<p>Since Monday!</p>")
        cls.make_ticket(name="Kettle leaks in the canteen", description="<p>Since Monday.</p>")
        cls.make_ticket("private", name="The kettle of the canteen leaks", description="<p>Since Monday.</p>")

    def test_agent_looks_at_possible_duplicates(self):
        self.assertEqual(len(self.ticket.with_user(self.agent).possible_duplicates), 2, "what the tour relies on")
        self.start_tour(f"/odoo/helpdesk-lite-tickets/{self.ticket.id}", "helpdesk_lite_possible_duplicates", login="hl_agent")
        group = self.env["helpdesk_lite.merge.group"].search([])
        self.assertIn(self.ticket, group.record_ids.ticket_id)
        self.assertEqual(group.state, "new")

    def test_administrator_makes_a_rule_and_runs_it(self):
        self.env["helpdesk_lite.merge.rule"].search([]).active = False
        self.start_tour("/odoo", "helpdesk_lite_deduplicate", login="hl_manager")
        rule = self.env["helpdesk_lite.merge.rule"].search([("name", "=", "Tour rule")])
        self.assertTrue(rule.last_run)
        self.assertEqual(len(self.env["helpdesk_lite.merge.group"].search([("rule_id", "=", rule.id)])), 1)
