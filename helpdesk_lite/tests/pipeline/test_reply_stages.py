from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from ..time.test_events import EventCase


@tagged("post_install", "-at_install")
class TestReplyStages(EventCase):
    """The next stage when somebody writes."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.hold = cls.env.ref("helpdesk_lite.stage_on_hold")
        cls.hold.write({"is_waiting": True, "on_customer_reply_stage_id": cls.other.id})
        cls.other.on_agent_reply_stage_id = cls.hold

    def test_back_and_forth(self):
        ticket = self.make_ticket(partner_id=self.customer.id, stage_id=self.other.id)
        self.say(ticket, self.agent, "mail.mt_note")
        self.assertEqual(ticket.stage_id, self.other, "a note tells the customer nothing")
        # an employee who can answer need not be able to change tickets
        self.say(ticket, self.employee)
        self.assertEqual(ticket.stage_id, self.hold)
        self.assertTrue(ticket.is_waiting)
        self.say(ticket, self.customer_user)
        self.assertEqual(ticket.stage_id, self.other)
        self.assertEqual(self.kinds(ticket)[-4:], ["agent", "stage", "customer", "stage"])

    def test_a_stage_that_the_team_does_not_have_is_ignored(self):
        team = self.env["helpdesk_lite.team"].create({"name": "Few", "stage_ids": [Command.set((self.hold | self.closed).ids)]})
        ticket = self.make_ticket(partner_id=self.customer.id, team_id=team.id, stage_id=self.hold.id)
        self.say(ticket, self.customer_user)
        self.assertEqual(ticket.stage_id, self.hold)

    def test_the_request_itself_moves_nothing(self):
        self.open.on_customer_reply_stage_id = self.other
        ticket = self.receive()
        self.assertEqual(ticket.stage_id, self.open)
        self.receive(message_id="<2@quill.example>", subject="Re: Lamp", answers=ticket.message_ids[-1:])
        self.assertEqual(ticket.stage_id, self.other)

    def test_a_forged_answer_moves_nothing(self):
        self.open.on_agent_reply_stage_id = self.hold
        ticket = self.receive()
        mail = ticket.message_ids.filtered(lambda message: message.message_type == "email")
        self.receive(sender=self.agent.email, message_id="<forged@quill.example>", subject="Re: Lamp", answers=mail)
        self.assertEqual(ticket.stage_id, self.open)

    def test_a_closed_stage_says_where_a_ticket_is_reopened(self):
        self.closed.on_customer_reply_stage_id = self.other
        ticket = self.make_ticket(partner_id=self.customer.id, stage_id=self.closed.id)
        self.say(ticket, self.customer_user)
        self.assertEqual(ticket.stage_id, self.other)

    def test_stages_that_make_no_sense(self):
        with self.assertRaises(ValidationError):
            self.hold.on_customer_reply_stage_id = self.hold
        with self.assertRaises(ValidationError):
            self.hold.on_customer_reply_stage_id = self.closed
