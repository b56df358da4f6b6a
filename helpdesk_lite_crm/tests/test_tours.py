from odoo.tests import HttpCase, tagged

from .common import ConvertCase


@tagged("post_install", "-at_install")
class TestCrmTours(HttpCase, ConvertCase):
    """Conversion in a browser: with and without leads, in both directions, and undone."""

    browser_size = "1920x1080"  # wide enough for the chatter beside the form: out of sight, it loads nothing

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.salesperson.name = "Tour Seller"
        cls.ticket = cls.make_request(name="Forty lamps")
        cls.team.sequence = -1

    def test_opportunity_and_back(self):
        self.start_tour("/odoo", "helpdesk_lite_crm_opportunity", login="hl_both")
        self.assertTrue(self.ticket.active)
        lead = self.env["crm.lead"].with_context(active_test=False).search([("name", "=", "Forty lamps")])
        self.assertEqual((len(lead), lead.active, lead.user_id), (1, False, self.salesperson))
        self.assertEqual(lead.partner_id.email, "zoe@quill.example")

    def test_lead_by_an_agent_without_crm(self):
        self.use_leads()
        other = self.make_ticket(name="Ten chairs")
        self.start_tour("/odoo", "helpdesk_lite_crm_lead", login="hl_agent")
        self.assertEqual((self.ticket + other).converted_lead_id.mapped("type"), ["lead", "lead"])

    def test_lead_becomes_a_ticket_and_is_taken_back(self):
        lead = self.env["crm.lead"].create({"name": "My lamp is broken", "type": "opportunity", "user_id": self.salesperson.id})
        self.start_tour(f"/odoo/m-crm.lead/{lead.id}", "helpdesk_lite_crm_ticket", login="hl_sales")
        self.assertTrue(lead.active)
        ticket = self.env["helpdesk_lite.ticket"].with_context(active_test=False).search([("name", "=", lead.name)])
        self.assertEqual((len(ticket), ticket.active), (1, False))


@tagged("post_install", "-at_install")
class TestStageBarTour(HttpCase, ConvertCase):
    """A ticket that nobody has taken has the most buttons beside its stages, and a chatter takes room from 1400 pixels on."""

    browser_size = "1420x800"

    def setUp(self):
        super().setUp()
        self.request = self.make_request(name="Forty lamps")
        self.stages = self.request.team_id.stage_ids
        self.assertEqual(self.stages.mapped("name"), ["New", "In Progress", "On Hold", "Solved", "Cancelled"])

    def run_tour(self, name):
        self.start_tour(f"/odoo/helpdesk-lite-tickets/{self.request.id}", name, login="hl_both")

    def test_stages_take_a_line_of_their_own(self):
        self.run_tour("helpdesk_lite_crm_stage_line")

    def test_closed_stages_stay_in_the_bar(self):
        """Open stages with names that are too long for any line give way."""
        self.stages[1].name = "In Progress in the workshop of our second building"
        self.stages[2].name = "On Hold until the supplier has sent the missing parts"
        self.run_tour("helpdesk_lite_crm_stage_bar")
        self.assertEqual(self.request.stage_id.name, "Cancelled")
