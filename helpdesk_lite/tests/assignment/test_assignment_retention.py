from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from ..common import HelpdeskCase


@tagged("post_install", "-at_install")
class TestAssignmentRetention(HelpdeskCase):
    """What is forgotten of automatic choices, and what is not."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.team.member_ids = cls.agent
        cls.team.auto_assignment = True

    def make_choice(self, days, closed=True):
        """A choice of some days ago, for a ticket that is closed or not.

        :return: record of ``helpdesk_lite.assignment``
        """
        ticket = self.make_ticket()
        choice = self.env["helpdesk_lite.assignment"].search([("ticket_id", "=", ticket.id)])
        self.assertEqual(len(choice), 1)
        choice.date = fields.Datetime.now() - timedelta(days=days)
        if closed:
            ticket.action_close()
        self.env.flush_all()
        return choice

    def forget(self):
        self.assertFalse(self.env["helpdesk_lite.assignment"]._gc_old()[1])

    def test_old_choices_of_closed_tickets_are_forgotten(self):
        old, young, of_open = self.make_choice(366), self.make_choice(364), self.make_choice(3000, closed=False)
        said = old.ticket_id.message_ids.mapped("body")
        ticket = old.ticket_id
        self.forget()
        self.assertFalse(old.exists())
        self.assertEqual((young | of_open).exists(), young | of_open)
        self.assertEqual((ticket.user_id, ticket.message_ids.mapped("body")), (self.agent, said))

    def test_days_are_set(self):
        old, young = self.make_choice(31), self.make_choice(29)
        self.env["ir.config_parameter"].set_param("helpdesk_lite.assignment_days", "30")
        self.forget()
        self.assertEqual((old | young).exists(), young)

    def test_malformed_and_hasty_settings(self):
        """The ledger still looks for choices of this week; what is no number is the year."""
        young, older = self.make_choice(6), self.make_choice(8)
        for value in ("soon", "-3", "", "9" * 12, "9" * 5000):
            self.env["ir.config_parameter"].set_param("helpdesk_lite.assignment_days", value)
            self.forget()
            self.assertEqual((young | older).exists(), young | older)
        self.env["ir.config_parameter"].set_param("helpdesk_lite.assignment_days", "0")
        self.forget()
        self.assertEqual((young | older).exists(), young)
