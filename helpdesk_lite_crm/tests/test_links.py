from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import ConvertCase


@tagged("post_install", "-at_install")
class TestLinks(ConvertCase):
    """Links between helpdesk and sales tell no names to those who may not see them."""

    def names(self, record, fname):
        """All ways in which the web client asks for the name of a link."""
        domain = [("id", "=", record.id)]
        Model = record.with_context(active_test=False)
        return {
            record.read([fname])[0][fname][1],
            record.web_read({fname: {"fields": {"display_name": {}}}})[0][fname]["display_name"],
            Model.web_search_read(domain, {fname: {"fields": {"display_name": {}}}})["records"][0][fname]["display_name"],
            Model.formatted_read_group(domain, [fname], ["__count"])[0][fname][1],
        }

    def test_subject_of_a_private_ticket(self):
        ticket = self.make_ticket("private", name="Fire at the plant")
        lead = self.convert(ticket, name="Lamps", user_id=self.salesperson.id)
        self.assertEqual(self.names(lead.with_user(self.salesperson), "ticket_id"), {f"#{ticket.number}"})
        self.assertEqual(self.names(lead.with_user(self.both), "ticket_id"), {f"Fire at the plant (#{ticket.number})"})
        with self.assertRaisesRegex(UserError, "private helpdesk team"):
            lead.with_user(self.salesperson).action_open_helpdesk_tickets()
        self.assertFalse(self.env["crm.lead"].with_user(self.salesperson).search([("ticket_id", "ilike", "Fire")]))

    def test_title_of_other_peoples_opportunities(self):
        ticket = self.make_ticket()
        lead = self.convert(ticket, name="Takeover of Quill Ltd", user_id=self.salesperson.id)
        self.assertEqual(self.names(ticket.with_user(self.other_salesperson), "converted_lead_id"), {f"#{lead.id}"})
        self.assertEqual(self.names(ticket.with_user(self.salesperson), "converted_lead_id"), {"Takeover of Quill Ltd"})
        self.assertNotIn("converted_lead_id", ticket.with_user(self.agent).fields_get())
        self.assertTrue(ticket.with_user(self.agent).is_converted)
        with self.assertRaisesRegex(UserError, "Sales works on this ticket"):
            ticket.with_user(self.agent).action_open_leads()

    def test_buttons_open_the_other_side(self):
        ticket = self.make_ticket()
        lead = self.convert(ticket, user_id=self.salesperson.id)
        action = ticket.with_user(self.salesperson).action_open_leads()
        self.assertEqual((action["res_model"], action["res_id"]), ("crm.lead", lead.id))
        action = lead.with_user(self.salesperson).action_open_helpdesk_tickets()
        self.assertEqual((action["res_model"], action["res_id"]), (ticket._name, ticket.id))

    def test_merged_opportunities_keep_their_tickets(self):
        tickets = self.env["helpdesk_lite.ticket"].concat(*(self.make_ticket() for _i in range(2)))
        plain = self.env["crm.lead"].create({"name": "There before", "type": "opportunity", "probability": 90})
        leads = self.convert(tickets, self.both)
        merged = (plain + leads).with_user(self.both).merge_opportunity()
        self.assertEqual(tickets.converted_lead_id, merged)
        self.assertIn(merged.ticket_id, tickets)
        self.assertEqual(merged.helpdesk_ticket_count, 2)
