from datetime import datetime

from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, tagged

from ..common import HelpdeskCase

OPEN = [("is_closed", "=", False), "|", ("snooze_until", "=", False), ("snooze_until", "<=", "now")]
NOW = "2027-03-03 10:00:00"  # a Wednesday


@tagged("post_install", "-at_install")
class TestSnooze(HelpdeskCase):
    """Tickets that are put aside: who does it, until when, and what brings them back."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ticket = cls.make_ticket(partner_id=cls.customer.id)

    def snooze(self, user, ticket, **values):
        """Press *Snooze Until…* and the button of the dialog, as the web client does."""
        action = self.call(user, ticket._name, "action_snooze", ticket.ids)
        specification = {"ticket_ids": {}, "choice": {}, "until": {}}
        Snooze = self.env["helpdesk_lite.snooze"].with_user(user).with_context(**action["context"])
        default = Snooze.onchange({}, [], specification)["value"]
        filled = {**{name: default[name] for name in ("choice", "until")}, **values}
        if "choice" in values and "until" not in values:
            filled |= Snooze.onchange({**filled, "ticket_ids": [(6, 0, ticket.ids)]}, ["choice"], specification)["value"]
        dialog = Snooze.create({"ticket_ids": [(6, 0, ticket.ids)], **filled})
        return dialog.action_snooze()

    def is_open(self):
        self.env.flush_all()
        return bool(self.env["helpdesk_lite.ticket"].with_user(self.agent).search_count([("id", "=", self.ticket.id), *OPEN]))

    def test_until_when(self):
        self.agent.tz = "America/New_York"
        Snooze = self.env["helpdesk_lite.snooze"].with_user(self.agent).with_context(tz="America/New_York")
        with freeze_time(NOW):
            moments = {choice: Snooze.new({"choice": choice}).until for choice in ("hours", "tomorrow", "monday", "week")}
        self.assertEqual(
            moments,
            {
                "hours": datetime(2027, 3, 3, 13),
                "tomorrow": datetime(2027, 3, 4, 13),
                "monday": datetime(2027, 3, 8, 13),
                "week": datetime(2027, 3, 10, 13),
            },
        )

    def test_it_comes_back_by_itself(self):
        with freeze_time(NOW):
            self.assertTrue(self.is_open())
            self.snooze(self.agent, self.ticket)
            self.assertFalse(self.is_open())
            self.assertTrue(self.ticket.is_snoozed)
        with freeze_time("2027-03-05 10:00:00"):
            self.assertTrue(self.is_open())
            self.ticket.invalidate_recordset(["is_snoozed"])
            self.assertFalse(self.ticket.is_snoozed)

    def test_it_comes_back_when_the_customer_writes(self):
        for author, comes in ((self.agent, False), (self.customer_user, True)):
            with freeze_time(NOW), self.subTest(author=author.login):
                self.snooze(self.agent, self.ticket, choice="week")
                self.ticket.with_user(author).message_post(
                    body="Well?", message_type="comment", subtype_xmlid="mail.mt_comment"
                )
                self.assertEqual(self.is_open(), comes)

    def test_it_is_woken_and_closed(self):
        with freeze_time(NOW):
            self.snooze(self.agent, self.ticket, choice="date", until="2027-04-01 10:00:00")
            self.assertEqual(self.ticket.snooze_until, datetime(2027, 4, 1, 10))
            self.call(self.agent, self.ticket._name, "action_wake", self.ticket.ids)
            self.assertTrue(self.is_open())
            self.snooze(self.agent, self.ticket)
            self.call(self.agent, self.ticket._name, "action_close", self.ticket.ids)
            self.assertFalse(self.ticket.snooze_until)
            self.call(self.agent, self.ticket._name, "action_reopen", self.ticket.ids)
            self.assertTrue(self.is_open())

    def test_closed_tickets_are_not_put_aside(self):
        closed, other = self.make_ticket(), self.make_ticket()
        with freeze_time(NOW):
            self.call(self.agent, closed._name, "action_close", closed.ids)
            with self.assertRaises(UserError), self.cr.savepoint():
                self.snooze(self.agent, closed)
            self.snooze(self.agent, closed + other)
            self.assertTrue(other.snooze_until)
            self.call(self.agent, closed._name, "write", closed.ids, {"snooze_until": "2027-04-01 10:00:00"})
            self.call(self.agent, closed._name, "action_reopen", closed.ids)
            self.assertFalse(closed.snooze_until, "who reopens a ticket sees it among the open ones")

    def test_not_into_the_past(self):
        with freeze_time(NOW):
            for until in (NOW, "2027-03-03 09:59:59"):
                with self.assertRaises(UserError), self.cr.savepoint():
                    self.snooze(self.agent, self.ticket, choice="date", until=until)
        self.assertFalse(self.ticket.snooze_until)

    def test_who_does_not(self):
        with freeze_time(NOW):
            for user in (self.employee, self.customer_user):
                with self.subTest(user=user.login):
                    with self.assertRaises(AccessError), self.cr.savepoint():
                        self.snooze(user, self.ticket)
                    with self.assertRaises(AccessError), self.cr.savepoint():
                        self.call(user, self.ticket._name, "write", self.ticket.ids, {"snooze_until": "2027-04-01 10:00:00"})
            hidden = self.make_ticket("private")
            with self.assertRaises(AccessError), self.cr.savepoint():
                self.snooze(self.agent, hidden)
            self.assertFalse(hidden.snooze_until)

    def test_several_at_once(self):
        tickets = self.ticket + self.make_ticket()
        with freeze_time(NOW):
            self.snooze(self.agent, tickets)
        self.assertTrue(all(tickets.mapped("snooze_until")))
