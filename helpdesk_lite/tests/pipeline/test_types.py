from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form, tagged

from ..common import HelpdeskCase


@tagged("post_install", "-at_install")
class TestTypes(HelpdeskCase):
    """Types in two levels, for some teams or all, and what they do to a ticket."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Type = cls.env["helpdesk_lite.type"]
        cls.delivery = cls.Type.create({"name": "Delivery", "default_priority": "1"})
        cls.damaged = cls.Type.create({"name": "Damaged", "parent_id": cls.delivery.id, "default_priority": "3"})
        cls.secret = cls.Type.create({"name": "Redundancy", "team_ids": cls.teams["private"].ids})

    def test_two_levels(self):
        self.assertEqual(self.damaged.display_name, "Delivery / Damaged")
        with self.assertRaises(ValidationError):
            self.Type.create({"name": "Third", "parent_id": self.damaged.id})
        with self.assertRaises(ValidationError):
            self.delivery.parent_id = self.secret
        with self.assertRaises(ValidationError):
            self.delivery.parent_id = self.damaged
        with self.assertRaises(ValidationError):
            self.secret.parent_id = self.secret

    def test_a_type_is_one_of_the_team(self):
        ticket = self.make_ticket("company")
        with self.assertRaises(ValidationError):
            ticket.with_user(self.manager).type_id = self.secret
        private = self.make_ticket("private", type_id=self.secret.id)
        private.with_user(self.manager).team_id = self.teams["company"]
        self.assertFalse(private.type_id, "the new team does not use it")
        private.with_user(self.manager).type_id = self.damaged
        private.with_user(self.manager).team_id = self.teams["private"]
        self.assertEqual(private.type_id, self.damaged)

    def test_the_form_warns_of_a_type_that_is_lost(self):
        ticket = self.make_ticket("private", type_id=self.secret.id)
        result = ticket.with_user(self.manager).onchange(
            {"team_id": self.teams["company"].id}, ["team_id"], {"team_id": {}, "type_id": {"fields": {"display_name": {}}}}
        )
        self.assertIn("Redundancy", result["warning"]["message"])
        self.assertFalse(result["value"]["type_id"])

    def test_a_type_with_tickets_of_a_team_stays_in_the_team(self):
        self.make_ticket("company", type_id=self.damaged.id)
        with self.assertRaises(ValidationError):
            self.damaged.team_ids = self.teams["private"]

    def test_the_priority_of_a_type(self):
        Ticket = self.env["helpdesk_lite.ticket"].with_user(self.agent)
        made = Ticket.create(
            [
                {"name": "x", "team_id": self.team.id, "type_id": self.damaged.id},
                {"name": "x", "team_id": self.team.id, "type_id": self.damaged.id, "priority": "1"},
                {"name": "x", "team_id": self.team.id},
            ]
        )
        self.assertEqual(made.mapped("priority"), ["3", "1", "0"])
        form = Form(Ticket)
        form.name, form.type_id = "x", self.damaged
        self.assertEqual(form.priority, "3")

    def test_types_of_a_private_team_are_for_those_who_see_it(self):
        for user, sees in ((self.manager, True), (self.agent, False), (self.employee, False)):
            found = self.call(user, "helpdesk_lite.type", "search_read", [("id", "=", self.secret.id)], ["name"])
            self.assertEqual(bool(found), sees)
        with self.assertRaises(AccessError):
            self.call(self.customer_user, "helpdesk_lite.type", "search_read", [], ["name"])
        with self.assertRaises(AccessError):
            self.call(
                self.agent,
                "helpdesk_lite.ticket",
                "create",
                [{"name": "x", "team_id": self.team.id, "type_id": self.secret.id}],
            )
        self.make_ticket("private", type_id=self.secret.id).message_subscribe(self.employee.partner_id.ids)
        self.assertTrue(self.secret.with_user(self.employee).has_access("read"), "who is invited to a ticket reads its type")
        with self.assertRaises(AccessError):
            self.call(self.agent, "helpdesk_lite.type", "write", self.damaged.ids, {"name": "x"})
