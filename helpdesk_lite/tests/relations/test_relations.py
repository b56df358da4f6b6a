from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged

from ..common import HelpdeskCase

BULK, RELATE, RELATION, TICKET = (
    "helpdesk_lite.bulk.reply",
    "helpdesk_lite.relate",
    "helpdesk_lite.relation",
    "helpdesk_lite.ticket",
)


@tagged("post_install", "-at_install")
class TestRelations(HelpdeskCase):
    """Which tickets have to do with each other, for those who can read both, and for nobody else."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # follows the private team, as an invited agent does
        cls.insider = new_test_user(cls.env, "hl_insider", "helpdesk_lite.group_user", email="insider@test.example")
        cls.teams["private"].message_subscribe(cls.insider.partner_id.ids)
        cls.closed = cls.team.stage_ids.filtered("fold")[:1]

    def relate(self, ticket, role, others, user=None):
        """Relate tickets as an agent does, with the button and the dialog."""
        user = user or self.agent
        action = self.call(user, TICKET, "action_relate", ticket.ids)
        values = {"ticket_id": action["context"]["default_ticket_id"], "role": role, "other_ids": [(6, 0, others.ids)]}
        dialog_id = self.call(user, RELATE, "create", [values])[0]
        self.call(user, RELATE, "action_relate", [dialog_id])

    def look(self, ticket, user=None):
        """What the form shows somebody: numbers of tickets by role, and the progress."""
        seen = self.call(user or self.agent, TICKET, "get_related_tickets", ticket.id)
        groups = {group["role"]: [item["number"] for item in group["tickets"]] for group in seen["groups"]}
        return groups, (seen["done"], seen["parts"])

    def test_each_side_shows_the_other(self):
        one, two, three = (self.make_ticket() for _i in range(3))
        for role, mirror in (("related", "related"), ("part", "whole"), ("whole", "part"), ("former", "follow_up")):
            with self.subTest(role):
                self.env[RELATION].search([]).unlink()
                self.relate(one, role, two)
                self.assertEqual(self.look(one)[0], {role: [two.number]})
                self.assertEqual(self.look(two)[0], {mirror: [one.number]})
                self.assertEqual(self.look(three)[0], {})

    def test_relating_twice_changes_nothing(self):
        one, two = self.make_ticket(), self.make_ticket()
        for ticket, other in ((one, two), (one, two), (two, one)):
            self.relate(ticket, "related", other)
        self.assertEqual(len(self.env[RELATION].search([("ticket_id", "in", (one | two).ids)])), 1)

    def test_progress_counts_parts_that_are_closed(self):
        whole, parts = self.make_ticket(), self.env[TICKET].union(*(self.make_ticket() for _i in range(3)))
        self.relate(whole, "part", parts)
        self.assertEqual(self.look(whole)[1], (0, 3))
        parts[0].stage_id = self.closed
        self.assertEqual(self.look(whole)[1], (1, 3))

    def test_a_hidden_ticket_is_neither_shown_nor_counted(self):
        whole, seen, hidden = self.make_ticket(), self.make_ticket(), self.make_ticket("private", name="Secret")
        self.relate(whole, "part", seen | hidden, self.insider)
        self.assertEqual(self.look(whole, self.insider)[1], (0, 2))
        self.assertEqual(self.look(whole)[0], {"part": [seen.number]})
        self.assertEqual(self.look(whole)[1], (0, 1))
        domain = ["|", ("ticket_id", "=", hidden.id), ("other_id", "=", whole.id)]
        self.assertEqual(self.call(self.insider, RELATION, "search_count", domain), 2)
        self.assertEqual(self.call(self.agent, RELATION, "search_count", domain), 1)
        relation = self.env[RELATION].search([("ticket_id", "=", hidden.id)])
        for method, args in (("read", []), ("unlink", [])):
            with self.subTest(method), self.assertRaises(AccessError):
                self.call(self.agent, RELATION, method, relation.ids, *args)
        with self.assertRaises(AccessError):
            self.call(self.agent, TICKET, "unrelate", whole.ids, relation.id)
        self.assertTrue(relation.exists())

    def test_who_follows_up_on_a_hidden_ticket(self):
        made, hidden = self.make_ticket(), self.make_ticket("private")
        self.relate(made, "former", hidden, self.insider)
        for user, shown in ((self.insider, hidden.id), (self.agent, False)):
            [values] = self.call(user, TICKET, "read", made.ids, ["follow_up_of_id"])
            self.assertEqual(values["follow_up_of_id"] and values["follow_up_of_id"][0], shown)

    def test_who_may_relate(self):
        one, two, hidden = self.make_ticket(), self.make_ticket(), self.make_ticket("private")
        values = {"ticket_id": one.id, "kind": "relates", "other_id": two.id}
        for user in (self.employee, self.customer_user):
            with self.subTest(user.login):
                with self.assertRaises(AccessError):
                    self.call(user, RELATION, "create", [values])
                with self.assertRaises(AccessError):
                    self.relate(one, "related", two, user)
        for pair in ({"other_id": hidden.id}, {"ticket_id": hidden.id}):
            with self.subTest(pair), self.assertRaises(AccessError):
                self.call(self.agent, RELATION, "create", [{**values, **pair}])
        with self.assertRaises(AccessError):
            self.relate(one, "related", hidden)
        [relation_id] = self.call(self.agent, RELATION, "create", [values])
        with self.assertRaises(AccessError):
            self.call(self.agent, RELATION, "write", [relation_id], {"kind": "part"})
        self.assertEqual(self.look(one, self.employee)[0], {"related": [two.number]}, "an employee reads both")
        with self.assertRaises(AccessError):
            self.call(self.employee, TICKET, "unrelate", one.ids, relation_id)
        one.message_subscribe(self.customer.ids)
        with self.assertRaises(AccessError):
            self.call(self.customer_user, TICKET, "get_related_tickets", one.id)
        self.call(self.agent, TICKET, "unrelate", one.ids, relation_id)
        self.call(self.agent, TICKET, "unrelate", one.ids, relation_id)
        self.assertEqual(self.look(one)[0], {})

    def test_a_relation_of_other_tickets_is_not_removed_by_mistake(self):
        one, two, three = (self.make_ticket() for _i in range(3))
        self.relate(one, "related", two)
        relation = self.env[RELATION].search([("ticket_id", "=", one.id)])
        with self.assertRaises(AccessError):
            self.call(self.agent, TICKET, "unrelate", three.ids, relation.id)
        self.assertTrue(relation.exists())

    def test_what_is_no_id_removes_nothing(self):
        one, two = self.make_ticket(), self.make_ticket()
        relation = one.with_user(self.agent)._relate("relates", two)
        for value in ("x", 2**40, -1, True, None, [relation.id]):
            with self.subTest(value=value):
                self.assertTrue(self.call(self.agent, TICKET, "unrelate", one.ids, value))
        self.assertTrue(relation.exists())

    def test_no_circle(self):
        one, two, three = (self.make_ticket() for _i in range(3))
        for role in ("whole", "former"):
            with self.subTest(role):
                self.env[RELATION].search([]).unlink()
                for ticket, other in ((one, one), (two, one), (three, two)):
                    if ticket == other:
                        with self.assertRaises(ValidationError):
                            self.relate(ticket, role, other)
                        continue
                    self.relate(ticket, role, other)
                with self.assertRaises(ValidationError):
                    self.relate(one, role, two)
                with self.assertRaises(ValidationError):
                    self.relate(one, role, three)
                self.assertEqual(len(self.env[RELATION].search([("ticket_id", "in", (one | two | three).ids)])), 2)
        # in which no side comes first
        self.relate(one, "related", two)
        self.relate(two, "related", three)
        self.relate(three, "related", one)

    def test_a_dialog_without_tickets(self):
        with self.assertRaises(UserError):
            self.relate(self.make_ticket(), "related", self.env[TICKET])

    def test_answer_and_close_all_parts(self):
        whole = self.make_ticket(name="Mail is down")
        parts = self.env[TICKET].union(*(self.make_ticket(partner_id=self.customer.id) for _i in range(2)))
        done = self.make_ticket(partner_id=self.customer.id)
        hidden = self.make_ticket("private", partner_id=self.customer.id)
        self.relate(whole, "part", parts | done | hidden, self.insider)
        done.stage_id = self.closed
        self.assertTrue(self.call(self.agent, TICKET, "get_related_tickets", whole.id)["can_close"])
        action = self.call(self.agent, TICKET, "action_answer_parts", whole.ids)
        bulk = self.env[BULK].browse(action["res_id"])
        self.assertEqual(bulk.line_ids.ticket_id, parts)
        self.call(self.agent, BULK, "write", bulk.ids, {"body": "<p>Mail works again.</p>"})
        self.call(self.agent, BULK, "action_send", bulk.ids)
        self.env.invalidate_all()
        self.assertTrue(all(parts.mapped("is_closed")))
        self.assertFalse(hidden.is_closed or whole.is_closed)
        for part in parts:
            self.assertIn("Mail works again.", str(part.message_ids.mapped("body")))
        for untouched in (done, hidden, whole):
            self.assertNotIn("Mail works again.", str(untouched.message_ids.mapped("body")))
        self.assertEqual(self.look(whole)[1], (3, 3))
        self.assertFalse(self.call(self.agent, TICKET, "get_related_tickets", whole.id)["can_close"])
        with self.assertRaises(UserError):
            self.call(self.agent, TICKET, "action_answer_parts", whole.ids)
        with self.assertRaises(AccessError):
            self.call(self.employee, TICKET, "action_answer_parts", whole.ids)
