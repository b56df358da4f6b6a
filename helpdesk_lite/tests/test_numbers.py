import re

from odoo.addons.mail.tests.common import MailCommon
from odoo.exceptions import AccessError, ValidationError
from odoo.service.model import call_kw
from odoo.tests import HttpCase, tagged
from odoo.tools import SQL, mute_logger

from .common import HelpdeskCase

MAIL = b"""\
From: Zoe Quill <zoe@quill.example>
To: %s
Subject: My parcel
Message-ID: <number@quill.example>
MIME-Version: 1.0
Content-Type: text/plain; charset=iso-8859-1

Caf\xe9
"""
TICKET = "helpdesk_lite.ticket"


class NumberCase(HelpdeskCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # a sequence of this transaction, because drawn numbers are not rolled back
        cls.env["ir.sequence"].search([("code", "=", TICKET), ("company_id", "=", cls.env.company.id)]).unlink()
        cls.env.company._create_ticket_sequence()
        cls.sequence = cls.env["ir.sequence"].search([("code", "=", TICKET), ("company_id", "=", cls.env.company.id)])

    def squat(self, count=1):
        """Create tickets by SQL that already have the next numbers."""
        number = int(re.search(r"\d+$", self.make_ticket().number)[0])
        numbers = [self.sequence.get_next_char(number + step) for step in range(1, count + 1)]
        self.env.cr.execute(
            SQL(
                """ INSERT INTO helpdesk_lite_ticket (name, number, team_id, company_id, priority, active, opened_on)
                SELECT 'Squatter', unnest(%s), %s, %s, '0', TRUE, now()
            """,
                numbers,
                self.teams["company"].id,
                self.env.company.id,
            )
        )
        return numbers

    def set_alias_defaults(self, defaults):
        self.env.flush_all()
        self.env.cr.execute(
            SQL("UPDATE mail_alias SET alias_defaults = %s WHERE id = %s", repr(defaults), self.team.alias_id.id)
        )
        self.env.invalidate_all()

    def assert_next(self, ticket, numbers):
        self.assertEqual(len(ticket), 1)
        self.assertNotIn(ticket.number, numbers)
        self.assertTrue(ticket.number.startswith(self.sequence.prefix))


@tagged("post_install", "-at_install")
class TestNumbers(NumberCase, MailCommon):
    """Every ticket gets a unique number, and existing numbers never prevent the creation of a ticket."""

    def test_mail(self):
        taken = self.squat(3)
        before = self.env[TICKET].search([])
        with self.mock_mail_gateway(), mute_logger("odoo.addons.mail.models.mail_thread"):
            self.env["mail.thread"].message_process(None, MAIL % self.team.alias_email.encode())
        ticket = self.env[TICKET].search([]) - before
        self.assert_next(ticket, taken)
        self.assertIn("Café", ticket.description)

    def test_agent(self):
        taken = self.squat()
        ticket_id = self.call(self.agent, TICKET, "create", {"name": "x", "team_id": self.team.id})
        self.assert_next(self.env[TICKET].browse(ticket_id), taken)

    def test_long_run_in_few_statements(self):
        taken = self.squat(2000)
        self.env.flush_all()
        before = self.cr.sql_log_count
        numbers = self.env[TICKET]._next_numbers(self.env.company, 5)
        self.assertLess(self.cr.sql_log_count - before, 30)
        self.assertEqual(len(set(numbers)), 5)
        self.assertTrue(set(numbers).isdisjoint(taken))

    def test_defaults_of_an_alias(self):
        # a database may contain such defaults from before they were checked
        self.set_alias_defaults({"team_id": self.team.id, "number": self.make_ticket().number})
        before = self.env[TICKET].search([])
        with self.mock_mail_gateway(), mute_logger("odoo.addons.mail.models.mail_thread"):
            self.env["mail.thread"].message_process(None, MAIL % self.team.alias_email.encode())
        self.assertEqual(len(self.env[TICKET].search([]) - before), 1)

    def test_an_alias_links_tickets_to_nothing(self):
        """Mails make tickets as superuser: what the alias enters could write to any record."""
        note = self.make_ticket("private").message_post(body="Salaries")
        Team = self.env(user=self.manager.id, context={})["helpdesk_lite.team"]
        with self.assertRaises(ValidationError), self.env.cr.savepoint():
            call_kw(Team, "write", [[self.team.id], {"alias_defaults": repr({"team_id": self.teams["private"].id})}], {})
        for defaults in (
            {"message_ids": [(4, note.id, 0)]},
            {"tag_ids": [(0, 0, {"name": "x"})]},
            {"activity_ids": [(2, 1, 0)]},
            {"partner_id": self.customer.id},
            {"number": "T1"},
            {"name": [1]},
        ):
            with self.subTest(defaults=defaults), self.assertRaises(ValidationError), self.env.cr.savepoint():
                call_kw(Team, "write", [[self.team.id], {"alias_defaults": repr({"team_id": self.team.id, **defaults})}], {})
            with self.subTest(defaults=defaults), self.assertRaises(ValidationError), self.env.cr.savepoint():
                call_kw(Team, "create", [{"name": "x", "alias_defaults": repr(defaults)}], {})
            made = call_kw(Team, "create", [{"name": "x"}], {"context": {"default_alias_defaults": repr(defaults)}})
            self.assertEqual(Team.browse(made).alias_defaults, repr({"team_id": made}))
        # a database may contain such defaults from before they were checked
        self.set_alias_defaults({"team_id": self.team.id, "message_ids": [(4, note.id, 0)], "priority": "3"})
        before = self.env[TICKET].search([])
        with self.mock_mail_gateway(), mute_logger("odoo.addons.mail.models.mail_thread"):
            self.env["mail.thread"].message_process(None, MAIL % self.team.alias_email.encode())
        ticket = self.env[TICKET].search([]) - before
        self.assertEqual(ticket.priority, "3")
        self.assertNotIn(note, ticket.message_ids)

    def test_nobody_enters_a_number(self):
        ticket = self.make_ticket()
        values = {"name": "x", "team_id": self.team.id}
        following = self.sequence.get_next_char(self.sequence.number_next_actual)
        for user in (self.employee, self.agent, self.manager):
            with self.subTest(user=user.login):
                for context in ({}, {"import_file": True}) if user != self.manager else ({},):
                    with self.assertRaises(AccessError), self.env.cr.savepoint():
                        self.call(user, TICKET, "create", {**values, "number": following}, context=context)
                    with self.assertRaises(AccessError), self.env.cr.savepoint():
                        self.call(user, TICKET, "create", values, context={**context, "default_number": following})
                    with self.assertRaises(AccessError), self.env.cr.savepoint():
                        self.call(user, TICKET, "web_save", [ticket.id], {"number": following}, {}, context=context)

    def test_import_brings_numbers_and_the_sequence_passes_them(self):
        number = int(re.search(r"\d+$", self.make_ticket().number)[0])
        ahead = [self.sequence.get_next_char(number + step) for step in (3, 7)]
        answer = self.call(
            self.manager,
            TICKET,
            "load",
            ["name", "team_id/.id", "number", "close_date"],
            [
                ["Old", str(self.team.id), ahead[0], "2020-01-02 03:04:05"],
                ["Older", str(self.team.id), ahead[1], ""],
                ["New", str(self.team.id), "", ""],
            ],
            context={"import_file": True},
        )
        self.assertTrue(answer["ids"], answer["messages"])
        tickets = self.env[TICKET].browse(answer["ids"])
        self.assertEqual(tickets[:2].mapped("number"), ahead)
        self.assertNotIn(tickets[2].number, ahead)
        with self.env.cr.savepoint() as savepoint:
            self.call(
                self.manager,
                TICKET,
                "load",
                ["name", "team_id/.id", "number"],
                [["Late", str(self.team.id), self.sequence.get_next_char(number + 50)]],
                context={"import_file": True},
            )
            # what a mail of the same moment draws, which does not see the import yet
            savepoint.rollback()
        self.assertEqual(self.make_ticket().number, self.sequence.get_next_char(number + 51))

    def test_a_huge_number_does_not_end_the_sequence(self):
        for huge in ("9" * 12, str(2**63 - 1), "9" * 40):
            self.env[TICKET].create({"name": "x", "team_id": self.team.id, "number": self.sequence.prefix + huge})
            self.assertTrue(self.make_ticket().number)

    def test_odd_sequences(self):
        for values in (
            {"implementation": "no_gap"},
            {"implementation": "standard", "use_date_range": True, "prefix": "%(range_year)s/"},
            {"use_date_range": False, "prefix": "HD-%(year)s-", "suffix": "/x", "padding": 3, "number_increment": 2},
        ):
            with self.subTest(values=values):
                self.sequence.write(values)
                first = self.make_ticket()
                tickets = self.env[TICKET].create([{"name": "x", "team_id": self.team.id} for _i in range(3)])
                self.assertEqual(len(set(tickets.mapped("number")) | {first.number}), 4)


@tagged("post_install", "-at_install")
class TestNumbersOfTheForm(NumberCase, HttpCase):
    """The public form is a door as well."""

    def test_form(self):
        self.team.use_website_form = True
        self.env["helpdesk_lite.form.visit"].search([]).unlink()
        taken = self.squat()
        url = f"/helpdesk/{self.env['ir.http']._slug(self.team)}"
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.url_open(url).text)[1]
        response = self.url_open(
            url,
            data={
                "csrf_token": token,
                "name": "Vera",
                "email": "vera@visitor.example",
                "subject": "Lamp",
                "description": "Dark.",
            },
        )
        self.assertEqual(response.status_code, 200)
        self.assert_next(self.env[TICKET].search([("team_id", "=", self.team.id), ("name", "=", "Lamp")]), taken)


