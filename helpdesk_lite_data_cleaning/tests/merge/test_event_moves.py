from datetime import datetime
from unittest import SkipTest

from odoo.addons.helpdesk_lite.models.time.ticket_events import COLUMNS
from odoo.addons.helpdesk_lite.tools.event_log import replay
from odoo.tests import freeze_time, new_test_user, tagged

from ..common import MergeCase

# What becomes of the events of a ticket, and of who waits since when; the same table is in docs/guide.rst.
# verb: (kinds of the ticket's own log afterwards, hour since which its customer waits, the same of the other ticket)
# Before, the ticket has: created, customer at 8, agent at 9, customer at 10; the other one: created, customer at 11.
BEFORE = ["created", "customer", "agent", "customer"]
TABLE = {
    "absorbed": (["created", "merged"], None, 10),
    "absorbed, undone": (["created", "merged", "unmerged", *BEFORE[1:]], 10, 11),
    "joined": ([*BEFORE, "merged"], 10, 11),
    "joined, undone": ([*BEFORE, "merged", "unmerged"], 10, 11),
    "converted": ([*BEFORE, "paused"], 10, 11),
    "converted, undone": ([*BEFORE, "paused", "resumed"], 10, 11),
    "moved to another team": ([*BEFORE, "team"], 10, 11),
}


@tagged("post_install", "-at_install")
class TestEventMoves(MergeCase):
    """Merge, join, conversion, undo and a change of team: what happens to the log and to who waits for whom."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.boss = new_test_user(cls.env, "hl_boss", "helpdesk_lite.group_manager", email="boss@test.example")
        cls.other_customer = new_test_user(cls.env, "hl_other", "base.group_portal", email="other@test.example")

    def say(self, ticket, user, hour):
        with freeze_time(datetime(2026, 3, 2, hour)):
            ticket.with_user(user).message_post(body="Text", message_type="comment", subtype_xmlid="mail.mt_comment")

    def make(self, joined=False):
        """:return: a ticket, and the one with which it is merged"""
        user = self.other_customer if joined else self.customer_user
        master = self.make_ticket(partner_id=self.customer.id)
        ticket = self.make_ticket(partner_id=user.partner_id.id)
        self.say(ticket, user, 8)
        self.say(ticket, self.agent, 9)
        self.say(ticket, user, 10)
        self.say(master, self.customer_user, 11)
        return ticket, master

    def logged(self, ticket):
        return self.env["helpdesk_lite.event"].search([("ticket_id", "=", ticket.id)], order="id")

    def check(self, case, ticket, master):
        self.env.flush_all()
        self.env.invalidate_all()
        kinds, own, others = TABLE[case]
        at = [(value and datetime(2026, 3, 2, value)) or False for value in (own, others)]
        self.assertEqual(sorted(self.logged(ticket).mapped("kind")), sorted(kinds))
        self.assertEqual([ticket.waiting_since, master.waiting_since], at)
        for each in ticket | master:
            log = replay(self.logged(each).mapped(lambda event: (event.kind, event.date)))
            self.assertEqual([each[name] or None for name in COLUMNS], [getattr(log, name) or None for name in COLUMNS])

    def test_merges(self):
        for joined in (False, True):
            name = "joined" if joined else "absorbed"
            with self.subTest(name):
                ticket, master = self.make(joined)
                self.merge(master | ticket, master, user=self.boss)
                self.assertEqual(ticket.sudo().merge_kind, name)
                self.check(name, ticket, master)
                self.assertEqual(master.response_count, 0 if joined else 1)
                master.with_user(self.boss).action_undo_merge()
                self.check(f"{name}, undone", ticket, master)

    def test_what_was_answered_in_the_master_goes_back_with_its_message(self):
        ticket, master = self.make()
        self.merge(master | ticket, master, user=self.boss)
        self.say(master, self.agent, 12)
        self.assertFalse(master.waiting_since, "the one answer is for both")
        master.with_user(self.boss).action_undo_merge()
        self.env.invalidate_all()
        self.assertEqual(ticket.waiting_since, datetime(2026, 3, 2, 10), "nobody answered on this ticket")
        self.assertFalse(master.waiting_since)
        self.assertEqual(master.response_count, 1)

    def test_a_change_of_team(self):
        ticket, master = self.make()
        ticket.with_user(self.boss).team_id = self.teams["company"]
        self.check("moved to another team", ticket, master)

    def test_conversion(self):
        if "crm.lead" not in self.env:
            raise SkipTest("without CRM there is no conversion")
        self.boss.group_ids += self.env.ref("sales_team.group_sale_manager")
        ticket, master = self.make()
        wizard = self.env["helpdesk_lite_crm.convert"].with_user(self.boss).with_context(default_ticket_ids=ticket.ids)
        wizard.create({"partner_action": "none"}).action_convert()
        self.check("converted", ticket, master)
        ticket.with_user(self.boss).action_undo_convert()
        self.check("converted, undone", ticket, master)

    def test_a_master_stays_open_while_the_customer_of_a_joined_ticket_waits(self):
        self.team.write({"auto_close": True, "auto_close_days": 1, "auto_close_warn_days": 0, "auto_close_spread_days": 0})
        ticket, master = self.make(joined=True)
        self.merge(master | ticket, master, user=self.boss)
        self.say(master, self.agent, 12)
        Ticket = self.env["helpdesk_lite.ticket"]
        with freeze_time(datetime(2026, 3, 9)):
            self.assertFalse(master.auto_close_date)
            self.assertNotIn(master, Ticket._take_batch(Ticket._get_due_condition(self.team), 0))
        self.say(ticket, self.agent, 13)
        self.env.invalidate_all()
        with freeze_time(datetime(2026, 3, 9)):
            self.assertTrue(master.auto_close_date)
            self.assertIn(master, Ticket._take_batch(Ticket._get_due_condition(self.team), 0))

    def test_the_customer_of_a_joined_ticket_makes_no_ticket_of_another_customer(self):
        self.team.reopen_policy = "never"
        ticket, master = self.make(joined=True)
        self.merge(master | ticket, master, user=self.boss)
        master.with_user(self.boss).action_close()
        before = self.env["helpdesk_lite.ticket"].search_count([])
        self.say(ticket, self.other_customer, 15)
        self.assertEqual(self.env["helpdesk_lite.ticket"].search_count([]), before)
        self.assertFalse(master.is_closed)
        self.assertTrue(ticket.waiting_since)

    def test_the_customer_of_a_joined_ticket_that_was_closed_waits(self):
        ticket, master = self.make(joined=True)
        ticket.with_user(self.boss).action_close()
        self.merge(master | ticket, master, user=self.boss)
        master.with_user(self.boss).action_close()
        self.say(ticket, self.other_customer, 15)
        self.assertFalse(master.is_closed)
        self.assertEqual(ticket.waiting_since, datetime(2026, 3, 2, 15))
