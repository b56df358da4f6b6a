from odoo.tests import tagged

from ..test_tours_spanish import SpanishTours


@tagged("post_install", "-at_install")
class TestQueueTour(SpanishTours):
    """An agent works through their list: what is new, what is put aside, and what comes next."""

    def test_queue(self):
        self.agent.helpdesk_lite_next_when_done = True
        lamp, chair, desk = (
            self.make_ticket(name=name, partner_id=self.customer.id, user_id=self.agent.id, priority=priority)
            for name, priority in (("Queue lamp", "3"), ("Queue chair", "2"), ("Queue desk", "1"))
        )
        for ticket in (lamp, chair):
            ticket.with_user(self.customer_user).message_post(
                body="It flickers again", message_type="comment", subtype_xmlid="mail.mt_comment"
            )
        self.start_tour("/odoo", "helpdesk_lite_queue", login="hl_agent")
        self.assertEqual([ticket.is_closed for ticket in (lamp, chair, desk)], [True, True, False])
        self.assertTrue(desk.snooze_until)
