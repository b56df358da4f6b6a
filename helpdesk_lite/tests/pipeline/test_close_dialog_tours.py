from odoo.tests import tagged

from ..test_tours_spanish import SpanishTours


@tagged("post_install", "-at_install")
class TestCloseDialogTours(SpanishTours):
    """The dialog that asks why a ticket is closed, in a browser."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.solved = cls.env.ref("helpdesk_lite.stage_solved")
        cls.solved.require_close_reason = True
        cls.reason = cls.env["helpdesk_lite.close.reason"].create({"name": "Tour reason", "require_note": True})

    def check(self, tour, path):
        ticket = self.make_ticket(name="The kettle leaks")
        self.start_tour(path.format(ticket.id), tour, login="hl_agent")
        self.assertEqual((ticket.stage_id, ticket.close_reason_id), (self.solved, self.reason))
        note = ticket.message_ids.filtered(lambda message: "never wrote back" in message.body)
        self.assertEqual((note.author_id, note.subtype_id.internal), (self.agent.partner_id, True))

    def test_an_agent_closes_a_ticket_in_its_form(self):
        self.check("helpdesk_lite_close_dialog", "/odoo/helpdesk-lite-tickets/{}")

    def test_an_agent_closes_a_ticket_by_dragging_it(self):
        self.check("helpdesk_lite_close_by_dragging", "/odoo/helpdesk-lite")
