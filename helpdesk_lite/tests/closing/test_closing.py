from datetime import datetime, timedelta
from random import Random

from odoo.addons.mail.tests.common import MailCommon
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, freeze_time, tagged
from odoo.tools import mute_logger
from psycopg2 import IntegrityError

from ...tools.closing_days import find_cutoffs, find_due
from ..common import HelpdeskCase

# Settings of the team other than: after 5 calendar days, no warning, only if we answered last, in all open stages.
WORK, ANY, WARN = {"auto_close_unit": "working"}, {"auto_close_only_answered": False}, {"auto_close_warn_days": 2}
WORK_1, WORK_2 = {**WORK, "auto_close_days": 1}, {**WORK, "auto_close_days": 2}
# What happened in March 2026 (day and hour in UTC; the team is in Madrid), when the action runs, and what came of it.
# C customer writes, A agent answers, N note, S other stage, H stage On Hold, U assigned, P priority, M automatic mail,
# X closed by hand, O reopened by hand, Z archived. 2 March is a Monday, the 12th a holiday, the 18th one of another company.
SCENES = [
    ("answered five days ago", {}, "A02-12", "07-12", "closed"),
    ("an hour too early", {}, "A02-12", "07-11", "open"),
    ("the customer waits", {}, "C02-12", "20-12", "open"),
    ("the customer wrote after our answer", {}, "A02-12 C03-12", "20-12", "open"),
    ("five days count from our answer, not from the question", {}, "C02-12 A03-12", "08-11", "open"),
    ("and then it closes", {}, "C02-12 A03-12", "08-12", "closed"),
    ("the second answer counts", {}, "A02-12 A04-12", "08-12", "open"),
    ("nobody has written at all", {}, "", "20-12", "open"),
    ("nobody has written, and that is enough", ANY, "", "06-12", "closed"),
    ("the customer waits, and that is no matter", ANY, "C02-12", "07-12", "closed"),
    ("a note does not count", {}, "A02-12 N05-12", "07-12", "closed"),
    ("a priority does not count", {}, "A02-12 P05-12", "07-12", "closed"),
    ("an automatic mail does not count", {}, "A02-12 M05-12", "07-12", "closed"),
    ("a change of stage counts", {}, "A02-12 S05-12", "10-11", "open"),
    ("five days from the change of stage", {}, "A02-12 S05-12", "10-12", "closed"),
    ("an assignment counts", {}, "A02-12 U05-12", "07-12", "open"),
    ("five days from the assignment", {}, "A02-12 U05-12", "10-12", "closed"),
    ("closed by hand before", {}, "A02-12 X03-12", "20-12", "by hand"),
    ("archived", {}, "A02-12 Z03-12", "20-12", "open"),
    ("in a stage of the list", {"stages": True}, "A02-12 H02-13", "07-13", "closed"),
    ("in no stage of the list", {"stages": True}, "A02-12", "20-12", "open"),
    ("left the stage of the list", {"stages": True}, "H02-12 A02-13 S02-14", "20-12", "open"),
    ("five working days have a weekend between them", WORK, "A02-12", "08-12", "open"),
    ("on the fifth working day, an hour too early", WORK, "A02-12", "09-11", "open"),
    ("on the fifth working day", WORK, "A02-12", "09-12", "closed"),
    ("answered on Friday, two working days, on Monday", WORK_2, "A06-12", "09-12", "open"),
    ("answered on Friday, two working days, on Tuesday", WORK_2, "A06-12", "10-12", "closed"),
    ("answered on Saturday, one working day, on Sunday", WORK_1, "A07-12", "08-23", "open"),
    ("answered on Saturday, one working day, on Monday", WORK_1, "A07-12", "09-12", "closed"),
    ("a holiday is no working day", WORK_1, "A11-12", "12-23", "open"),
    ("the day after the holiday", WORK_1, "A11-12", "13-12", "closed"),
    ("another company's holiday is a working day", WORK_1, "A17-12", "18-12", "closed"),
    ("without working hours, each day counts", {**WORK_1, "empty": True}, "A06-12", "07-12", "closed"),
    ("with flexible hours, each day counts", {**WORK_1, "flexible": True}, "A06-12", "07-12", "closed"),
    ("the night in which clocks change has 23 hours", {"auto_close_days": 1}, "A28-12", "29-11", "closed"),
    ("but not 22", {"auto_close_days": 1}, "A28-12", "29-10", "open"),
    ("a warning two days before", WARN, "A02-12", "05-12", "warned"),
    ("no warning earlier", WARN, "A02-12", "05-11", "open"),
    ("warned, and closed two days later", WARN, "A02-12", "05-12 07-12", "warned closed"),
    ("warned, and not closed a day later", WARN, "A02-12", "05-12 06-12", "warned"),
    ("the warning was late, so closing is", WARN, "A02-12", "20-12 21-12", "warned"),
    ("two days after the late warning", WARN, "A02-12", "20-12 22-12", "warned closed"),
    ("the customer answered the warning", WARN, "A02-12", "05-12 C06-12 07-12 20-12", "warned"),
    ("warned again after the next answer", WARN, "A02-12", "05-12 C06-12 A07-12 10-12", "warned warned"),
    ("and closed then", WARN, "A02-12", "05-12 C06-12 A07-12 10-12 12-12", "warned warned closed"),
    ("warned once, however often the action runs", WARN, "A02-12", "05-12 05-13 06-12", "warned"),
    ("the clock of the server was set back", WARN, "A02-12", "05-12 04-12 06-12 07-12", "warned closed"),
    ("reopened by hand: counts from then", {}, "A02-12 X03-12 O05-12", "07-12", "open"),
    ("reopened by hand: five days later", {}, "A02-12 X03-12 O05-12", "10-12", "closed"),
]


