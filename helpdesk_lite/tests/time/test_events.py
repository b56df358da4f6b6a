import importlib.util
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from odoo.addons.mail.tests.common import MailCommon
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import freeze_time, new_test_user, tagged
from odoo.tools import mute_logger

from ...models.time.ticket_events import COLUMNS, STATE
from ...tools.event_log import replay
from ..common import STORM, HelpdeskCase

SCRIPT = Path(__file__).parents[2] / "upgrades" / "19.0.1.1.0" / "post-events.py"
NOON = datetime(2026, 3, 2, 12)
HISTORIES = 200 if STORM else 30
ACTS = ("customer", "customer", "late", "agent", "agent", "note", "stage", "close", "priority", "archive")


class EventCase(HelpdeskCase, MailCommon):
    """Helpers to act on tickets as the people of the case, and to read what was logged."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Ticket = cls.env["helpdesk_lite.ticket"]
        cls.open, cls.other, cls.closed = (
            cls.env.ref(f"helpdesk_lite.stage_{name}") for name in ("new", "in_progress", "solved")
        )

    def events(self, ticket):
        return self.env["helpdesk_lite.event"].search([("ticket_id", "=", ticket.id)], order="id")

    def kinds(self, ticket):
        return self.events(ticket).mapped("kind")

    def say(self, ticket, user, subtype="mail.mt_comment", **values):
        return ticket.with_user(user).message_post(
            **{"body": "Text", "message_type": "comment", "subtype_xmlid": subtype, **values}
        )

    def receive(
        self, sender="zoe@quill.example", subject="My parcel", message_id="<one@quill.example>", headers="", answers=None
    ):
        """Receive a mail for the public team.

        :return: the tickets that it created
        """
        before = self.Ticket.search([])
        if answers:
            headers += f"In-Reply-To: {answers.message_id}\n"
        raw = (
            f"From: {sender}\nTo: {self.team.alias_email}\nSubject: {subject}\nMessage-ID: {message_id}\n{headers}"
            "MIME-Version: 1.0\nContent-Type: text/plain\n\nWhere?"
        )
        with self.mock_mail_gateway(), mute_logger("odoo.addons.mail.models.mail_thread"):
            self.env["mail.thread"].message_process(None, raw)
            self.flush_tracking()
        return self.Ticket.search([]) - before


@tagged("post_install", "-at_install")
class TestEvents(EventCase):
    """What is an event, and what follows from it for the ticket."""

    def test_who_waits_for_whom(self):
        with freeze_time(NOON):
            ticket = self.Ticket.with_user(self.agent).create(
                {"name": "Lamp", "team_id": self.team.id, "partner_id": self.customer.id}
            )
        self.assertFalse(ticket.waiting_since, "an agent made the ticket, and the customer has not said a word")
        steps = [
            # who, subtype, hour, waiting since, first answer, answers
            (self.agent, "mail.mt_note", 13, None, None, 0),
            (self.customer_user, "mail.mt_comment", 14, 14, None, 0),
            (self.customer_user, "mail.mt_comment", 15, 14, None, 0),
            (self.agent, "mail.mt_note", 16, 14, None, 0),
            (self.employee, "mail.mt_comment", 17, None, 17, 1),
            (self.agent, "mail.mt_comment", 18, None, 17, 2),
            (self.customer_user, "mail.mt_comment", 19, 19, 17, 2),
        ]
        for who, subtype, hour, waiting, first, answers in steps:
            with freeze_time(NOON.replace(hour=hour)):
                self.say(ticket, who, subtype)
            self.assertEqual(ticket.waiting_since or None, waiting and NOON.replace(hour=waiting), hour)
            self.assertEqual(ticket.first_response_date or None, first and NOON.replace(hour=first), hour)
            self.assertEqual(ticket.response_count, answers, hour)
        self.assertEqual(ticket.last_customer_date, NOON.replace(hour=19))
        self.assertEqual(ticket.last_agent_date, NOON.replace(hour=18))
        self.assertEqual(self.kinds(ticket), ["created", "note", "customer", "customer", "note", "agent", "agent", "customer"])
        with freeze_time(NOON.replace(hour=20)):
            ticket.with_user(self.agent).stage_id = self.closed
        self.assertFalse(ticket.waiting_since, "nobody waits on a closed ticket")
        with freeze_time(NOON.replace(hour=21)):
            self.say(ticket, self.customer_user)
        self.assertEqual((ticket.waiting_since, ticket.reopen_count), (NOON.replace(hour=21), 1))
        self.assertEqual(self.kinds(ticket)[-5:], ["stage", "closed", "stage", "reopened", "customer"])

    def test_automatic_mails_count_for_nobody(self):
        ticket = self.receive()
        self.assertEqual(self.kinds(ticket), ["created", "customer"], "the acknowledgement is no answer")
        self.assertTrue(ticket.waiting_since)
        self.assertFalse(ticket.first_response_date)
        self.receive(
            message_id="<away@quill.example>",
            headers="Auto-Submitted: auto-replied\n",
            answers=ticket.message_ids.filtered(lambda message: message.message_type == "auto_comment"),
        )
        self.assertEqual(self.kinds(ticket), ["created", "customer"], "nobody wrote an absence notice")
        robot = self.receive(message_id="<robot@quill.example>", subject="Alarm", headers="Auto-Submitted: auto-generated\n")
        self.assertEqual(self.events(robot)[0].author_kind, "automatic")

    def test_a_mail_in_the_name_of_an_employee_that_reaches_no_customer_is_no_answer(self):
        ticket = self.receive()
        mail = ticket.message_ids.filtered(lambda message: message.message_type == "email")
        self.receive(sender=self.agent.email, message_id="<forged@quill.example>", subject="Re: My parcel", answers=mail)
        self.assertEqual(self.kinds(ticket), ["created", "customer", "note"])
        self.assertTrue(ticket.waiting_since)
        self.assertFalse(ticket.response_count)

    def test_a_date_of_a_mail_is_believed_for_two_days(self):
        for number, (stated, believed) in enumerate(
            [
                ("Mon, 02 Mar 2026 09:00:00 +0000", NOON.replace(hour=9)),
                ("Thu, 01 Jan 1970 00:00:00 +0000", NOON),
                ("Fri, 02 Jan 2099 00:00:00 +0000", NOON),
                ("yesterday", NOON),
            ]
        ):
            with freeze_time(NOON):
                ticket = self.receive(message_id=f"<{number}@quill.example>", headers=f"Date: {stated}\n", subject=stated)
            self.assertEqual(self.events(ticket).filtered(lambda event: event.kind == "customer").date, believed, stated)
            self.assertEqual(ticket.waiting_since, believed, stated)
        self.assertEqual(self.events(ticket)[0].date, NOON)

    def test_a_customer_or_agent_chooses_no_date_of_a_message(self):
        ticket = self.make_ticket(partner_id=self.customer.id)
        with freeze_time(NOON):
            self.say(ticket, self.agent, date="2026-03-02 01:00:00")
        self.assertEqual(ticket.first_response_date, NOON)

    def test_an_employee_who_asks_for_themselves_waits(self):
        ticket = self.Ticket.with_user(self.employee).create(
            {"name": "My screen", "team_id": self.team.id, "partner_id": self.employee.partner_id.id}
        )
        self.assertTrue(ticket.sudo().waiting_since)
        self.assertEqual(self.kinds(ticket), ["created", "customer"])

    def test_changes_are_logged_once_with_what_is_afterwards(self):
        ticket = self.make_ticket(user_id=self.agent.id)
        before = len(self.events(ticket))
        ticket.with_user(self.agent).write({"priority": "2", "user_id": self.manager.id, "stage_id": self.other.id})
        ticket.with_user(self.agent).write({"priority": "2", "name": "Again"})
        logged = self.events(ticket)[before:]
        self.assertEqual(set(logged.mapped("kind")), {"priority", "user", "stage"})
        self.assertEqual(logged.mapped("priority"), ["2", "2", "2"])
        self.assertEqual(logged.user_id, self.manager)
        self.assertEqual(logged.stage_id, self.other)
        self.assertEqual(set(logged.mapped("author_kind")), {"agent"})

    def test_a_team_that_brings_another_stage(self):
        ticket = self.make_ticket()
        stage = self.env["helpdesk_lite.stage"].create({"name": "Only here"})
        other = self.env["helpdesk_lite.team"].create({"name": "Other", "stage_ids": [Command.set(stage.ids)]})
        ticket.with_user(self.manager).team_id = other
        self.assertEqual(self.kinds(ticket)[-2:], ["team", "stage"])
        self.assertEqual(self.events(ticket)[-1].stage_id, stage)

    def test_archiving_and_folding_a_stage(self):
        ticket = self.make_ticket()
        ticket.with_user(self.agent).action_archive()
        ticket.with_user(self.agent).action_unarchive()
        self.assertEqual(self.kinds(ticket), ["created", "paused", "resumed"])
        stage = self.env["helpdesk_lite.stage"].create({"name": "Done?", "team_ids": self.team.ids})
        ticket.with_user(self.agent).stage_id = stage
        stage.with_user(self.manager).fold = True
        stage.with_user(self.manager).fold = True
        stage.with_user(self.manager).fold = False
        self.assertEqual(self.kinds(ticket)[3:], ["stage", "closed", "reopened"])
        self.assertEqual(ticket.reopen_count, 1)

    def test_an_import_of_closed_tickets_has_its_dates(self):
        ticket = (
            self.Ticket.with_user(self.manager)
            .with_context(import_file=True)
            .create({"name": "Old", "team_id": self.team.id, "stage_id": self.closed.id, "close_date": "2031-05-01 10:00:00"})
        )
        self.assertEqual(self.kinds(ticket), ["created", "closed"])
        self.assertEqual(self.events(ticket)[1].date, datetime(2031, 5, 1, 10))
        self.assertFalse(ticket.waiting_since)

    def test_a_copy_has_its_own_history(self):
        ticket = self.make_ticket(partner_id=self.customer.id)
        self.say(ticket, self.customer_user)
        copied = ticket.with_user(self.agent).copy()
        self.assertEqual(self.kinds(copied), ["created"])
        self.assertFalse(copied.waiting_since or copied.last_customer_date)

    def test_nobody_changes_the_log(self):
        event = self.events(self.make_ticket())
        for user in (self.employee, self.agent, self.manager, self.customer_user):
            for method, args in (("write", [event.ids, {"kind": "agent"}]), ("unlink", [event.ids]), ("create", [{}])):
                # AccessError is one of them
                with self.assertRaises(UserError):
                    self.call(user, "helpdesk_lite.event", method, *args)
        # not even code with all rights
        for change in (lambda: event.write({"kind": "agent"}), event.unlink, lambda: event.create({"kind": "agent"})):
            with self.assertRaises(UserError):
                change()

    def test_only_administrators_who_see_the_ticket_read_the_log(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        elsewhere = new_test_user(
            self.env, "hl_elsewhere", "helpdesk_lite.group_manager", company_id=company.id, company_ids=company.ids
        )
        event = self.events(self.make_ticket("private"))
        for user, reads in ((self.manager, True), (elsewhere, False)):
            found = self.call(user, "helpdesk_lite.event", "search_read", [("id", "=", event.id)], ["ticket_id", "kind"])
            self.assertEqual(bool(found), reads)
        with self.assertRaises(AccessError):
            self.call(elsewhere, "helpdesk_lite.event", "read", event.ids, ["kind"])
        for user in (self.agent, self.employee, self.customer_user):
            for method, args in (("search_read", [[]]), ("read", [event.ids]), ("search_count", [[]])):
                with self.assertRaises(AccessError):
                    self.call(user, "helpdesk_lite.event", method, *args)

    def test_a_stage_or_user_that_is_deleted_leaves_the_log(self):
        stage = self.env["helpdesk_lite.stage"].create({"name": "Short", "team_ids": self.team.ids})
        ticket = self.make_ticket(stage_id=stage.id)
        ticket.stage_id = self.open
        stage.unlink()
        self.env.invalidate_all()
        self.assertEqual(self.kinds(ticket), ["created", "stage"])
        self.assertFalse(self.events(ticket)[0].stage_id)
        ticket.unlink()
        self.env.invalidate_all()
        self.assertFalse(self.events(ticket))

    def test_an_update_finds_what_happened_before_the_log(self):
        ticket = self.receive()
        for user, subtype in (
            (self.agent, "mail.mt_note"),
            (self.agent, "mail.mt_comment"),
            (self.customer_user, "mail.mt_comment"),
        ):
            ticket.message_subscribe(self.customer.ids)
            self.say(ticket, user, subtype)
        for values in (
            {"priority": "2"},
            {"user_id": self.manager.id},
            {"stage_id": self.closed.id},
            {"stage_id": self.other.id},
        ):
            ticket.with_user(self.agent).write(values)
            self.flush_tracking()
        self.say(ticket, self.customer_user)
        self.flush_tracking()
        kinds, columns = sorted(self.kinds(ticket)), ticket.read(COLUMNS)
        states = self.events(ticket)[-1].read(STATE)
        self.env.cr.execute("DELETE FROM helpdesk_lite_event WHERE ticket_id = %s", [ticket.id])
        self.env.invalidate_all()
        spec = importlib.util.spec_from_file_location("post_events", SCRIPT)
        script = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(script)
        self.assertGreaterEqual(script.fill(self.env), len(kinds))
        self.assertEqual(script.fill(self.env), 0, "it can run again")
        self.env.invalidate_all()
        self.assertEqual(sorted(self.kinds(ticket)), kinds)
        for name in ("response_count", "reopen_count"):
            self.assertEqual(ticket[name], columns[0][name])
        self.assertEqual(bool(ticket.waiting_since), bool(columns[0]["waiting_since"]))
        self.assertEqual(
            [event[name] for event in self.events(ticket)[-1].read(STATE) for name in STATE],
            [states[0][name] for name in STATE],
        )


@tagged("post_install", "-at_install")
class TestEventHistories(EventCase):
    """Whatever happens to tickets, their columns are what the log says, and what an onlooker would note down."""

    def test_columns_are_those_of_the_log(self):
        random = Random(16)
        kinds = set()
        for start in range(0, HISTORIES, 20):
            now = NOON + timedelta(days=start)
            with freeze_time(now):
                tickets = self.Ticket.with_user(self.agent).create(
                    [{"name": "x", "team_id": self.team.id, "partner_id": self.customer.id} for _i in range(20)]
                )
            noted = {ticket: Onlooker() for ticket in tickets}
            for _step in range(6):
                # a clock can be set back
                now += timedelta(minutes=random.choice((0, 1, 7, 60, 600, -30)))
                for ticket in tickets:
                    with freeze_time(now):
                        self.act(random, ticket, noted[ticket], now)
            self.env.flush_all()
            tickets.invalidate_recordset()
            for ticket in tickets:
                values = {name: ticket[name] or None for name in COLUMNS}
                expected = {name: getattr(noted[ticket], name) or None for name in COLUMNS}
                self.assertEqual(values, expected, self.kinds(ticket))
                events = self.events(ticket)
                kinds.update(events.mapped("kind"))
                log = replay(events.mapped(lambda event: (event.kind, event.date)))
                self.assertEqual(values, {name: getattr(log, name) or None for name in COLUMNS})
            before = tickets.read(COLUMNS)
            tickets.sudo().write(dict.fromkeys(COLUMNS, False))
            self.env.flush_all()
            tickets._replay_events()
            self.assertEqual(tickets.read(COLUMNS), before)
        self.assertEqual(
            kinds,
            {"created", "customer", "agent", "note", "closed", "reopened", "stage", "priority", "user", "paused", "resumed"},
        )

    def act(self, random, ticket, noted, now):
        """Do one random thing to a ticket, and note down what it means."""
        agent = ticket.with_user(self.agent)
        match random.choice(ACTS):
            case "customer":
                noted.acts += [] if ticket.active else [now]
                self.say(ticket, self.customer_user)
                noted.hear(now, now)
            case "late":
                noted.acts += [] if ticket.active else [now]
                sent = now - timedelta(hours=random.choice((1, 40, 70)))
                # sudo: as the mail gateway does
                ticket.sudo().message_post(
                    body="Late", message_type="email", subtype_xmlid="mail.mt_comment", author_id=self.customer.id, date=sent
                )
                noted.hear(sent if now - sent < timedelta(hours=48) else now, now)
            case "agent":
                self.say(ticket, self.agent)
                noted.answer(now)
            case "note":
                self.say(ticket, self.agent, "mail.mt_note")
            case "stage":
                noted.move(agent.stage_id, self.other, now)
                noted.assign(agent.user_id, self.manager, now)
                agent.write({"stage_id": self.other.id, "user_id": self.manager.id})
            case "close":
                noted.move(agent.stage_id, self.closed, now)
                agent.stage_id = self.closed
            case "priority":
                agent.priority = random.choice("0123")
            case "archive":
                noted.acts += [] if agent.active else [now]
                agent.active = not agent.active


class Onlooker:
    """Somebody who looks on and keeps what the columns should say, in a way of their own."""

    def __init__(self):
        self.unanswered, self.answers, self.heard, self.acts = [], [], [], []
        self.reopen_count, self.is_closed = 0, False

    def hear(self, date, now):
        if self.is_closed:
            self.reopen_count += 1
            self.is_closed = False
            self.acts.append(now)
        self.unanswered.append(date)
        self.heard.append(date)

    def answer(self, date):
        self.unanswered = []
        self.answers.append(date)

    def move(self, former, stage, now):
        if former != stage:
            self.acts.append(now)
        if stage.fold and not self.is_closed:
            self.unanswered = []
        self.reopen_count += self.is_closed and not stage.fold
        self.is_closed = stage.fold

    def assign(self, former, user, now):
        self.acts += [now] if former != user else []

    waiting_since = property(lambda self: min(self.unanswered, default=None))
    first_response_date = property(lambda self: self.answers[0] if self.answers else None)
    last_customer_date = property(lambda self: max(self.heard, default=None))
    last_agent_date = property(lambda self: max(self.answers, default=None))
    idle_since = property(lambda self: max([*self.heard, *self.answers, *self.acts], default=None))
    response_count = property(lambda self: len(self.answers))
