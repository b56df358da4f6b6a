from odoo.exceptions import AccessError, RedirectWarning, UserError, ValidationError
from odoo.tests import tagged

from ..time.test_events import EventCase


@tagged("post_install", "-at_install")
class TestStageNeeds(EventCase):
    """What a stage needs is asked of people, and found where nobody could be asked."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.type = cls.env["helpdesk_lite.type"].create({"name": "Delivery"})
        cls.reason = cls.env["helpdesk_lite.close.reason"].create({"name": "No Answer", "require_note": True})
        cls.closed.write({"require_type": True, "require_close_reason": True})

    def move(self, ticket, user=None, **values):
        ticket.with_user(user or self.agent).write({"stage_id": self.closed.id, **values})

    def test_people_are_asked_and_the_dialog_fills_in(self):
        ticket = self.make_ticket()
        with self.assertRaises(RedirectWarning) as asked:
            self.move(ticket)
        message, action, _button, _context = asked.exception.args
        self.assertEqual(message, "The stage “Solved” needs a type, a close reason.")
        self.env.invalidate_all()
        Move = self.env[action["res_model"]].with_user(self.agent).with_context(**action["context"])
        move = Move.create({"type_id": self.type.id, "close_reason_id": self.reason.id})
        self.assertTrue(move.needs_type and move.needs_close_reason)
        self.assertFalse(move.needs_user or move.needs_tags)
        with self.assertRaises(UserError):
            move.action_move()
        move.note = "They never wrote back."
        move.action_move()
        self.assertEqual((ticket.stage_id, ticket.type_id, ticket.close_reason_id), (self.closed, self.type, self.reason))
        self.assertIn("They never wrote back.", str(ticket.message_ids.mapped("body")))

    def test_the_dialog_leaves_what_is_there(self):
        other = self.env["helpdesk_lite.type"].create({"name": "Other"})
        tickets = self.make_ticket() | self.make_ticket(type_id=other.id)
        move = (
            self.env["helpdesk_lite.stage.move"]
            .with_user(self.agent)
            .create(
                {
                    "ticket_ids": tickets.ids,
                    "stage_id": self.closed.id,
                    "type_id": self.type.id,
                    "close_reason_id": self.reason.id,
                    "note": "x",
                }
            )
        )
        move.action_move()
        self.assertEqual(tickets.mapped("type_id.name"), ["Delivery", "Other"])
        self.assertTrue(all(tickets.mapped("is_closed")))

    def test_the_dialog_gives_no_right(self):
        hidden = self.make_ticket("private")
        with self.assertRaises(AccessError):
            self.call(
                self.agent,
                "helpdesk_lite.stage.move",
                "create",
                [{"ticket_ids": [(6, 0, hidden.ids)], "stage_id": self.closed.id}],
            )
        with self.assertRaises(AccessError):
            self.call(self.employee, "helpdesk_lite.stage.move", "create", [{}])

    def test_what_is_given_with_the_stage_suffices(self):
        ticket = self.make_ticket()
        self.move(ticket, type_id=self.type.id, close_reason_id=self.reason.id)
        self.assertTrue(ticket.is_closed)
        with self.assertRaises(RedirectWarning):
            ticket.with_user(self.agent).type_id = False
        ticket.with_user(self.agent).name = "Other words"
        ticket.with_user(self.agent).stage_id = self.open
        self.assertFalse(ticket.close_reason_id, "an open ticket has no close reason")

    def test_customers_mails_and_imports_are_not_asked_but_found(self):
        self.team.allow_portal_close = True
        ticket = self.make_ticket(partner_id=self.customer.id)
        # sudo: as the portal's route does
        ticket.with_user(self.customer_user).sudo().stage_id = self.closed
        imported = (
            self.Ticket.with_user(self.manager)
            .with_context(import_file=True)
            .create({"name": "Old", "team_id": self.team.id, "stage_id": self.closed.id})
        )
        complete = self.make_ticket(stage_id=self.closed.id, type_id=self.type.id, close_reason_id=self.reason.id)
        found = self.Ticket.with_user(self.agent).search([("missing_needs", "!=", False)])
        self.assertEqual(found & (ticket | imported | complete), ticket | imported)
        self.assertNotIn(ticket, self.Ticket.with_user(self.agent).search([("missing_needs", "=", False)]))
        self.assertEqual(ticket.with_user(self.agent).missing_needs, "a type, a close reason")
        ticket.with_user(self.agent).type_id = self.type
        self.assertEqual(ticket.missing_needs, "a close reason")

    def test_a_new_ticket_in_a_later_stage_has_what_it_needs(self):
        # a dialog about tickets that are not there would fail
        with self.assertRaisesRegex(UserError, "The stage “Solved” needs a type, a close reason."):
            self.Ticket.with_user(self.agent).create({"name": "x", "team_id": self.team.id, "stage_id": self.closed.id})
        self.open.require_type = True
        self.assertTrue(self.Ticket.with_user(self.agent).create({"name": "x", "team_id": self.team.id}))

    def test_properties(self):
        self.team.ticket_properties_definition = [{"name": "serial", "type": "char", "string": "Serial"}]
        self.other.require_properties = True
        ticket = self.make_ticket()
        with self.assertRaises(RedirectWarning):
            ticket.with_user(self.agent).stage_id = self.other
        ticket.with_user(self.agent).write({"properties": {"serial": "4711"}})
        ticket.with_user(self.agent).stage_id = self.other
        self.assertEqual(ticket.stage_id, self.other)

    def test_a_reason_of_another_team(self):
        self.reason.team_ids = self.teams["company"]
        with self.assertRaises(ValidationError):
            self.make_ticket(stage_id=self.closed.id, close_reason_id=self.reason.id)
