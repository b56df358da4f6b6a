from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger
from psycopg2 import IntegrityError

from .common import ConvertCase


@tagged("post_install", "-at_install")
class TestRefusals(ConvertCase):
    """Impossible conversions are refused with a reason, and nothing is half converted."""

    def assert_refused(self, sentence, ticket, user=None, error=UserError, **values):
        leads = self.env["crm.lead"].with_context(active_test=False).search_count([])
        contacts = self.env["res.partner"].with_context(active_test=False).search_count([])
        active = ticket.active
        with self.assertRaisesRegex(error, sentence), self.env.cr.savepoint():
            self.convert(ticket, user, **values)
        self.assertEqual(self.env["crm.lead"].with_context(active_test=False).search_count([]), leads)
        self.assertEqual(self.env["res.partner"].with_context(active_test=False).search_count([]), contacts)
        self.assertEqual(ticket.active, active)

    def test_neither_name_nor_email(self):
        ticket = self.make_ticket()
        self.assert_refused("neither the name nor the e-mail", ticket, partner_action="create")
        self.assertTrue(self.convert(ticket, partner_action="none"))

    def test_no_customer_chosen(self):
        self.assert_refused("Choose the customer", self.make_request(), partner_action="link")

    def test_customer_of_another_company(self):
        company = self.env["res.company"].create({"name": "Far Away"})
        self.agent.company_ids += company
        partner = self.env["res.partner"].create({"name": "Foreigner", "company_id": company.id})
        ticket = self.make_request()
        self.env.ref("base.res_partner_rule").active = True
        with self.assertRaisesRegex(UserError, "belongs to the company Far Away"):
            self.env["helpdesk_lite_crm.convert"].with_user(self.agent).with_context(
                default_ticket_ids=ticket.ids, allowed_company_ids=[self.env.company.id, company.id]
            ).create({"partner_action": "link", "partner_id": partner.id}).action_convert()
        self.agent.company_ids -= company
        self.assert_refused("", ticket, error=AccessError, partner_action="link", partner_id=partner.id)

    def test_archived_customer(self):
        partner = self.env["res.partner"].create({"name": "Gone", "email": "gone@else.example"})
        ticket = self.make_request(partner_id=partner.id, partner_email="gone@else.example")
        partner.active = False
        self.assertEqual(self.make_wizard(ticket).partner_action, "create")
        self.assert_refused("“Gone” is archived", ticket, partner_action="link", partner_id=partner.id)
        self.assert_refused("already exists: Gone", ticket, partner_action="create")

    def test_a_second_contact_with_the_same_email_only_when_asked(self):
        known = self.env["res.partner"].create({"name": "Zoe Known", "email": "Zoe@Quill.example"})
        ticket = self.make_request()
        wizard = self.make_wizard(ticket, partner_action="create")
        self.assertIn("Zoe Known", wizard.same_email_names)
        self.assert_refused("already exists: Zoe Known", ticket, partner_action="create")
        lead = self.convert(ticket, partner_action="create", create_anyway=True)
        self.assertNotEqual(lead.partner_id, known)
        self.assertEqual(lead.partner_id.email, "zoe@quill.example")

    def test_sales_team_without_members(self):
        team = self.env["crm.team"].create({"name": "Ghosts"})
        ticket = self.make_request()
        wizard = self.make_wizard(ticket, sales_team_id=team.id, partner_action="none")
        self.assertIn("“Ghosts” has no members", wizard.sales_warning)
        wizard.sales_team_id = False
        self.assertFalse(wizard.read(["sales_warning"])[0]["sales_warning"], "and not the name of an empty record")
        wizard.sales_team_id = team
        wizard.user_id = self.salesperson
        wizard.sales_team_id = team
        self.assertFalse(wizard.sales_warning)
        wizard.action_convert()
        self.assertEqual(ticket.converted_lead_id.team_id, team)

    def test_sales_of_another_company(self):
        company = self.env["res.company"].create({"name": "Far Away"})
        self.agent.company_ids += company
        team = self.env["crm.team"].create({"name": "Far Sales", "company_id": company.id})
        user = new_test_user(
            self.env, "hl_far", "sales_team.group_sale_salesman", company_id=company.id, company_ids=[(6, 0, company.ids)]
        )
        ticket = self.make_request()
        self.assert_refused("does not work for the company", ticket, sales_team_id=False, user_id=user.id)
        with self.assertRaisesRegex(UserError, "works for the company Far Away"):
            self.env["helpdesk_lite_crm.convert"].with_user(self.agent).with_context(
                default_ticket_ids=ticket.ids, allowed_company_ids=[self.env.company.id, company.id]
            ).create({"partner_action": "none", "sales_team_id": team.id, "user_id": False}).action_convert()

    def test_portal_user_is_no_salesperson(self):
        self.assert_refused("not an active employee", self.make_request(), user_id=self.customer_user.id)

    def test_archived_or_merged(self):
        ticket = self.make_request()
        ticket.active = False
        self.assert_refused("is archived", ticket)

    def test_twice(self):
        ticket = self.make_request()
        self.convert(ticket)
        self.assert_refused("converted already", ticket)
        ticket.active = True
        self.assert_refused("converted already", ticket)

    @mute_logger("odoo.sql_db")
    def test_the_database_holds_it_too(self):
        ticket = self.make_request()
        self.convert(ticket)
        with self.assertRaises(IntegrityError), self.env.cr.savepoint():
            self.env["crm.lead"].create({"name": "Again", "ticket_id": ticket.id})
            self.env.flush_all()

    def test_closed_or_foreign_opportunity(self):
        won = self.env["crm.lead"].create({"name": "Done", "type": "opportunity", "user_id": self.both.id})
        won.action_set_won()
        self.assert_refused("is closed", self.make_request(), self.both, lead_id=won.id)

    def test_two_hundred_of_which_some_cannot_be_converted(self):
        tickets = self.env["helpdesk_lite.ticket"].create(
            [{"name": f"Request {i}", "team_id": self.team.id} for i in range(200)]
        )
        self.convert(tickets[:5])
        tickets[5:8].active = False
        self.teams["private"].message_unsubscribe(self.agent.partner_id.ids)
        tickets[8:10].team_id = self.teams["private"]
        self.env.flush_all()
        self.env.invalidate_all()
        wizard = self.make_wizard(tickets, partner_action="none")
        action = wizard.action_convert()
        self.assertEqual((action["res_model"], action["res_id"]), (wizard._name, wizard.id))
        self.assertIn("Converted tickets: 190.", wizard.result)
        self.assertIn("Tickets that were not converted: 10.", wizard.result)
        self.assertEqual(wizard.result.count("converted already"), 5)
        self.assertEqual(wizard.result.count("is archived"), 3)
        self.assertIn("Selected tickets that you cannot see: 2.", wizard.result)
        self.assertNotIn("Request 8", wizard.result)
        self.assertEqual(len(tickets.converted_lead_id), 195)
        self.assertFalse(tickets[10:].filtered("active"))
        self.assertEqual(tickets[8:10].mapped("active"), [True, True])

    def test_selection_with_customers(self):
        ann = self.env["res.partner"].create({"name": "Ann Known", "email": "ann@known.example"})
        gone = self.env["res.partner"].create({"name": "Gone", "email": "gone@known.example", "active": False})
        own, found, new, nobody, archived = tickets = self.env["helpdesk_lite.ticket"].concat(
            *(
                self.make_ticket(**values)
                for values in (
                    {"partner_id": self.customer.id},
                    {"partner_email": "ann@known.example"},
                    {"partner_email": "new@known.example"},
                    {},
                    {"partner_email": "gone@known.example"},
                )
            )
        )
        wizard = self.make_wizard(tickets, partner_action="create")
        wizard.action_convert()
        self.assertEqual(own.converted_lead_id.partner_id, self.customer)
        self.assertEqual(found.converted_lead_id.partner_id, ann)
        self.assertEqual(new.converted_lead_id.partner_id.email, "new@known.example")
        self.assertFalse(nobody.converted_lead_id or archived.converted_lead_id)
        self.assertIn("neither the name nor the e-mail", wizard.result)
        self.assertIn(gone.name, wizard.result)
