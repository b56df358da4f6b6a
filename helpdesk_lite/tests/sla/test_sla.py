import json
from datetime import datetime, timedelta
from unittest.mock import patch

from lxml import etree
from odoo.exceptions import AccessError, MissingError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger
from odoo.tools.safe_eval import safe_eval
from psycopg2 import IntegrityError

from ...tools.sla_clock import to_minutes
from ..common import HelpdeskCase

# Monday; the calendar works from 8 to 12 and from 13 to 17, in UTC
MONDAY = datetime(2026, 3, 2)
MAIL = """Message-ID: <{id}@test.example>
From: Zoe <customer@test.example>
To: hl-public@{domain}
Subject: {subject}
Date: {date}

{body}
"""


def at(hours, day=0):
    return MONDAY + timedelta(days=day, hours=hours)


class SlaCase(HelpdeskCase):
    """A calendar in UTC, and policies made by the administrator."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.calendar = cls.env["resource.calendar"].create(
            {
                "name": "Eight to five",
                "tz": "UTC",
                "attendance_ids": [Command.clear()]
                + [
                    Command.create(
                        {"name": "x", "dayofweek": str(day), "hour_from": first, "hour_to": last, "day_period": half}
                    )
                    for day in range(5)
                    for first, last, half in ((8, 12, "morning"), (13, 17, "afternoon"))
                ],
            }
        )
        for team in cls.teams.values():
            team.resource_calendar_id = cls.calendar
        cls.domain = cls.env["mail.alias.domain"].search([], limit=1) or cls.env["mail.alias.domain"].create(
            {"name": "desk.example"}
        )
        cls.team.alias_id.alias_domain_id = cls.domain
        cls.team.member_ids = cls.agent
        cls.to_do, cls.doing, *_more = cls.team.stage_ids.filtered(lambda stage: not stage.fold)
        cls.done = cls.team.stage_ids.filtered("fold")[:1]

    @classmethod
    def make_policy(cls, *targets, before=MONDAY - timedelta(days=30), **values):
        """Create a policy as the administrator, at a moment before the tickets."""
        targets = targets or ({"kind": "first_response", "minutes_low": 60, "minutes_medium": 60, "minutes_urgent": 30},)
        with freeze_time(before):
            policy = (
                cls.env["helpdesk_lite.sla"]
                .with_user(cls.manager)
                .create({"name": "Standard", "target_ids": [Command.create(target) for target in targets], **values})
            )
            # a test is one transaction, and the policy is older
            policy.sudo().versions = False
            cls.env.registry.clear_cache()
        return policy

    def deliver(self, moment, body="The lamp is dark", number=1, subject="Lamp"):
        """A customer's mail arrives at a moment. :return: the ticket"""
        with freeze_time(moment):
            mail = MAIL.format(
                id=f"{number}-{moment:%H%M}",
                domain=self.domain.name,
                subject=subject,
                body=body,
                date=f"{moment:%a, %d %b %Y %H:%M:%S} +0000",
            )
            ticket_id = self.env["mail.thread"].message_process("helpdesk_lite.ticket", mail)
        return self.env["helpdesk_lite.ticket"].browse(ticket_id)

    def answer(self, ticket, moment, **values):
        with freeze_time(moment):
            ticket.with_user(self.agent).message_post(
                body="We look at it", message_type="comment", subtype_xmlid="mail.mt_comment", **values
            )
            self.env.flush_all()

    def ask(self, ticket, moment):
        with freeze_time(moment):
            ticket.with_user(self.customer_user).message_post(
                body="Well?", message_type="comment", subtype_xmlid="mail.mt_comment"
            )
            self.env.flush_all()

    def move(self, ticket, moment, **values):
        with freeze_time(moment):
            ticket.with_user(self.agent).write(values)
            self.env.flush_all()

    def run_job(self, name):
        self.env.flush_all()
        with self.enter_registry_test_mode():
            self.env.ref(f"helpdesk_lite.cron_sla_{name}").method_direct_trigger()
        self.env.invalidate_all()

    def statuses(self, ticket):
        self.env.invalidate_all()
        return {(status.kind, status.round): status for status in ticket.sla_status_ids}

    def status(self, ticket, kind="first_response", number=1):
        return self.statuses(ticket)[kind, number]


