from odoo.addons.helpdesk_lite.tests.test_tours_spanish import SpanishTours
from odoo.tests import HttpCase, tagged

from ..common import MergeCase


class MergeTours(MergeCase):
    """Merging in a browser, as an agent."""

    def make_kettles(self):
        self.first = self.make_ticket(name="The kettle leaks", partner_id=self.customer.id)
        self.second = self.make_ticket(name="Kettle is leaking", partner_id=self.customer.id)
        self.message = self.env["mail.message"].create(
            {
                "model": self.first._name,
                "res_id": self.first.id,
                "body": "Water everywhere",
                "message_type": "notification",
                "subtype_id": self.env.ref("mail.mt_note").id,
            }
        )


@tagged("post_install", "-at_install")
class TestMergeTours(SpanishTours, MergeTours):
    """Tickets that become one, and tickets that are joined."""

    def test_agent_merges_with_a_swapped_master_and_undoes_it(self):
        action = self.env.ref("helpdesk_lite_data_cleaning.ticket_action_merge").with_context(lang=self.language)
        self.assertEqual(action.name, "Fusionar", "it is translated")
        self.make_kettles()
        self.start_tour("/odoo", "helpdesk_lite_merge", login="hl_agent")
        self.assertTrue((self.first | self.second).filtered("active") == self.first | self.second)
        self.assertEqual(self.message.res_id, self.first.id)
        journal = self.env["helpdesk_lite.merge.journal"].search([("master_id", "=", self.second.id)])
        self.assertEqual((journal.source_ids, journal.undone), (self.first.ids, True))
        self.assertEqual(journal.group_id.state, "undone")

    def test_agent_joins_tickets_of_two_customers_and_answers_each_on_their_own(self):
        self.make_kettles()
        other = self.env["res.partner"].create({"name": "Other Customer", "email": "other@test.example"})
        self.second.partner_id = other
        self.message.res_id = self.second.id
        self.start_tour("/odoo", "helpdesk_lite_join", login="hl_agent")
        answer = self.env["mail.message"].search([("model", "=", self.second._name), ("body", "ilike", "We are on it")])
        self.assertEqual(answer.res_id, self.second.id)
        self.assertEqual(answer.notified_partner_ids, other)
        self.assertTrue(self.second.active)


@tagged("post_install", "-at_install")
class TestDiscardTour(HttpCase, MergeTours):
    """Tickets that are no duplicates. The tour follows English texts of Odoo's filters."""

    def test_agent_discards_a_group(self):
        self.make_kettles()
        self.start_tour("/odoo", "helpdesk_lite_discard_duplicates", login="hl_agent")
        group = self.env["helpdesk_lite.merge.group"].search([])
        self.assertEqual(group.state, "discarded")
        self.assertFalse(self.first.merged_into_id or self.second.merged_into_id)
