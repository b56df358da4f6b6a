from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from ..common import HelpdeskCase

HERE = [
    {"name": "floor", "string": "Floor", "type": "char"},
    {"name": "kind", "string": "Kind", "type": "selection", "selection": [["a", "Lamp"], ["b", "Chair"]]},
    {"name": "labels", "string": "Labels", "type": "tags", "tags": [["x", "Old", 1], ["y", "Loud", 2]]},
    {"name": "who", "string": "Caretaker", "type": "many2one", "comodel": "res.partner"},
    {"name": "story_html", "string": "Story", "type": "html"},
    {"name": "only", "string": "Only here", "type": "integer"},
]
# the same questions under other keys, one with fewer answers, and one of another type
THERE = [
    {"name": "f", "string": " floor", "type": "char"},
    {"name": "k", "string": "Kind", "type": "selection", "selection": [["1", "chair"], ["2", "lamp"]]},
    {"name": "l", "string": "Labels", "type": "tags", "tags": [["1", "Loud", 3]]},
    {"name": "w", "string": "Caretaker", "type": "many2one", "comodel": "res.partner"},
    {"name": "o", "string": "Only here", "type": "char"},
]


@tagged("post_install", "-at_install")
class TestCompanyMove(HelpdeskCase):
    """A ticket that moves to a team of another company keeps its number and what its properties say."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.there = cls.env["res.company"].create({"name": "There"})
        both = [Command.set((cls.env.company | cls.there).ids)]
        cls.mover = new_test_user(cls.env, "hl_mover", "helpdesk_lite.group_user", email="mover@test.example", company_ids=both)
        cls.both = new_test_user(cls.env, "hl_both", "helpdesk_lite.group_user", email="both@test.example", company_ids=both)
        cls.other = cls.env["helpdesk_lite.team"].create(
            {"name": "There", "company_id": cls.there.id, "ticket_properties_definition": THERE}
        )
        cls.team.ticket_properties_definition = HERE

    def move(self, ticket):
        context = {"allowed_company_ids": [self.env.company.id, self.there.id]}
        self.call(self.mover, ticket._name, "write", ticket.ids, {"team_id": self.other.id}, context=context)
        self.env.flush_all()
        self.env.cr.precommit.run()

    def test_assignee_without_access_is_cleared_and_the_others_stay(self):
        tickets = self.make_ticket(user_id=self.agent.id) | self.make_ticket(user_id=self.both.id) | self.make_ticket()
        closed = self.make_ticket(user_id=self.agent.id, stage_id=self.env.ref("helpdesk_lite.stage_solved").id)
        numbers = (tickets | closed).mapped("number")
        self.move(tickets | closed)
        self.assertEqual((tickets | closed).company_id, self.there)
        self.assertEqual([ticket.user_id for ticket in tickets], [self.env["res.users"], self.both, self.env["res.users"]])
        self.assertFalse(closed.user_id)
        self.assertEqual((tickets | closed).mapped("number"), numbers)
        self.assertFalse(tickets.with_user(self.agent)._filtered_access("read"))

    def test_new_team_assigns_by_its_method(self):
        self.other.write({"auto_assignment": True, "member_ids": self.both.ids})
        ticket = self.make_ticket(user_id=self.agent.id)
        self.move(ticket)
        self.assertEqual(ticket.user_id, self.both)

    def test_followers_who_cannot_see_the_other_company_are_left_behind(self):
        ticket = self.make_ticket(partner_id=self.customer.id)
        ticket.message_subscribe((self.employee | self.both).partner_id.ids)
        self.move(ticket)
        self.assertNotIn(self.employee.partner_id, ticket.message_partner_ids)
        self.assertLessEqual(self.both.partner_id | self.customer, ticket.message_partner_ids)

    def test_assignee_who_is_chosen_without_access_is_refused(self):
        ticket = self.make_ticket()
        with self.assertRaises(UserError):
            self.call(
                self.mover,
                ticket._name,
                "write",
                ticket.ids,
                {"team_id": self.other.id, "user_id": self.agent.id},
                context={"allowed_company_ids": [self.env.company.id, self.there.id]},
            )

    def test_what_properties_said_is_taken_over_or_logged(self):
        said = {
            "floor": "seventh",
            "kind": "a",
            "labels": ["x", "y"],
            "who": self.employee.partner_id.id,
            "story_html": "<p>It fell</p>",
            "only": 42,
        }
        ticket = self.make_ticket(properties=said)
        self.env.flush_all()
        self.env.cr.precommit.run()
        self.move(ticket)
        self.env.invalidate_all()
        says = {value["string"].strip(): value.get("value") for value in ticket.read(["properties"])[0]["properties"]}
        self.assertEqual(says["floor"], "seventh")
        self.assertEqual(says["Kind"], "2")
        self.assertEqual(says["Caretaker"][0], self.employee.partner_id.id)
        self.assertFalse(says["Labels"], "one of the labels is not known there")
        self.assertFalse(says["Only here"])
        logged = " ".join(
            f"{value.old_value_char} {value.old_value_integer}" for value in ticket.message_ids.sudo().tracking_value_ids
        )
        for word in ("42", "Loud", "Old"):
            self.assertIn(word, logged)
        notes = ticket.message_ids.filtered(lambda message: "It fell" in message.body)
        self.assertEqual(len(notes), 1)
        self.assertTrue(notes.subtype_id.internal)