@tagged("post_install", "-at_install")
class TestSla(SlaCase):
    """Promises on tickets, by the doors that people use."""

    def test_a_mail_starts_the_clock_and_an_answer_keeps_the_promise(self):
        self.make_policy()
        ticket = self.deliver(at(9))
        self.assertEqual((ticket.sla_state, ticket.sla_deadline), ("running", at(10)))
        self.answer(ticket, at(9.5), partner_ids=self.customer.ids)
        status = self.status(ticket)
        self.assertEqual((status.state, status.reached_date, status.worked_minutes), ("met", at(9.5), 30))
        self.assertEqual((ticket.sla_state, ticket.sla_deadline), ("met", False))

    def test_a_stage_that_waits_from_the_start_stops_clocks(self):
        self.make_policy({"kind": "resolution", "minutes_low": 240})
        ticket = self.deliver(at(8))
        stage = self.env["helpdesk_lite.stage"].create(
            {"name": "They look", "is_waiting": True, "team_ids": self.team.ids, "sequence": 5}
        )
        self.move(ticket, at(9), stage_id=stage.id)
        self.assertEqual((ticket.sla_state, ticket.sla_deadline), ("paused", False))
        stage.is_waiting = False
        self.move(ticket, at(10), priority="1")
        self.move(ticket, at(10), priority="0")
        self.assertEqual((ticket.sla_state, ticket.sla_deadline), ("running", at(12)))

    def test_a_customer_who_is_found_later_has_their_promises(self):
        """The tickets of an address become those of a contact without an event of each."""
        self.make_policy(partner_ids=[Command.set(self.customer.ids)])
        address = self.customer.email
        self.customer.email = False
        ticket = self.deliver(at(9))
        self.assertFalse(ticket.partner_id)
        self.assertFalse(ticket.sla_state)
        with freeze_time(at(9.25)):
            self.customer.email = address
            self.env.flush_all()
        self.assertEqual(ticket.partner_id, self.customer)
        self.assertEqual((ticket.sla_state, ticket.sla_deadline), ("running", at(10)))

    def test_nights_lunch_and_holidays_do_not_count(self):
        self.make_policy()
        # the company of a leave is the current one
        leaves = self.env["resource.calendar.leaves"]
        leaves.create({"name": "Ours", "calendar_id": False, "date_from": at(0, 1), "date_to": at(23.99, 1)})
        there = self.env["res.company"].create({"name": "Far away"})
        leaves.with_company(there).create(
            {"name": "Theirs", "calendar_id": False, "date_from": at(0, 2), "date_to": at(23.99, 2)}
        )
        deadlines = {at(6): at(9), at(11.5): at(13.5), at(16.5): at(8.5, 2), at(20): at(9, 2), at(16.5, 4): at(8.5, 7)}
        for number, (moment, deadline) in enumerate(deadlines.items()):
            with self.subTest(moment):
                self.assertEqual(self.deliver(moment, number=number, subject=f"Lamp {number}").sla_deadline, deadline)

    def test_automatic_mails_and_notes_answer_nobody(self):
        self.make_policy()
        ticket = self.deliver(at(9))
        with freeze_time(at(9.25)):
            ticket.with_user(self.agent).message_post(body="a note", message_type="comment", subtype_xmlid="mail.mt_note")
        self.assertEqual(self.status(ticket).state, "running")

    def test_an_employees_ticket_awaits_the_customers_first_word(self):
        self.make_policy()
        with freeze_time(at(9)):
            ticket = (
                self.env["helpdesk_lite.ticket"]
                .with_user(self.agent)
                .create({"name": "x", "team_id": self.team.id, "partner_id": self.customer.id})
            )
        self.assertFalse(ticket.sla_status_ids)
        self.answer(ticket, at(9.5), partner_ids=self.customer.ids)
        self.assertFalse(self.statuses(ticket))
        self.ask(ticket, at(10))
        self.assertEqual(self.status(ticket).deadline, at(11))

    def test_each_later_question_has_a_promise_of_its_own(self):
        self.make_policy({"kind": "next_response", "minutes_low": 60})
        ticket = self.deliver(at(8))
        self.assertFalse(self.statuses(ticket), "the first answer is another promise")
        self.answer(ticket, at(9), partner_ids=self.customer.ids)
        self.ask(ticket, at(10))
        self.ask(ticket, at(10.5))
        self.assertEqual(self.status(ticket, "next_response").deadline, at(11))
        self.answer(ticket, at(11.5), partner_ids=self.customer.ids)
        self.ask(ticket, at(14))
        found = self.statuses(ticket)
        self.assertEqual(found["next_response", 1].state, "failed")
        self.assertEqual((found["next_response", 2].state, found["next_response", 2].deadline), ("running", at(15)))

    def test_a_resolution_pauses_while_the_customer_is_waited_for(self):
        self.make_policy({"kind": "resolution", "minutes_low": 240})
        ticket = self.deliver(at(8))
        self.answer(ticket, at(9), partner_ids=self.customer.ids)
        self.assertEqual((ticket.sla_state, ticket.sla_deadline), ("paused", False))
        self.ask(ticket, at(14))
        self.assertEqual((ticket.sla_state, ticket.sla_deadline), ("running", at(17)))
        self.move(ticket, at(15), stage_id=self.done.id)
        self.assertEqual(
            (self.status(ticket, "resolution").state, self.status(ticket, "resolution").worked_minutes), ("met", 120)
        )

    def test_another_priority_keeps_the_pause(self):
        """GLPI #6902 and #15605: the time in pause was lost when the policy changed with the priority."""
        self.make_policy(
            {"kind": "resolution", "minutes_low": 480, "minutes_urgent": 240}, pause_stage_ids=[Command.set(self.doing.ids)]
        )
        ticket = self.deliver(at(8))
        self.move(ticket, at(9), stage_id=self.doing.id)
        self.move(ticket, at(11), stage_id=self.to_do.id)
        self.move(ticket, at(11.5), priority="3")
        self.assertEqual(ticket.sla_deadline, at(15))

    def test_what_was_missed_stays_missed(self):
        self.make_policy()
        ticket = self.deliver(at(9))
        self.move(ticket, at(11), priority="2")
        status = self.status(ticket)
        self.assertEqual((status.state, status.breach_date, status.active), ("failed", at(10), True))
        with freeze_time(at(11)):
            self.make_policy(name="Other").with_user(self.manager).unlink()
        tag = self.env["helpdesk_lite.tag"].create({"name": "VIP"})
        self.make_policy(name="VIP", tag_ids=[Command.set(tag.ids)])
        other = self.deliver(at(9), number=2, subject="Other")
        self.move(other, at(9.25), tag_ids=[Command.set(tag.ids)])
        self.assertEqual(len(other.sla_status_ids), 2)
        with freeze_time(at(12)):
            self.run_job("due")
        self.move(other, at(12), tag_ids=[Command.clear()])
        self.env.invalidate_all()
        self.assertEqual(other.sla_status_ids.mapped("state"), ["failed", "failed"])

    def test_what_does_not_apply_any_more_was_not_promised(self):
        tag = self.env["helpdesk_lite.tag"].create({"name": "VIP"})
        self.make_policy(tag_ids=[Command.set(tag.ids)])
        ticket = self.deliver(at(9))
        self.assertFalse(ticket.sla_state)
        self.move(ticket, at(9.25), tag_ids=[Command.set(tag.ids)])
        self.assertEqual(ticket.sla_deadline, at(10), "from the beginning, not from the tag")
        self.move(ticket, at(9.5), tag_ids=[Command.clear()])
        self.assertFalse(ticket.sla_state)
        self.env.invalidate_all()
        self.assertFalse(ticket.sla_status_ids)

    def test_who_is_matched(self):
        company = self.env["res.partner"].create({"name": "Quill", "is_company": True})
        self.customer.parent_id = company
        category = self.env["res.partner.category"].create({"name": "Gold"})
        other = self.env["res.partner"].create({"name": "Somebody else"})
        tags = self.env["helpdesk_lite.tag"].create([{"name": "a"}, {"name": "b"}])
        types = self.env["helpdesk_lite.type"].create([{"name": "Fault"}, {"name": "Lamp"}, {"name": "Wish"}])
        types[1].parent_id = types[0]
        cases = {
            "a": ({"partner_ids": [Command.set(company.ids)]}, True),
            "b": ({"partner_ids": [Command.set(other.ids)]}, False),
            "c": ({"partner_category_ids": [Command.set(category.ids)]}, True),
            "d": ({"team_ids": [Command.set(self.teams["company"].ids)]}, False),
            "e": ({"team_ids": [Command.set(self.team.ids)]}, True),
            "f": ({"tag_ids": [Command.set(tags.ids)]}, True),
            "g": ({"tag_ids": [Command.set(tags.ids)], "tag_match": "all"}, False),
            "h": ({"type_ids": [Command.set(types[0].ids)]}, True),
            "i": ({"type_ids": [Command.set(types[2].ids)]}, False),
            "j": ({"channel": "form"}, True),
            "k": ({"channel": "mail"}, False),
        }
        company.category_id = category
        for name, (values, _applies) in cases.items():
            self.make_policy(name=name, **values)
        with freeze_time(at(9)):
            ticket = (
                self.env["helpdesk_lite.ticket"]
                .with_user(self.customer_user)
                .sudo()
                .create(
                    {
                        "name": "x",
                        "team_id": self.team.id,
                        "partner_id": self.customer.id,
                        "tag_ids": tags[0].ids,
                        "type_id": types[1].id,
                    }
                )
            )
        self.ask(ticket, at(9))
        self.env.invalidate_all()
        self.assertEqual(
            sorted(ticket.sla_status_ids.mapped("name")), [name for name, (_values, applies) in cases.items() if applies]
        )

    def test_another_team_has_its_own_promises(self):
        self.make_policy({"kind": "resolution", "minutes_low": 60}, name="Ours", team_ids=self.team.ids)
        self.make_policy({"kind": "resolution", "minutes_low": 120}, name="Theirs", team_ids=self.teams["company"].ids)
        ticket, late = self.deliver(at(9)), self.deliver(at(9), number=2, subject="Late")
        self.move(ticket, at(9.5), team_id=self.teams["company"].id)
        self.assertEqual(ticket.sla_deadline, at(11), "from the beginning, not from the move")
        self.env.invalidate_all()
        self.assertEqual(ticket.sla_status_ids.mapped("name"), ["Theirs"])
        self.move(late, at(10.5), team_id=self.teams["company"].id)
        self.env.invalidate_all()
        self.assertEqual(
            {(status.name, status.state) for status in late.sla_status_ids}, {("Ours", "failed"), ("Theirs", "running")}
        )

    def test_how_a_ticket_came_in(self):
        for channel in ("mail", "form", "employee"):
            self.make_policy({"kind": "resolution", "minutes_low": 60}, name=channel, channel=channel)
        with freeze_time(at(9)):
            tickets = self.deliver(at(9))
            for user in (self.customer_user, self.agent):
                # as the controllers do, which look up the team themselves
                Ticket = self.env["helpdesk_lite.ticket"].with_user(user).sudo()
                tickets += Ticket.create({"name": "x", "team_id": self.team.id, "partner_id": self.customer.id})
        self.env.invalidate_all()
        self.assertEqual(tickets.mapped("sla_status_ids.name"), ["mail", "form", "employee"])

    def test_the_job_notes_what_was_missed(self):
        self.make_policy()
        ticket = self.deliver(at(9))
        with freeze_time(at(10)):
            self.run_job("due")
            self.assertEqual(ticket.sla_state, "running", "an answer at the very minute would be in time")
        with freeze_time(at(10) + timedelta(minutes=1)):
            self.run_job("due")
        self.assertEqual((ticket.sla_state, ticket.sla_deadline), ("failed", at(10)))
        self.assertEqual(self.status(ticket).success_rate, 0)

    def test_closing_without_an_answer_is_neither(self):
        self.make_policy()
        ticket = self.deliver(at(9))
        self.move(ticket, at(9.5), stage_id=self.done.id)
        self.assertEqual(self.status(ticket).state, "dropped")
        self.ask(ticket, at(10))
        self.assertEqual((self.status(ticket).state, ticket.sla_deadline), ("running", at(10.5)))

    # ------------------------------------------------------------
    # CHANGES OF POLICIES AND HOURS
    # ------------------------------------------------------------

    def test_a_new_policy_concerns_new_tickets_until_it_is_applied(self):
        old = self.deliver(at(9))
        with freeze_time(at(11)):
            policy = self.make_policy(before=at(11))
            policy.sudo().versions = [{"until": int(at(11).timestamp() // 60), "rule": False}]
            self.env.registry.clear_cache()
        self.move(old, at(11), priority="1")
        self.assertFalse(old.sla_state)
        new = self.deliver(at(11), number=2, subject="Another")
        self.assertEqual(new.sla_deadline, at(12))
        with freeze_time(at(11.25)):
            counts = policy._preview()
            self.assertEqual((counts["changed"], counts["late"]), (1, 1))
            action = policy.action_preview()
            self.env["helpdesk_lite.sla.preview"].with_user(self.manager).browse(action["res_id"]).action_apply()
            self.assertFalse(old.sla_state, "in the background")
            self.run_job("recompute")
        self.assertEqual((old.sla_state, old.sla_deadline), ("failed", at(10)))
        self.assertFalse(self.env["helpdesk_lite.sla.queue"].search([]))

    def test_a_changed_policy_leaves_older_tickets_alone(self):
        policy = self.make_policy()
        ticket = self.deliver(at(9))
        with freeze_time(at(9.25)):
            policy.target_ids.minutes_low = 30
            policy.sudo().versions = [{**version, "until": int(at(9.25).timestamp() // 60)} for version in policy.versions]
            self.env.registry.clear_cache()
        self.move(ticket, at(9.25), priority="1")
        self.move(ticket, at(9.25), priority="0")
        self.assertEqual(ticket.sla_deadline, at(10))
        self.assertEqual(self.deliver(at(9.5), number=2, subject="Another").sla_deadline, at(10))
        self.assertNotIn("null", json.dumps(policy.versions), "integrations read it by XML-RPC, which knows no null")

    def test_a_holiday_entered_for_yesterday_corrects_what_is_open(self):
        self.make_policy()
        late, kept = self.deliver(at(9)), self.deliver(at(9), number=2, subject="Kept")
        self.answer(kept, at(11), partner_ids=self.customer.ids)
        self.move(kept, at(11), stage_id=self.done.id)
        with freeze_time(at(12, 1)):
            self.run_job("due")
            self.assertEqual(late.sla_state, "failed")
            self.env["resource.calendar.leaves"].create(
                {"name": "Flood", "calendar_id": self.calendar.id, "date_from": at(0), "date_to": at(23.99, 0)}
            )
            self.run_job("recompute")
            self.assertEqual(late.sla_deadline, at(9, 1))
            self.assertEqual(late.sla_state, "failed", "late all the same")
        with freeze_time(at(8.5, 1)):
            late._write_sla(correct=True)
            self.assertEqual(late.sla_state, "running")
        self.assertEqual(self.status(kept).state, "failed", "what is closed never changes")

    # ------------------------------------------------------------
    # ESCALATIONS
    # ------------------------------------------------------------

    def run_due(self, moment):
        with freeze_time(moment):
            self.run_job("due")

    def test_escalations_happen_once_and_in_working_time(self):
        tag = self.env["helpdesk_lite.tag"].create({"name": "Late"})
        self.make_policy(
            escalation_ids=[
                Command.create({"minutes": 30, "moment": "before", "action": "activity"}),
                Command.create({"minutes": 0, "moment": "after", "action": "priority"}),
                Command.create({"minutes": 60, "moment": "after", "action": "tag", "tag_id": tag.id}),
                Command.create({"minutes": 15, "moment": "before", "action": "notify_assignee"}),
            ]
        )
        ticket = self.deliver(at(16.25))
        self.move(ticket, at(16.25), user_id=self.agent.id)
        self.run_due(at(16.5))
        self.assertFalse(ticket.activity_ids)
        self.run_due(at(16.75))
        self.assertEqual(ticket.activity_ids.user_id, self.agent)
        self.run_due(at(16.8))
        self.assertEqual(len(ticket.activity_ids), 1)
        notified = [("partner_ids", "in", self.agent.partner_id.ids), ("subject", "ilike", "deadlines")]
        self.run_due(at(22))
        self.assertFalse(self.env["mail.message"].search_count(notified), "nobody is disturbed at night")
        self.run_due(at(8.05, 1))
        self.assertEqual(self.env["mail.message"].search_count(notified), 1)
        self.assertEqual(ticket.priority, "0")
        self.run_due(at(8.5, 1))
        self.assertEqual((ticket.priority, ticket.sla_state), ("1", "failed"))
        self.assertFalse(ticket.tag_ids)
        self.run_due(at(9.5, 1))
        self.assertEqual((ticket.priority, ticket.tag_ids), ("1", tag))

    def test_a_failing_escalation_does_not_stop_the_others(self):
        tag = self.env["helpdesk_lite.tag"].create({"name": "Late"})
        self.make_policy(
            escalation_ids=[
                Command.create({"minutes": 0, "moment": "after", "action": "reassign"}),
                Command.create({"minutes": 0, "moment": "after", "action": "tag", "tag_id": tag.id}),
            ]
        )
        ticket = self.deliver(at(9))
        # the team has nobody to give it to
        self.team.member_ids = False
        self.run_due(at(10.25))
        self.assertEqual(ticket.tag_ids, tag)

    def test_a_ticket_is_taken_from_nobody_if_nobody_else_is_free(self):
        """Within an hour of its deadline a ticket would have become nobody's, and nobody would have been told."""
        self.make_policy(escalation_ids=[Command.create({"minutes": 15, "moment": "before", "action": "reassign"})])
        ticket = self.deliver(at(9))
        self.move(ticket, at(9), user_id=self.agent.id)
        self.run_due(at(9.75))
        self.assertEqual((ticket.user_id, ticket.assignment_waiting), (self.agent, False))
        told = [("partner_ids", "in", self.agent.partner_id.ids), ("subject", "ilike", "deadline")]
        self.assertEqual(self.env["mail.message"].search_count(told), 1, "who keeps it knows that it is urgent")

    def test_whoever_is_assigned_later_is_told_then(self):
        self.make_policy(
            escalation_ids=[
                Command.create({"minutes": 30, "moment": "before", "action": "notify_assignee"}),
                Command.create({"minutes": 30, "moment": "before", "action": "activity"}),
            ]
        )
        ticket = self.deliver(at(9))
        self.run_due(at(9.5))
        self.move(ticket, at(9.6), user_id=self.agent.id)
        self.run_due(at(9.75))
        # Odoo's own mail about the activity names the deadline, too
        told = [("partner_ids", "in", self.agent.partner_id.ids), ("subject", "=", "Helpdesk: SLA deadlines")]
        self.assertEqual((self.env["mail.message"].search_count(told), len(ticket.activity_ids)), (1, 1))
        self.run_due(at(9.8))
        self.assertEqual((self.env["mail.message"].search_count(told), len(ticket.activity_ids)), (1, 1))

    def test_an_activity_is_due_on_the_day_of_its_assignee(self):
        """At nine in the evening in New York it is the next day in UTC; another escalation has moved the deadline by then."""
        self.agent.tz = "America/New_York"
        self.make_policy(
            {"kind": "first_response", "minutes_low": 60, "minutes_medium": 0},
            around_the_clock=True,
            escalation_ids=[
                Command.create({"minutes": 30, "moment": "before", "action": "priority", "sequence": 1}),
                Command.create({"minutes": 30, "moment": "before", "action": "activity", "sequence": 2}),
            ],
        )
        ticket = self.deliver(at(1))
        self.move(ticket, at(1), user_id=self.agent.id)
        self.run_due(at(1.5))
        self.assertEqual(ticket.priority, "1")
        self.assertEqual(ticket.activity_ids.date_deadline, (MONDAY - timedelta(days=1)).date())

    def test_a_ticket_is_assigned_anew_to_who_is_free(self):
        self.team.write({"member_ids": [Command.link(self.manager.id)], "assign_method": "equal_open"})
        self.make_policy(escalation_ids=[Command.create({"minutes": 15, "moment": "before", "action": "reassign"})])
        ticket = self.deliver(at(9))
        self.move(ticket, at(9), user_id=self.agent.id)
        self.run_due(at(9.75))
        self.assertEqual(ticket.user_id, self.manager)

    def test_a_company_waits_once_and_again_while_it_is_worked_on(self):
        queue = self.env["helpdesk_lite.sla.queue"]
        queue.search([]).unlink()
        company = self.team.company_id
        for _time in range(2):
            self.env["helpdesk_lite.sla"]._recompute_later(company)
        self.assertEqual(len(queue.search([("company_id", "=", company.id)])), 1)
        # the first batch is stored: what changed after it was read concerns those tickets too
        queue.search([]).sudo().last_id = 5
        self.env["helpdesk_lite.sla"]._recompute_later(company)
        self.assertEqual(sorted(queue.search([("company_id", "=", company.id)]).mapped("last_id")), [0, 5])

    def test_jobs_say_what_is_left_when_their_time_is_over(self):
        """A job that says that nothing is left counts as done: the one for new deadlines would not come for a day."""
        self.make_policy()
        for number in range(5):
            self.deliver(at(9), number=number, subject=f"Lamp {number}")
        companies = self.team.company_id | self.env["res.company"].create({"name": "Elsewhere"})
        self.env["helpdesk_lite.sla"]._recompute_later(companies)
        self.env.flush_all()
        cases = {"sla.queue": ("_cron_recompute", "sla_apply"), "sla.status": ("_cron_due", "sla_status")}
        for model, (method, module) in cases.items():
            with self.subTest(method), self.enter_registry_test_mode(), self.registry.cursor() as cr:
                cron = self.env.ref("helpdesk_lite.cron_sla_recompute").with_env(self.env(cr=cr))
                progress = cron.env["ir.cron.progress"].sudo().create({"cron_id": cron.id})
                context = {"cron_id": cron.id, "ir_cron_progress_id": progress.id, "cron_end_time": 0}
                path = f"odoo.addons.helpdesk_lite.models.sla.{module}.BATCH"
                with patch(path, 2), freeze_time(at(11)):
                    getattr(cron.env[f"helpdesk_lite.{model}"].with_context(**context), method)()
                self.assertTrue(progress.done)
                self.assertTrue(progress.remaining)

    def test_people_are_told_only_of_tickets_that_they_see(self):
        self.make_policy(
            escalation_ids=[
                Command.create(
                    {
                        "minutes": 30,
                        "moment": "before",
                        "action": "notify_users",
                        "user_ids": [Command.set((self.employee | self.manager).ids)],
                    }
                )
            ]
        )
        self.team.privacy_visibility = "private"
        self.deliver(at(9))
        self.run_due(at(9.75))
        message = self.env["mail.message"].search([("subject", "ilike", "deadlines")])
        self.assertEqual(message.partner_ids, self.manager.partner_id)
        with self.assertRaises(ValidationError):
            self.make_policy(
                escalation_ids=[Command.create({"action": "notify_users", "user_ids": [Command.set(self.customer_user.ids)]})]
            )

    # ------------------------------------------------------------
    # BAD INPUT
    # ------------------------------------------------------------

    def test_a_budget_of_nothing_is_refused(self):
        with self.assertRaises(ValidationError):
            self.make_policy({"kind": "resolution"})
        with self.assertRaises(ValidationError), freeze_time(at(9)):
            self.env["helpdesk_lite.sla"].with_user(self.manager).create({"name": "x", "target_ids": []})
        with self.assertRaises(ValidationError):
            self.make_policy({"kind": "resolution", "hours_low": 0})
        for wrong in (-1, 600_000):
            with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError), self.cr.savepoint():
                self.make_policy({"kind": "resolution", "minutes_low": wrong, "minutes_high": 5})

    def test_a_new_policy_proposes_times_which_are_given_in_hours(self):
        with freeze_time(at(9)):
            policy = self.env["helpdesk_lite.sla"].with_user(self.manager).create({"name": "x"})
        self.assertEqual(policy.target_ids.mapped("minutes_low"), [480, 2400])
        policy.target_ids[0].hours_low = 1.5
        self.assertEqual(policy.target_ids[0].minutes_low, 90)
        with self.assertRaises(ValidationError):
            policy.target_ids[0].write({f"hours_{name}": 0 for name in ("low", "medium", "high", "urgent")})

    def test_a_stage_target_needs_a_stage_of_its_teams_and_keeps_it(self):
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError), self.cr.savepoint():
            self.make_policy({"kind": "stage", "minutes_low": 60})
        theirs = self.env["helpdesk_lite.stage"].create({"name": "Theirs", "team_ids": self.teams["private"].ids})
        with self.assertRaises(ValidationError), self.cr.savepoint():
            self.make_policy({"kind": "stage", "minutes_low": 60, "stage_id": theirs.id}, team_ids=self.team.ids)
        ours = self.env["helpdesk_lite.stage"].create({"name": "Ours", "team_ids": self.team.ids})
        self.make_policy({"kind": "stage", "minutes_low": 60, "stage_id": ours.id}, team_ids=self.team.ids)
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError), self.cr.savepoint():
            ours.with_user(self.manager).unlink()
        ticket = self.deliver(at(9))
        self.move(ticket, at(9.5), stage_id=ours.id)
        self.assertEqual(self.status(ticket, "stage").state, "met")

    def test_calendars_without_and_with_flexible_hours(self):
        empty = self.env["resource.calendar"].create({"name": "Nothing", "tz": "UTC", "attendance_ids": [Command.clear()]})
        flexible = self.env["resource.calendar"].create(
            {
                "name": "Flexible",
                "tz": "UTC",
                "flexible_hours": True,
                "full_time_required_hours": 40,
                "hours_per_day": 8,
                "attendance_ids": [Command.clear()],
            }
        )
        policy = self.make_policy(calendar_id=empty.id)
        self.assertIn("no hours", policy.calendar_warning)
        ticket = self.deliver(at(9))
        self.assertEqual((ticket.sla_state, ticket.sla_deadline), ("running", False))
        policy.calendar_id = flexible
        self.assertIn("flexible", policy.calendar_warning)
        policy.sudo().versions = False
        self.env.registry.clear_cache()
        self.assertEqual(self.deliver(at(6), number=2, subject="Another").sla_deadline, at(9))
        policy.around_the_clock = True
        self.assertFalse(policy.calendar_warning)
        policy.sudo().versions = False
        self.env.registry.clear_cache()
        self.assertEqual(self.deliver(at(3), number=3, subject="Third").sla_deadline, at(4))

    def test_working_hours_by_which_a_policy_counts_are_not_deleted(self):
        """Whoever deletes them is told which policy needs them, now or for older tickets."""
        nights = self.calendar.copy()
        nights.name = "Nights"
        policy = self.make_policy(calendar_id=nights.id)
        ticket = self.deliver(at(9))
        self.assertEqual(self.status(ticket).calendar_id, nights)
        with self.assertRaisesRegex(UserError, "Standard.*Nights"), self.cr.savepoint():
            nights.unlink()
        with freeze_time(at(9.1)):
            policy.with_user(self.manager).calendar_id = self.calendar
        with self.assertRaisesRegex(UserError, "before the SLA policy “Standard” was changed.*Nights"), self.cr.savepoint():
            nights.unlink()
        self.answer(ticket, at(9.5), partner_ids=self.customer.ids)
        self.assertEqual(self.status(ticket).state, "met")
        with freeze_time(at(9.6)):
            policy.with_user(self.manager)._apply()
            nights.unlink()
        self.assertFalse(nights.exists())

    def test_hours_that_a_former_version_names_and_that_are_gone_stop_nothing(self):
        """The database does not protect an id in a version, for instance from an import or another addon's SQL."""
        policy = self.make_policy()
        gone = self.calendar.copy()
        described = policy._get_descriptions()[policy.id] | {"calendar_id": gone.id}
        # sudo: what only the server writes
        policy.sudo().versions = [{"until": to_minutes(at(0, 30)), "rule": described}]
        self.env.flush_all()
        self.env.cr.execute("DELETE FROM resource_calendar WHERE id = %s", [gone.id])
        self.env.invalidate_all()
        self.env.registry.clear_cache()
        ticket = self.deliver(at(9))
        self.assertEqual((ticket.sla_state, ticket.sla_deadline), ("running", at(10)), "by the hours of the team")
        with freeze_time(at(11)):
            self.run_job("due")
        self.assertEqual(self.status(ticket).state, "failed")

    def test_deleted_hours_of_a_team_are_forgotten(self):
        hours = self.calendar.copy()
        self.team.resource_calendar_id = hours
        self.make_policy()
        ticket = self.deliver(at(9))
        self.env["helpdesk_lite.sla.queue"].search([]).unlink()
        hours.unlink()
        self.assertTrue(self.env["helpdesk_lite.sla.queue"].search_count([]), "open tickets are judged again")
        with freeze_time(at(9.1)):
            self.run_job("recompute")
        self.answer(ticket, at(9.5), partner_ids=self.customer.ids)
        self.assertEqual(self.status(ticket).state, "met")

    def test_a_ticket_that_cannot_be_judged_stops_no_other(self):
        self.make_policy()
        broken, *others = [self.deliver(at(9), number=number, subject=f"Lamp {number}") for number in range(4)]
        judge = type(broken)._judge

        def fail(self, facts, **kwargs):
            if facts.id == broken.id:
                raise MissingError("gone")
            return judge(self, facts, **kwargs)

        logger = "odoo.addons.helpdesk_lite.models.sla.ticket_sla"
        with patch.object(type(broken), "_judge", fail), freeze_time(at(11)), self.assertLogs(logger, "ERROR") as logs:
            self.run_job("due")
        self.assertEqual(len(logs.output), 1)
        self.assertEqual([self.status(ticket).state for ticket in (broken, *others)], ["running"] + ["failed"] * 3)

    def test_no_deadline_within_two_years(self):
        calendar = self.env["resource.calendar"].create(
            {
                "name": "An hour a week",
                "tz": "UTC",
                "attendance_ids": [
                    Command.clear(),
                    Command.create({"name": "x", "dayofweek": "0", "hour_from": 9, "hour_to": 10, "day_period": "morning"}),
                ],
            }
        )
        self.make_policy({"kind": "first_response", "minutes_low": 525_600}, calendar_id=calendar.id)
        ticket = self.deliver(at(9))
        self.assertEqual((ticket.sla_state, ticket.sla_deadline), ("running", False))
        with freeze_time(at(12)):
            (promise,) = ticket.with_user(self.agent).get_sla_explanation()
        self.assertIn("two years", promise["lines"][-1]["what"])

    def test_priorities_changed_fifty_times(self):
        self.make_policy({"kind": "resolution", "minutes_low": 480, "minutes_urgent": 240, "minutes_medium": 120})
        ticket = self.deliver(at(8))
        for number in range(50):
            self.move(ticket, at(8) + timedelta(minutes=number), priority="03"[number % 2])
        self.assertEqual(len(ticket.sla_status_ids), 1)
        self.assertEqual(ticket.sla_deadline, at(12))

    def test_a_clock_that_was_set_back(self):
        self.make_policy()
        ticket = self.deliver(at(9))
        self.answer(ticket, at(8.5), partner_ids=self.customer.ids)
        status = self.status(ticket)
        self.assertEqual((status.state, status.worked_minutes), ("met", 0))

    def test_a_policy_of_an_archived_team(self):
        self.make_policy(team_ids=self.team.ids)
        ticket = self.deliver(at(9))
        self.team.active = False
        self.move(ticket, at(9.25), priority="1")
        self.assertEqual(ticket.sla_deadline, at(10), "promised is promised")

    def test_a_deleted_policy_leaves_what_was(self):
        policy = self.make_policy()
        ticket, open_ticket = self.deliver(at(9)), self.deliver(at(9), number=2, subject="Open")
        self.answer(ticket, at(9.5), partner_ids=self.customer.ids)
        with freeze_time(at(9.75)):
            policy.unlink()
        self.assertEqual(self.status(ticket).name, "Standard")
        self.make_policy(name="Other", tag_ids=self.env["helpdesk_lite.tag"].create({"name": "x"}).ids)
        self.move(open_ticket, at(9.75), priority="1")
        self.assertFalse(open_ticket.sla_state)

    # ------------------------------------------------------------
    # ACCESS
    # ------------------------------------------------------------

    def test_who_reads_and_writes_policies(self):
        policy = self.make_policy()
        there = self.env["res.company"].create({"name": "Far away"})
        theirs = self.env["helpdesk_lite.sla"].create(
            {"name": "Theirs", "company_id": there.id, "target_ids": [Command.create({"kind": "resolution", "minutes_low": 5})]}
        )
        model = "helpdesk_lite.sla"
        self.assertEqual(self.call(self.agent, model, "search", []), policy.ids)
        self.assertEqual(self.call(self.manager, model, "search", []), policy.ids)
        for user in (self.employee, self.customer_user):
            with self.assertRaises(AccessError):
                self.call(user, model, "search", [])
        with self.assertRaises(AccessError):
            self.call(self.agent, model, "write", policy.ids, {"name": "x"})
        with self.assertRaises(AccessError):
            self.call(self.manager, model, "write", theirs.ids, {"name": "x"})
        with self.assertRaises(AccessError):
            self.call(self.manager, model, "write", policy.ids, {"versions": []})

    def test_statuses_are_for_those_who_see_the_ticket(self):
        self.make_policy()
        self.team.privacy_visibility = "private"
        ticket = self.deliver(at(9))
        ticket.message_unsubscribe(ticket.message_partner_ids.ids)
        self.team.message_unsubscribe(self.team.message_partner_ids.ids)
        self.env.flush_all()
        status, model = ticket.sla_status_ids, "helpdesk_lite.sla.status"
        self.assertTrue(status)
        for user in (self.employee, self.agent):
            self.assertFalse(self.call(user, model, "search", []))
            self.assertFalse(self.call(user, model, "formatted_read_group", [], ["ticket_id"], ["__count"]))
            with self.assertRaises(AccessError):
                self.call(user, model, "read", status.ids, ["name"])
            with self.assertRaises(AccessError):
                self.call(user, "helpdesk_lite.ticket", "get_sla_explanation", ticket.ids)
        self.assertEqual(self.call(self.manager, model, "search", []), status.ids)
        for values in ({"state": "met"}, {"failed": False}):
            with self.assertRaises(AccessError):
                self.call(self.manager, model, "write", status.ids, values)
        with self.assertRaises(AccessError):
            self.call(self.manager, model, "unlink", status.ids)

    def test_customers_read_no_deadline(self):
        self.make_policy()
        ticket = self.deliver(at(9))
        self.assertIn(self.customer, ticket.message_partner_ids)
        for name in ("sla_state", "sla_deadline", "sla_countdown", "sla_status_ids", "is_sla_late"):
            with self.subTest(name), self.assertRaises(AccessError):
                self.call(self.customer_user, "helpdesk_lite.ticket", "read", ticket.ids, [name])
        with self.assertRaises(AccessError):
            self.call(self.customer_user, "helpdesk_lite.ticket", "get_sla_explanation", ticket.ids)

    def test_customers_see_a_promise_only_if_the_policy_says_so(self):
        self.make_policy({"kind": "first_response", "minutes_low": 30}, name="Inside")
        self.make_policy(
            {"kind": "first_response", "minutes_low": 60},
            {"kind": "resolution", "minutes_low": 120},
            name="Told",
            show_customer=True,
        )
        ticket = self.deliver(at(9))
        with freeze_time(at(9.25)):
            self.assertEqual(ticket._get_customer_promises(), [("answer", at(10)), ("solution", at(11))])
        with freeze_time(at(10.5)):
            self.assertEqual(ticket._get_customer_promises(), [("solution", at(11))])

    # ------------------------------------------------------------
    # WHAT PEOPLE SEE
    # ------------------------------------------------------------

    def test_the_countdown_goes_on_by_itself(self):
        self.make_policy()
        ticket = self.deliver(at(16.5))
        minute = int((at(16.5) - datetime(1970, 1, 1)).total_seconds() // 60)
        with freeze_time(at(16.75)):
            (values,) = self.call(self.agent, "helpdesk_lite.ticket", "read", ticket.ids, ["sla_countdown", "is_sla_late"])
        countdown = values["sla_countdown"]
        self.assertEqual(countdown["state"], "running")
        self.assertEqual(countdown["deadline"], minute + 16 * 60)
        self.assertEqual(
            [list(pair) for pair in countdown["intervals"]], [[minute + 15, minute + 30], [minute + 930, minute + 960]]
        )
        self.assertEqual((countdown["budget"], countdown["rest"]), (60, 0))

    def test_why_this_deadline(self):
        self.make_policy({"kind": "resolution", "minutes_low": 600})
        ticket = self.deliver(at(16, 4))
        self.answer(ticket, at(16.5, 4), partner_ids=self.customer.ids)
        self.ask(ticket, at(9, 7))
        with freeze_time(at(10, 7)):
            (promise,) = ticket.with_user(self.agent).with_context(tz="UTC", lang="en_US").get_sla_explanation()
        lines = [(line["what"], line["minutes"]) for line in promise["lines"]]
        self.assertEqual(promise["budget"], 600)
        self.assertEqual(sum(minutes for _what, minutes in lines), 600)
        self.assertIn(("Working time", 30), lines)
        self.assertTrue(any("Paused until" in what for what, _minutes in lines), lines)

    def test_the_dashboard_and_filters(self):
        self.make_policy()
        late, due = self.deliver(at(9)), self.deliver(at(11), number=2, subject="Due")
        kept = self.deliver(at(9), number=3, subject="Kept")
        self.answer(kept, at(9.5), partner_ids=self.customer.ids)
        with freeze_time(at(11.5)):
            self.run_job("due")
            (values,) = self.call(
                self.agent,
                "helpdesk_lite.team",
                "read",
                self.team.ids,
                ["late_ticket_count", "due_ticket_count", "sla_success_rate", "sla_judged_count"],
            )
            values.pop("id")
            self.assertEqual(list(values.values()), [1, 1, 50, 2])
            # each figure opens the list of what it counts
            arch = etree.fromstring(self.env.ref("helpdesk_lite.ticket_view_search").arch)
            for name, found in (("sla_late", late), ("sla_due_today", due)):
                domain = safe_eval(arch.find(f".//filter[@name='{name}']").get("domain"))
                tickets = self.env["helpdesk_lite.ticket"].with_user(self.agent).with_context(tz="UTC")
                self.assertEqual(tickets.search([("team_id", "=", self.team.id), *domain]), found, name)
            Ticket = self.env["helpdesk_lite.ticket"].with_user(self.agent)
            self.assertEqual(Ticket.search([("is_sla_late", "=", True)]), late)
            self.assertIn(due, Ticket.search([("is_sla_late", "=", False)]))