@tagged("post_install", "-at_install")
class TestNumbersWithBlanks(NumberCase, MailCommon):
    """A prefix with blanks, wherever they are, keeps answers together by the number in their subjects."""

    def receive(self, subject, number):
        before = self.env[TICKET].search([])
        mail = MAIL.replace(b"My parcel", subject.encode()).replace(b"number@", b"%d@" % number)
        with self.mock_mail_gateway(), mute_logger("odoo.addons.mail.models.mail_thread"):
            self.env["mail.thread"].message_process(None, mail % self.team.alias_email.encode())
            self.flush_tracking()
        return self.env[TICKET].search([]) - before

    def test_answers_without_references(self):
        self.team.alias_domain_id = self.env["mail.alias.domain"].create({"name": "blank.test.example"})
        for count, prefix in enumerate(("Help Desk ", " HD ", "HD  - ", "HD-")):
            with self.subTest(prefix=prefix):
                self.sequence.prefix = prefix
                ticket = self.receive("My parcel", 10 * count + 1)
                self.assertEqual(ticket.number, " ".join(ticket.number.split()))
                (mail,) = [mail for mail in self._mails if "zoe@quill.example" in mail["email_to"][0]]
                self.assertIn(f"[{ticket.number}]", mail["subject"])
                for step, subject in enumerate((f"Re: {mail['subject']}", f"RE: [ {ticket.number.lower()} ]")):
                    self.assertFalse(self.receive(subject, 10 * count + 2 + step), subject)
                mails = ticket.message_ids.filtered(lambda message: message.message_type == "email")
                self.assertEqual(len(mails), 3)

    def test_imported_numbers_are_not_drawn_again(self):
        self.sequence.prefix = "Help  Desk "
        self.env[TICKET].create({"name": "x", "team_id": self.team.id, "number": "Help Desk 00500"})
        self.assertEqual(self.make_ticket().number, "Help Desk 00501")
