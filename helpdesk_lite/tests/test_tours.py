from odoo.tests import HttpCase, tagged

from .common import HelpdeskCase


@tagged("post_install", "-at_install")
class TestTours(HttpCase, HelpdeskCase):
    """The web client in a browser, as administrator, agent and plain employee."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.team.name = "Tour Care"
        cls.agent.name = "Tour Agent"

    def test_manager_creates_team(self):
        self.start_tour("/odoo", "helpdesk_lite_create_team", login="hl_manager")
        team = self.env["helpdesk_lite.team"].search([("name", "=", "Tour Deliveries")])
        self.assertEqual(len(team), 1)
        self.assertEqual(team.create_uid, self.manager)
        self.assertEqual(team.alias_name, "tour-deliveries")

    def test_agent_solves_ticket(self):
        ticket = self.make_ticket(name="The kettle leaks", partner_id=self.customer.id)
        self.start_tour("/odoo", "helpdesk_lite_solve_ticket", login="hl_agent")
        self.assertEqual(ticket.user_id, self.agent)
        self.assertEqual(ticket.stage_id, self.env.ref("helpdesk_lite.stage_solved"))
        self.assertTrue(ticket.assign_date and ticket.close_date)
        answer = ticket.message_ids.filtered(lambda message: "on its way" in message.body)
        self.assertFalse(answer.is_internal)
        self.assertIn(self.customer, answer.notified_partner_ids)

    def test_employee_creates_ticket(self):
        self.start_tour("/odoo", "helpdesk_lite_employee_ticket", login="hl_employee")
        ticket = self.env["helpdesk_lite.ticket"].search([("name", "=", "My badge does not open the door")])
        self.assertEqual(ticket.create_uid, self.employee)
        self.assertEqual(ticket.team_id, self.team)
        self.assertIn("It blinks red.", ticket.description)
        self.assertFalse(ticket.user_id)
        self.assertTrue(ticket.message_ids.filtered(lambda message: "door to the yard" in message.body))

    def test_manager_makes_team_private(self):
        self.manager.name = "Tour Manager"
        ticket = self.make_ticket(name="My own lamp", partner_id=self.customer.id)
        self.authenticate("hl_customer", "hl_customer")
        self.assertIn("My own lamp", self.url_open(f"/my/helpdesk-tickets/{ticket.id}").text)
        self.start_tour("/odoo", "helpdesk_lite_make_team_private", login="hl_manager")
        self.assertEqual(self.team.privacy_visibility, "private")
        self.authenticate("hl_customer", "hl_customer")
        self.assertNotIn("My own lamp", self.url_open(f"/my/helpdesk-tickets/{ticket.id}").text)
        self.assertNotIn("My own lamp", self.url_open("/my/helpdesk-tickets").text)

    def test_employee_opens_the_ticket_they_were_invited_to(self):
        self.teams["private"].name = "Tour Payroll"
        ticket = self.make_ticket("private", name="Invited to this", description="<p>For your eyes</p>")
        self.make_ticket("private", name="Not invited to that")
        ticket.with_user(self.manager).message_subscribe(self.employee.partner_id.ids)
        self.start_tour("/odoo", "helpdesk_lite_invited_employee", login="hl_employee")
        self.assertIn("I have seen it.", str(ticket.message_ids.mapped("body")))
