import contextlib

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import ConvertCase


@tagged("post_install", "-at_install")
class TestUndo(ConvertCase):
    """Undoing a conversion, without deleting anything."""

    def test_from_the_ticket_by_the_agent(self):
        ticket = self.make_request()
        messages, files = len(ticket.message_ids), self.files(ticket)
        lead = self.convert(ticket)
        ticket.with_user(self.agent).action_undo_convert()
        self.assertTrue(ticket.active)
        self.assertFalse(lead.active)
        self.assertEqual(lead.won_status, "pending", "taken back is not lost")
        self.assertFalse(ticket.converted_lead_id or ticket.lead_ids or ticket.is_converted)
        self.assertEqual(self.files(ticket), files)
        self.assertEqual(len(self.files(lead)), 3)
        self.assertEqual(len(ticket.message_ids), messages + 2, "the conversion and its end are logged")
        for record, other in ((ticket, lead), (lead, ticket)):
            said = "".join(record.message_ids.mapped("body"))
            self.assertIn("was undone", said)
            self.assertIn(f'data-oe-id="{other.id}"', said)

    def test_from_the_opportunity_by_a_salesperson_who_does_not_see_the_ticket(self):
        ticket = self.make_request("private")
        lead = self.convert(ticket, user_id=self.salesperson.id)
        mine = lead.with_user(self.salesperson)
        self.assertTrue(mine.is_ticket_restorable)
        mine.action_undo_convert()
        self.assertTrue(ticket.active)
        self.assertFalse(lead.active)

    def test_closed_ticket_comes_back_open(self):
        ticket = self.make_request()
        ticket.action_close()
        self.convert(ticket)
        ticket.with_user(self.agent).action_undo_convert()
        self.assertFalse(ticket.is_closed)

    def test_converted_again(self):
        ticket = self.make_request()
        first = self.convert(ticket)
        ticket.with_user(self.agent).action_undo_convert()
        second = self.convert(ticket)
        self.assertNotEqual(second, first)
        self.assertEqual(second.ticket_id, ticket)
        self.assertFalse(first.ticket_id)

    def test_not_when_sales_has_worked_on_it(self):
        won = self.convert(self.make_request())
        won.action_set_won()
        lost = self.convert(self.make_request())
        lost.action_set_lost()
        moved = self.convert(self.make_request())
        moved.stage_id = self.env["crm.stage"].search([("is_won", "=", False), ("id", "!=", moved.stage_id.id)], limit=1)
        for lead in won + lost + moved:
            ticket = lead.ticket_id
            self.assertFalse(lead.is_ticket_restorable)
            with self.assertRaisesRegex(UserError, "worked on"):
                ticket.with_user(self.agent).action_undo_convert()
            with self.assertRaisesRegex(UserError, "worked on"):
                lead.with_user(self.both).action_undo_convert()
            self.assertEqual(ticket.converted_lead_id, lead)

    def test_linked_opportunity_is_left_as_it_is(self):
        there = self.env["crm.lead"].create({"name": "Chairs", "type": "opportunity", "user_id": self.both.id})
        ticket = self.make_request()
        self.convert(ticket, self.both, lead_id=there.id)
        there.stage_id = self.env["crm.stage"].search([("is_won", "=", False)], order="sequence desc", limit=1)
        ticket.with_user(self.agent).action_undo_convert()
        self.assertTrue(ticket.active and there.active)
        self.assertFalse(there.handed_over_ticket_ids)

    def test_nobody_clears_the_link_that_restoring_relies_on(self):
        """A lead that does not know its ticket would stay active: for the restored ticket, it would have been there before."""
        ticket = self.make_request()
        lead = self.convert(ticket, user_id=self.salesperson.id)
        for user in (self.salesperson, self.sales_manager, self.both):
            for model, record, values in (
                ("crm.lead", lead, {"ticket_id": False}),
                ("helpdesk_lite.ticket", ticket, {"lead_ids": [(3, lead.id)]}),
                ("helpdesk_lite.ticket", ticket, {"lead_ids": [(5,)]}),
                ("helpdesk_lite.ticket", ticket, {"lead_ids": [(6, 0, [])]}),
                ("crm.lead", lead, {"handed_over_ticket_ids": [(3, ticket.id)]}),
                ("crm.lead", lead, {"handed_over_ticket_ids": [(5,)]}),
            ):
                for method, arguments in (("write", [values]), ("web_save", [values, {}])):
                    with self.subTest(user=user.login, values=values, method=method), self.cr.savepoint() as savepoint:
                        with contextlib.suppress(AccessError, UserError):
                            self.call(user, model, method, record.ids, *arguments)
                        self.env.invalidate_all()
                        self.assertEqual((lead.ticket_id, ticket.converted_lead_id), (ticket, lead))
                        savepoint.rollback()
        self.call(self.salesperson, "crm.lead", "action_undo_convert", lead.ids)
        self.assertEqual((lead.active, ticket.active), (False, True))

    def test_a_lead_that_lost_its_ticket_is_set_aside_all_the_same(self):
        """Other addons' code, an import or a script may clear the link as superuser."""
        ticket = self.make_request()
        lead = self.convert(ticket)
        lead.ticket_id = False
        ticket.with_user(self.agent).action_undo_convert()
        self.assertTrue(ticket.active)
        self.assertFalse(lead.active)

    def test_restoring_assigns_nobody(self):
        """A ticket that was nobody's comes back as it was, where its team assigns tickets, and on hold if it waited."""
        for waiting in (False, True):
            with self.subTest(waiting=waiting):
                ticket = self.make_request()
                self.convert(ticket)
                self.team.write({"auto_assignment": True, "member_ids": [(6, 0, self.agent.ids)]})
                ticket.sudo().assignment_waiting = waiting
                ticket.with_user(self.agent).action_undo_convert()
                self.assertEqual((ticket.active, ticket.user_id.id, ticket.assignment_waiting), (True, False, waiting))
                self.team.auto_assignment = False
        self.team.auto_assignment = True
        closed = self.make_ticket(active=False, user_id=False)
        closed.with_user(self.agent).action_unarchive()
        self.assertEqual(closed.user_id, self.agent, "who opens one again lets the team assign it")

    def test_who_may_not(self):
        ticket = self.make_request()
        lead = self.convert(ticket, user_id=self.salesperson.id)
        for user in (self.employee, self.customer_user, self.salesperson):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                ticket.with_user(user).action_undo_convert()
        for user in (self.employee, self.customer_user, self.agent, self.other_salesperson):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                lead.with_user(user).action_undo_convert()
        self.assertFalse(ticket.active)

    def test_not_converted(self):
        with self.assertRaisesRegex(UserError, "not converted"):
            self.make_ticket().with_user(self.agent).action_undo_convert()
        with self.assertRaisesRegex(UserError, "not created from"):
            self.env["crm.lead"].create({"name": "x"}).with_user(self.both).action_undo_convert()

    def test_a_deleted_lead_leaves_the_ticket_whole(self):
        ticket = self.make_request()
        self.convert(ticket).unlink()
        self.assertFalse(ticket.is_converted)
        ticket.with_user(self.agent).action_unarchive()
        self.assertTrue(self.convert(ticket))
