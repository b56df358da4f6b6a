from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from ..time.test_events import EventCase


@tagged("post_install", "-at_install")
class TestAfterClosing(EventCase):
    """What the customer of a closed ticket causes when they write."""

    def close(self, ticket, days_ago=0):
        ticket.with_user(self.agent).stage_id = self.closed
        ticket.sudo().close_date = fields.Datetime.now() - timedelta(days=days_ago)
        self.env.flush_all()

    def test_thanks_reopen_nothing_if_the_team_says_so(self):
        for ignore, text, closed in (
            (False, "Thank you very much!", False),
            (True, "Thank you very much!", True),
            (True, "¡Muchas gracias!", True),
            (True, "Thanks, but it does not work.", False),
        ):
            with self.subTest(text, ignore=ignore):
                self.team.ignore_thanks = ignore
                ticket = self.make_ticket(partner_id=self.customer.id)
                self.close(ticket)
                self.say(ticket, self.customer_user, body=text)
                self.assertEqual(ticket.is_closed, closed)
                self.assertEqual(self.kinds(ticket)[-1], "remark" if closed else "customer")
                self.assertEqual(bool(ticket.waiting_since), not closed)
                self.assertEqual("said thank you" in str(ticket.message_ids.mapped("body")), closed)
        self.team.ignore_thanks = True
        self.close(ticket)
        ticket.with_user(self.agent).action_reopen()
        self.assertFalse(ticket.is_closed)

    def test_an_answer_after_some_days_is_a_new_ticket(self):
        for policy, days_ago, reopened in (
            ("always", 400, True),
            ("within", 29, True),
            ("within", 31, False),
            ("never", 0, False),
        ):
            for door in ("portal", "mail"):
                with self.subTest(policy, days_ago=days_ago, door=door):
                    self.team.write({"reopen_policy": policy, "reopen_days": 30})
                    ticket = self.make_ticket(partner_id=self.customer.id)
                    self.say(ticket, self.agent, partner_ids=self.customer.ids)
                    answered = ticket.message_ids[0]
                    self.close(ticket, days_ago)
                    before = self.Ticket.search([])
                    if door == "portal":
                        self.say(ticket, self.customer_user, body="And one more thing")
                    else:
                        self.receive(
                            sender=self.customer.email,
                            subject="Re: A question",
                            message_id=f"<{policy}{days_ago}@quill.example>",
                            answers=answered,
                        )
                    made = self.Ticket.search([]) - before
                    self.assertEqual(ticket.is_closed, not reopened)
                    self.assertEqual(len(made), 0 if reopened else 1)
                    if made:
                        self.assertEqual(made.follow_up_of_id, ticket)
                        self.assertEqual((made.team_id, made.partner_id), (self.team, self.customer))
                        self.assertTrue(made.waiting_since)
                        self.assertFalse(ticket.waiting_since)
                        self.assertIn(made.number, str(ticket.message_ids.mapped("body")))

    def test_who_cannot_see_the_closed_ticket_does_not_learn_of_it(self):
        self.teams["private"].write({"reopen_policy": "never"})
        ticket = self.make_ticket("private", partner_id=self.customer.id, name="Secret")
        ticket.with_user(self.manager).stage_id = self.closed
        ticket._make_follow_up(ticket.message_post(body="More", author_id=self.customer.id, message_type="comment"))
        made = self.env["helpdesk_lite.relation"].search([("other_id", "=", ticket.id), ("kind", "=", "follow_up")]).ticket_id
        made.message_subscribe(self.employee.partner_id.ids)
        [values] = self.call(self.employee, "helpdesk_lite.ticket", "read", made.ids, ["follow_up_of_id"])
        self.assertFalse(values["follow_up_of_id"])