def at(moment):
    return datetime(2026, 3, int(moment[:2]), int(moment[3:]))


class ClosingCase(HelpdeskCase, MailCommon):
    """A team that closes by itself, in Madrid."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        week = [
            Command.create({"name": str(day), "dayofweek": str(day), "hour_from": 9, "hour_to": 17, "day_period": "morning"})
            for day in range(5)
        ]
        cls.calendar = cls.env["resource.calendar"].create(
            {"name": "Madrid", "tz": "Europe/Madrid", "attendance_ids": [Command.clear(), *week]}
        )
        cls.empty = cls.env["resource.calendar"].create(
            {"name": "Empty", "tz": "Europe/Madrid", "attendance_ids": [Command.clear()]}
        )
        cls.flexible = cls.env["resource.calendar"].create(
            {"name": "Flexible", "tz": "Europe/Madrid", "flexible_hours": True, "attendance_ids": [Command.clear(), *week]}
        )
        company = cls.env["res.company"].create({"name": "Elsewhere"})
        for day, owner in ((12, cls.env.company), (18, company)):
            cls.env["resource.calendar.leaves"].with_company(owner).create(
                {
                    "name": "Holiday",
                    "calendar_id": cls.calendar.id if owner == cls.env.company else False,
                    "date_from": datetime(2026, 3, day - 1, 23),
                    "date_to": datetime(2026, 3, day, 22, 59),
                }
            )
        cls.new, cls.progress, cls.hold, cls.solved = (
            cls.env.ref(f"helpdesk_lite.stage_{name}") for name in ("new", "in_progress", "on_hold", "solved")
        )
        cls.rules = {
            "auto_close_days": 5,
            "auto_close_unit": "calendar",
            "auto_close_warn_days": 0,
            "auto_close_only_answered": True,
            "auto_close_spread_days": 0,
            "auto_close_to_stage_id": cls.solved.id,
        }
        with freeze_time("2026-01-01"):
            cls.team.write({**cls.rules, "auto_close": True, "resource_calendar_id": cls.calendar.id})

    def make_old(self, date, **values):
        """A ticket that was opened at a date."""
        with freeze_time(date):
            return self.make_ticket(partner_id=self.customer.id, **values)

    def act(self, ticket, letter):
        user = self.customer_user if letter == "C" else self.agent
        own = ticket.with_user(user)
        match letter:
            case "C" | "A" | "N":
                subtype = "mail.mt_note" if letter == "N" else "mail.mt_comment"
                own.message_post(body="Text", message_type="comment", subtype_xmlid=subtype)
            case "M":
                ticket.sudo().message_post(body="Text", message_type="auto_comment", subtype_xmlid="mail.mt_comment")
            case "U":
                own.user_id = self.manager
            case "P":
                own.priority = "2"
            case "Z":
                own.active = False
            case _:
                own.stage_id = {"S": self.progress, "H": self.hold, "X": self.solved, "O": self.new}[letter]

    def run_action(self):
        self.env.flush_all()
        with self.enter_registry_test_mode(), self.mock_mail_gateway(), self.mock_mail_app():
            self.env.ref("helpdesk_lite.cron_auto_close").method_direct_trigger()
        self.env.invalidate_all()
        return self._new_mails


@tagged("post_install", "-at_install")
class TestClosing(ClosingCase):
    """Which tickets close by themselves, and when."""

    def test_a_snoozed_ticket_closes_days_after_its_snooze(self):
        """Somebody has promised to come back to it: nobody is warned before, and it does not end on its first day back."""
        for warned in (0, 2):
            with self.subTest(warned=warned):
                self.team.auto_close_warn_days = warned
                ticket = self.make_old("2026-03-01 09:00:00")
                with freeze_time(at("02-12")):
                    self.act(ticket, "A")
                    self.call(self.agent, ticket._name, "write", ticket.ids, {"snooze_until": "2026-03-20 12:00:00"})
                with freeze_time(at("10-12")):
                    self.assertEqual(ticket.auto_close_date, at("25-12"))
                for later, outcome in (("10-12", "open"), ("20-13", "open"), ("23-12", "warned"), ("25-11", "warned")):
                    with freeze_time(at(later)):
                        self.run_action()
                    self.assertFalse(ticket.is_closed, later)
                    self.assertEqual(bool(ticket.auto_close_warned_on), bool(warned and outcome == "warned"), later)
                with freeze_time(at("25-12")):
                    self.run_action()
                self.assertTrue(ticket.is_closed)

    def test_a_snooze_that_the_customer_ended_counts_from_their_message(self):
        ticket = self.make_old("2026-03-01 09:00:00")
        for moment, letter in (("02-12", "A"), ("03-12", "C"), ("04-12", "A")):
            with freeze_time(at(moment)):
                self.act(ticket, letter)
                if moment == "02-12":
                    self.call(self.agent, ticket._name, "write", ticket.ids, {"snooze_until": "2026-03-20 12:00:00"})
        for later, closed in (("09-11", False), ("09-12", True)):
            with freeze_time(at(later)):
                self.run_action()
            self.assertEqual(ticket.is_closed, closed)

    def test_scenes(self):
        self.assertGreaterEqual(len(SCENES), 40)
        for name, settings, history, later, outcome in SCENES:
            with self.subTest(name), self.env.cr.savepoint():
                settings = dict(settings)
                stages = self.hold if settings.pop("stages", False) else self.hold.browse()
                calendar = self.calendar
                for name in ("empty", "flexible"):
                    calendar = getattr(self, name) if settings.pop(name, False) else calendar
                self.team.write(
                    {
                        **self.rules,
                        **settings,
                        "auto_close_stage_ids": [Command.set(stages.ids)],
                        "resource_calendar_id": calendar.id,
                    }
                )
                with freeze_time(datetime(2026, 3, 1, 12)):
                    ticket = self.make_old(datetime(2026, 3, 1, 12))
                for step in history.split():
                    with freeze_time(at(step[1:])):
                        self.act(ticket, step[0])
                self.assertEqual(self.follow(ticket, later), outcome)
                ticket.active = False

    def follow(self, ticket, later):
        """Run the action at several moments, with what happens between them.

        :return: what came of it, in words
        """
        by_hand = ticket.is_closed
        seen = []
        for step in later.split():
            if step[0].isalpha():
                with freeze_time(at(step[1:])):
                    self.act(ticket, step[0])
                continue
            with freeze_time(at(step)):
                promised = ticket.auto_close_date
                warned = ticket.auto_close_warned_on
                closed = ticket.is_closed
                self.run_action()
                if ticket.auto_close_warned_on != warned:
                    seen.append("warned")
                if ticket.is_closed and not closed:
                    seen.append("closed")
                    self.assertLessEqual(promised, at(step), "the form said so")
                elif not ticket.is_closed and promised and not self.team.auto_close_warn_days:
                    self.assertGreater(promised, at(step), "the form said so")
        return "by hand" if by_hand else " ".join(seen) or "open"

    def test_the_mails_and_the_note(self):
        self.team.write({"auto_close_warn_days": 2})
        self.customer.lang = self.env["res.lang"]._activate_lang("es_ES").code
        ticket = self.make_old(at("02-12"))
        with freeze_time(at("02-12")):
            self.act(ticket, "A")
        with freeze_time(at("05-12")):
            mails = self.run_action()
            self.assertEqual(len(mails), 1)
            self.assertIn(ticket.number, mails.subject)
            self.assertEqual(ticket.auto_close_date, at("07-12"))
        message = ticket.message_ids[0]
        self.assertEqual(message.message_type, "auto_comment")
        self.assertEqual(message.notified_partner_ids | message.partner_ids, self.customer)
        self.assertFalse(ticket.response_count > 1 or ticket.waiting_since)
        with freeze_time(at("07-12")):
            mails = self.run_action()
        self.assertEqual(len(mails), 1)
        self.assertEqual(ticket.stage_id, self.solved)
        self.assertIn("nobody has written since", str(ticket.message_ids.mapped("body")))
        event = self.env["helpdesk_lite.event"].search([("ticket_id", "=", ticket.id), ("kind", "=", "closed")])
        self.assertEqual(event.author_kind, "automatic")

    def test_a_ticket_of_nobody_closes_without_a_mail_or_a_link(self):
        template = self.env["mail.template"].create(
            {
                "name": "With a link",
                "model_id": self.env["ir.model"]._get_id("helpdesk_lite.ticket"),
                "subject": "x",
                "body_html": "<t t-out='object._get_customer_url()'/>",
            }
        )
        self.team.write({"auto_close_only_answered": False, "auto_close_template_id": template.id})
        with freeze_time(at("02-12")):
            ticket = self.make_ticket()
        self.assertTrue(ticket._is_open_to_links())
        with freeze_time(at("08-12")):
            self.assertFalse(self.run_action())
        self.assertEqual(ticket.stage_id, self.solved)
        self.assertFalse(ticket.access_token)

    def test_a_bad_template_of_one_team_does_not_stop_the_others(self):
        bad = self.env["mail.template"].create(
            {
                "name": "Bad",
                "model_id": self.env["ir.model"]._get_id("helpdesk_lite.ticket"),
                "subject": "x",
                "body_html": "<t t-out='object.no_such_field'/>",
            }
        )
        with freeze_time("2026-01-01"):
            self.teams["company"].write({**self.rules, "auto_close": True, "auto_close_template_id": bad.id, "sequence": 1})
        tickets = [self.make_old(at("02-12"), team_id=self.teams[mode].id) for mode in ("company", "public")]
        with freeze_time(at("02-12")):
            for ticket in tickets:
                ticket.with_user(self.manager).message_post(
                    body="x", message_type="comment", subtype_xmlid="mail.mt_comment", partner_ids=self.customer.ids
                )
        with freeze_time(at("08-12")), mute_logger("odoo.addons.helpdesk_lite.models.closing.ticket_closing"):
            self.run_action()
            self.run_action()
        self.assertEqual([ticket.is_closed for ticket in tickets], [False, True])
        told = self.env["mail.activity"].search([("user_id", "=", self.manager.id), ("res_id", "=", tickets[0].id)])
        self.assertEqual(len(told), 1, "once a day")
        self.assertIn("not closed automatically", told.note)

    def test_an_old_database_is_previewed_and_spread(self):
        self.team.auto_close = False
        with freeze_time(at("02-12")):
            tickets = self.Ticket_many(14)
        with freeze_time(at("20-12")):
            with Form(self.team.with_user(self.manager)) as form:
                form.auto_close = True
                form.auto_close_days = 5
                self.assertEqual(form.auto_close_preview, 14)
                form.auto_close_days = 60
                self.assertEqual(form.auto_close_preview, 0)
                form.auto_close_days = 5
                form.auto_close_warn_days = 0
                form.auto_close_spread_days = 7
            self.assertEqual(self.team.auto_close_since, at("20-12"))
            mails = self.run_action()
        self.assertFalse(mails, "customers of old tickets are not written to")
        left = [14 - sum(ticket.is_closed for ticket in tickets)]
        for day in range(21, 28):
            with freeze_time(datetime(2026, 3, day, 12)):
                self.run_action()
            left.append(14 - sum(ticket.is_closed for ticket in tickets))
        self.assertEqual(left, [12, 10, 8, 6, 4, 2, 0, 0])

    def Ticket_many(self, count):
        tickets = self.make_ticket(partner_id=self.customer.id).browse()
        for _i in range(count):
            tickets |= self.make_old(at("02-12"))
            self.act(tickets[-1], "A")
        return tickets

    def test_rules_that_make_no_sense(self):
        wrong = [
            {"auto_close_days": 0},
            {"auto_close_days": 366},
            {"auto_close_warn_days": 5},
            {"auto_close_warn_days": -1},
            {"reopen_policy": "within", "reopen_days": 0},
        ]
        for values in wrong:
            with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"), self.env.cr.savepoint():
                self.team.write(values)
        with self.assertRaises(ValidationError):
            self.team.auto_close_to_stage_id = self.new
        with self.assertRaises(AccessError):
            self.team.with_user(self.agent).auto_close_days = 3

    def test_a_batch_costs_the_same_for_many_tickets(self):
        self.team.auto_close_template_id = False
        Ticket, counts = self.env["helpdesk_lite.ticket"], {}
        # the first batch fills the caches of the registry
        for size in (1, 2, 20):
            with freeze_time(at("02-12")):
                self.Ticket_many(size)
                # the tracked changes of making them
                self.env.cr.flush()
            with freeze_time(at("08-12")):
                self.env.invalidate_all()
                before = self.env.cr.sql_log_count
                taken = Ticket._take_batch(Ticket._get_due_condition(self.team), 0)
                found = self.env.cr.sql_log_count
                taken._close_idle(self.team)
                self.env.flush_all()
                counts[size] = (found - before, self.env.cr.sql_log_count - found)
                self.assertEqual(len(taken), size)
                self.assertTrue(all(taken.mapped("is_closed")))
        self.assertEqual(counts[2], counts[20])
        # finding them is one statement, besides the working hours of the team
        self.assertLessEqual(counts[20][0], 4)
        self.assertLessEqual(counts[20][1], 30)

    def test_the_condition_in_sql_is_that_of_the_form(self):
        """Random calendars and moments: ``find_cutoffs`` finds what ``find_due`` says."""
        random = Random(4)
        for _world in range(300):
            works = {datetime(2026, 3, 1).date() + timedelta(days=day): random.random() < 0.6 for day in range(-60, 60)}
            days = random.randint(1, 9)
            idle = datetime(2026, 3, 1) + timedelta(hours=random.randint(-240, 240))
            now = datetime(2026, 3, 12) + timedelta(hours=random.randint(-100, 240))
            due = find_due(idle, days, lambda day, works=works: works.get(day, False))
            before, until = find_cutoffs(now.date(), days, lambda day, works=works: works.get(day, False))
            passed = bool(until) and (
                (before is not None and idle.date() < before) or (idle.date() < until and idle.time() <= now.time())
            )
            self.assertEqual(passed, bool(due and due <= now), (idle, now, days))

    def test_a_team_without_a_folded_stage_cannot(self):
        team = self.env["helpdesk_lite.team"].create({"name": "Open", "stage_ids": [Command.set(self.new.ids)]})
        with self.assertRaises(UserError):
            team.auto_close = True
