import logging
from datetime import timedelta

from odoo import fields
from odoo.addons.mail.tests.common import MailCommon
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

from ...models.intake.delivery import fetching
from ..common import HelpdeskCase

MAIL = """\
From: {sender}
To: {to}
Subject: {subject}
Date: Mon, 05 Jan 2026 10:00:00 +0000
Message-ID: {message_id}
{headers}
{body}
"""
REPORT = """\
From: MAILER-DAEMON <mailer-daemon@quill.example>
To: {to}
Subject: Undelivered
Message-ID: <report@quill.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

It could not be delivered.
--b
Content-Type: message/delivery-status

Final-Recipient: rfc822; zoe@quill.example
Action: failed
Status: 5.1.1
--b
Content-Type: text/rfc822-headers

Message-ID: {bounced}
--b--
"""
ZOE = "Zoe Quill <zoe@quill.example>"


class IntakeCase(HelpdeskCase, MailCommon):
    """Mails are received within the transaction of the test."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Mail = cls.env["helpdesk_lite.mail"]
        cls.Ticket = cls.env["helpdesk_lite.ticket"]
        cls.gateway = cls.env["mail.thread"].with_user(cls.env.ref("base.user_root"))
        cls.to = cls.team.alias_email

    def make_mail(self, number=1, sender=ZOE, to=None, subject="My parcel", body="Where is it?", headers=""):
        return MAIL.format(
            sender=sender, to=to or self.to, subject=subject, message_id=f"<{number}@quill.example>", headers=headers, body=body
        )

    def receive(self, raw, model=None, gateway=None):
        """Receive a mail.

        :return: its record, or an empty recordset when it is not kept
        """
        before = self.Mail.search([])
        names = ("mail_thread", "mail_alias")
        with self.mock_mail_gateway(), mute_logger(*(f"odoo.addons.mail.models.{name}" for name in names)):
            (self.gateway if gateway is None else gateway).message_process(model, raw)
        return self.Mail.search([]) - before

    def assertParked(self, mail, reason):
        self.assertEqual((mail.state, mail.reason, mail.ticket_ids), ("parked", reason, self.Ticket))
        self.assertFalse(mail.next_try, "nothing is tried again that a person has to decide")

    def assertNobodyIsTold(self):
        self.assertFalse(self._mails, "no mail is sent")

    def run_job(self):
        """Run the job as if all pauses were over."""
        self.env.cr.execute("UPDATE helpdesk_lite_mail SET next_try = now() - interval '1 day' WHERE next_try IS NOT NULL")
        self.env.invalidate_all()
        with self.enter_registry_test_mode(), mute_logger("odoo.addons.helpdesk_lite.models.intake.mail_process"):
            self.env.ref("helpdesk_lite.cron_mail_again").method_direct_trigger()
        self.env.invalidate_all()

    def break_tickets(self):
        """Let the database refuse new tickets, until :meth:`mend_tickets`."""
        self.env.cr.execute(
            """ CREATE FUNCTION helpdesk_lite_broken() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN RAISE EXCEPTION 'tickets are broken'; END $$;
            CREATE TRIGGER helpdesk_lite_broken BEFORE INSERT ON helpdesk_lite_ticket
                FOR EACH ROW EXECUTE FUNCTION helpdesk_lite_broken()
            """
        )

    def mend_tickets(self):
        self.env.cr.execute("DROP TRIGGER helpdesk_lite_broken ON helpdesk_lite_ticket")


@tagged("post_install", "-at_install")
class TestIncomingStates(IntakeCase):
    """What becomes of a mail: done, parked with a reason, failed and tried again, or left to Odoo."""

    def test_a_big_mail_is_kept_byte_by_byte(self):
        for number in (1, 2):
            raw = self.make_mail(number).encode() + bytes(range(256)) * 6000
            mail = self.receive(raw)
            self.assertEqual(mail.state, "done")
            self.assertEqual(mail._get_source(), raw)

    def test_employees_choose_a_place_that_they_see_and_no_assignee(self):
        raw = self.make_mail(to="nobody@elsewhere.example")
        hidden = self.make_ticket("private")

        def deliver(**kwargs):
            with self.mock_mail_gateway():
                return self.call(self.employee, "mail.thread", "message_process", self.Ticket._name, raw, **kwargs)

        before = self.Ticket.search([]), self.Mail.search([])
        for choice in (
            {"custom_values": {"team_id": self.teams["private"].id}},
            {"custom_values": {"team_id": [self.teams["private"].id]}},
            {"thread_id": hidden.id},
        ):
            with self.subTest(choice=choice), self.assertRaises(AccessError), self.env.cr.savepoint():
                deliver(**choice)
        self.assertEqual((self.Ticket.search([]), self.Mail.search([])), before)
        team = self.teams["company"]
        ticket = self.Ticket.browse(deliver(custom_values={"team_id": team.id, "user_id": self.employee.id}))
        self.assertEqual((ticket.team_id, ticket.user_id), (team, self.env["res.users"]))

    def test_done(self):
        raw = self.make_mail()
        mail = self.receive(raw)
        self.assertEqual((mail.state, mail.transport, mail.size), ("done", "gateway", len(raw)))
        self.assertEqual((mail.email_from, mail.email_to, mail.subject), (ZOE, self.to, "My parcel"))
        self.assertEqual(mail.ticket_ids.name, "My parcel")
        self.assertEqual(mail.company_id, self.team.company_id)
        self.assertEqual(mail._get_source(), raw.encode())
        self.assertFalse(mail.next_try)

    def test_answer(self):
        ticket = self.receive(self.make_mail()).ticket_ids
        answer = self.receive(self.make_mail(2, headers="In-Reply-To: <1@quill.example>\n"))
        self.assertEqual((answer.state, answer.ticket_ids), ("done", ticket))

    def test_what_no_database_stores_is_kept(self):
        raw = self.make_mail().encode().replace(b"My parcel", b"My \xff\x00 parcel\xfc")
        mail = self.receive(raw)
        self.assertEqual(mail._get_source(), raw)
        self.assertNotIn("\0", mail.subject)
        self.assertIn(mail.state, ("done", "failed"))

    # KNOWN

    def test_transport_headers_make_no_other_mail(self):
        raw = self.make_mail()
        self.receive(raw)
        again = self.receive(f"Received: by mx\nX-Spam-Status: No\nReturn-Path: <x@y.example>\n{raw}".replace("\n", "\r\n"))
        self.assertEqual(again.state, "duplicate")
        self.assertTrue(again.ticket_ids)

    def test_another_mail_with_a_known_id_is_parked(self):
        ticket = self.receive(self.make_mail()).ticket_ids
        other = self.receive(self.make_mail(body="I am somebody else."))
        self.assertParked(other, "known_id")
        self.assertNobodyIsTold()
        self.assertEqual(len(ticket.message_ids.filtered(lambda message: message.message_type == "email")), 1)
        # a person decides
        state, tickets = other._process(("helpdesk_lite.ticket", False, {"team_id": self.teams["company"].id}))[other.id]
        self.assertEqual((state, len(tickets)), ("done", 1))
        made = self.Ticket.browse(tickets)
        self.assertEqual(made.team_id, self.teams["company"])
        self.assertNotEqual(made.message_id, ticket.message_id)
        state, tickets = (
            self.receive(self.make_mail(body="Me too."))._process(("helpdesk_lite.ticket", ticket.id, {})).popitem()[1]
        )
        self.assertEqual((state, tickets), ("done", ticket.ids))
        self.assertIn("Me too.", ticket.message_ids[0].body)

    def test_without_its_row_a_mail_is_known_by_its_message(self):
        self.receive(self.make_mail())
        self.env.cr.execute("DELETE FROM helpdesk_lite_mail")
        self.assertEqual(self.receive(self.make_mail()).state, "duplicate")
        self.env.cr.execute("DELETE FROM helpdesk_lite_mail")
        self.assertParked(self.receive(self.make_mail(subject="Another subject")), "known_id")

    # PARKED

    def test_unknown_address(self):
        raw = self.make_mail(to="nobody@unknown.example")
        # the gateway reports it to the mail server, as standard Odoo does
        with self.assertRaisesRegex(ValueError, "No possible route"):
            self.receive(raw)
        self.assertParked(self.Mail.search([], limit=1), "no_route")
        server = self.env["fetchmail.server"].create({"name": "Mailbox", "server_type": "pop"})
        gateway = self.gateway.with_context(default_fetchmail_server_id=server.id)
        with fetching():
            fetched = self.receive(self.make_mail(2, to="nobody@unknown.example"), gateway=gateway)
        self.assertParked(fetched, "no_route")
        self.assertEqual((fetched.transport, fetched.server_id), ("pop", server))
        self.assertNobodyIsTold()

    def test_who_delivers_a_mail_cannot_say_that_it_was_fetched(self):
        server = self.env["fetchmail.server"].create({"name": "Mailbox", "server_type": "pop"})
        gateway = self.gateway.with_context(default_fetchmail_server_id=server.id)
        mail = self.receive(self.make_mail(), gateway=gateway)
        self.assertEqual((mail.state, mail.transport), ("done", "gateway"))
        self.assertFalse(mail.server_id)
        with self.assertRaisesRegex(ValueError, "No possible route"):
            self.receive(self.make_mail(2, to="nobody@unknown.example"), gateway=gateway)

    def test_loop_guard(self):
        self.env["ir.config_parameter"].set_param("mail.gateway.loop.threshold", "3")
        mails = [self.receive(self.make_mail(number)) for number in range(4)]
        self.assertEqual([mail.state for mail in mails[:3]], ["done"] * 3)
        self.assertParked(mails[3], "loop")
        self.assertNobodyIsTold()
        headers = "References: <1-loop-detection-bounce-email@quill.example>\n"
        self.assertParked(self.receive(self.make_mail(9, sender="other@quill.example", headers=headers)), "loop")

    def test_the_log_says_why_a_mail_is_not_processed(self):
        self.env["ir.config_parameter"].set_param("mail.gateway.loop.threshold", "1")
        self.env["helpdesk_lite.mail.block"].create({"name": "spam@quill.example", "company_id": self.team.company_id.id})
        self.receive(self.make_mail())
        for number, values, why in (
            (1, {}, "duplicate"),
            (1, {"body": "I am somebody else."}, "known_id"),
            (2, {}, "loop"),
            (3, {"sender": "spam@quill.example"}, "blocked"),
            (4, {"to": f"{self.team.alias_domain_id.catchall_email}", "sender": "other@quill.example"}, "no_route"),
        ):
            with self.subTest(why=why):
                # not "INFO", by which Odoo names a higher level as well
                with self.assertLogs("odoo.addons.helpdesk_lite.models.intake", logging.INFO) as log:
                    mail = self.receive(self.make_mail(number, **values))
                self.assertEqual(mail.reason or mail.state, why)
                self.assertEqual(
                    [line.partition("Mail ")[2] for line in log.output], [f"<{number}@quill.example> is not processed ({why})"]
                )

    def test_blocked_senders(self):
        Block = self.env["helpdesk_lite.mail.block"].with_user(self.manager)
        other = self.env["res.company"].create({"name": "Other"})
        block = Block.create({"name": " Zoe@Quill.example ", "company_id": self.team.company_id.id})
        mail = self.receive(self.make_mail())
        self.assertParked(mail, "blocked")
        self.assertEqual(mail.company_id, self.team.company_id)
        self.assertNobodyIsTold()
        block.name = "quill.example"
        self.assertEqual(block.name, "@quill.example")
        self.assertParked(self.receive(self.make_mail(2, sender="other@quill.example")), "blocked")
        self.assertEqual(self.receive(self.make_mail(3, sender="zoe@notquill.example")).state, "done")
        self.assertTrue(Block._is_blocked(ZOE, self.team.company_id))
        block.sudo().company_id = other
        self.assertEqual(self.receive(self.make_mail(5)).state, "done")
        block.sudo().active = False
        self.assertEqual(mail._process(), {mail.id: ("done", mail.ticket_ids.ids)})
        self.assertTrue(mail.ticket_ids)

    def test_blocked_senders_are_recognised_in_whatever_the_ticket_takes_for_the_sender(self):
        Block = self.env["helpdesk_lite.mail.block"].with_user(self.manager)
        Block.create({"name": "zoe@quill.example", "company_id": self.team.company_id.id})
        senders = {
            "several": (f"{ZOE}, Ann <ann@quill.example>", ""),
            "the one who is answered": ("no-reply@quill.example", f"Reply-To: {ZOE}\n"),
            "who gets reports": ("", "Return-Path: <zoe@quill.example>\n"),
            "a long name": (f"{'Zoe ' * 400}<zoe@quill.example>", ""),
            "another full stop": ("zoe@quill\uff0eexample", ""),
        }
        for number, (case, (sender, headers)) in enumerate(senders.items()):
            with self.subTest(case):
                mail = self.receive(self.make_mail(number, sender=sender, headers=headers).encode())
                self.assertParked(mail, "blocked")
        self.assertEqual(self.receive(self.make_mail(20, sender=f"Ann <ann@quill.example>, {ZOE}")).state, "done")

    def test_what_answers_a_ticket_is_for_administrators_of_its_company(self):
        ticket = self.receive(self.make_mail()).ticket_ids
        known = ticket.message_ids.filtered(lambda message: message.message_type == "email").message_id
        catchall = f"{ticket.company_id.alias_domain_id.catchall_alias}@{ticket.company_id.alias_domain_id.name}"
        loop = f"{known} <1-loop-detection-bounce-email@quill.example>"
        answer = {"to": catchall, "headers": f"In-Reply-To: {known}\nReferences: {loop}\n"}
        mail = self.receive(self.make_mail(2, subject="Re: My parcel", **answer))
        self.assertParked(mail, "loop")
        self.assertEqual(mail.company_id, ticket.company_id)
        mail = self.receive(self.make_mail(1, subject="Something else", to=catchall))
        self.assertParked(mail, "known_id")
        self.assertEqual(mail.company_id, ticket.company_id)
        self.env["helpdesk_lite.mail.block"].create({"name": "eve@quill.example", "company_id": ticket.company_id.id})
        mail = self.receive(self.make_mail(3, sender="eve@quill.example", to=catchall, headers=f"In-Reply-To: {known}\n"))
        self.assertParked(mail, "blocked")
        self.assertEqual(mail.company_id, ticket.company_id)
        stranger = self.receive(
            self.make_mail(4, to=catchall, headers="References: <1-loop-detection-bounce-email@a.example>\n")
        )
        self.assertFalse(stranger.company_id, "nothing tells whose it is")

    def test_answers_of_blocked_senders_are_parked(self):
        ticket = self.receive(self.make_mail()).ticket_ids
        self.env["helpdesk_lite.mail.block"].create({"name": "zoe@quill.example", "company_id": self.team.company_id.id})
        answer = self.receive(self.make_mail(2, headers="In-Reply-To: <1@quill.example>\n"))
        self.assertParked(answer, "blocked")
        self.assertEqual(len(ticket.message_ids.filtered(lambda message: message.message_type == "email")), 1)

    def test_what_is_no_sender_cannot_be_blocked(self):
        for name in ("", "@", "a b", "zoe@", "*"):
            with self.subTest(name=name), self.assertRaises(ValidationError):
                self.env["helpdesk_lite.mail.block"].create({"name": name})

    def test_who_may_not_write_is_told(self):
        self.team.alias_contact = "partners"
        mail = self.receive(self.make_mail())
        self.assertParked(mail, "refused")
        self.assertEqual([sent["email_to"] for sent in self._mails], [['"Zoe Quill" <zoe@quill.example>']])
        self.assertNotEqual(self.team.alias_id.alias_status, "invalid")

    def test_a_wrong_alias_is_our_affair(self):
        self.team.alias_contact = "followers"
        self.team.alias_id.write({"alias_parent_thread_id": False})
        status = self.team.alias_id.alias_status
        with mute_logger("odoo.addons.helpdesk_lite.models.intake.mail_process"):
            mail = self.receive(self.make_mail())
        self.assertEqual(mail.state, "failed")
        self.assertIn("not configured", mail.error)
        self.assertNobodyIsTold()
        self.assertEqual(self.team.alias_id.alias_status, status)

    def test_delivery_reports(self):
        ticket = self.receive(self.make_mail()).ticket_ids
        message = ticket.message_post(body="Here it is.", subtype_xmlid="mail.mt_comment", message_type="comment")
        report = self.receive(REPORT.format(to=self.to, bounced=message.message_id))
        self.assertEqual((report.state, report.ticket_ids), ("done", ticket))
        unknown = REPORT.replace("report@", "report2@").format(to=self.to, bounced="<unknown@quill.example>")
        self.assertParked(self.receive(unknown), "bounce")
        # of a mail that is none of ours
        self.assertFalse(self.receive(unknown.replace(self.to, "bounce@other.example").replace("report2", "report3")))

    # FAILED

    def test_a_failed_mail_is_tried_again_ten_times(self):
        self.break_tickets()
        with mute_logger("odoo.addons.helpdesk_lite.models.intake.mail_process"):
            mail = self.receive(self.make_mail())
        pauses = []
        while mail.next_try:
            self.assertEqual(mail.state, "failed")
            self.assertIn("tickets are broken", mail.error)
            pauses.append(mail.next_try - mail.write_date)
            self.run_job()
        minutes = [round(pause / timedelta(minutes=1)) for pause in pauses]
        self.assertEqual(minutes, [1, 5, 30, 120, *[1440] * 5])
        self.assertEqual((mail.state, mail.tries), ("failed", 10))
        self.run_job()
        self.assertEqual(mail.tries, 10)
        self.mend_tickets()
        mail._process()
        self.assertEqual((mail.state, mail.error, len(mail.ticket_ids)), ("done", False, 1))

    def test_a_mail_of_a_leaver_is_processed_without_their_arguments(self):
        self.break_tickets()
        with mute_logger("odoo.addons.helpdesk_lite.models.intake.mail_process"):
            mail = self.receive(
                self.make_mail(to="nobody@unknown.example"), "helpdesk_lite.ticket", self.gateway.with_user(self.agent)
            )
        self.assertEqual(
            (mail.state, mail.options["model"], mail.options["uid"]), ("failed", "helpdesk_lite.ticket", self.agent.id)
        )
        self.mend_tickets()
        self.agent.active = False
        self.run_job()
        self.assertParked(mail, "no_route")

    def test_who_may_not_deliver_mails_leaves_no_trace(self):
        with self.assertRaises(AccessError):
            self.receive(self.make_mail(), gateway=self.env["mail.thread"].with_user(self.customer_user))
        self.assertFalse(self.Mail.search([]))

    # OTHER MODELS

    def test_mails_for_other_models_are_left_to_odoo(self):
        alias = self.env["mail.alias"].create(
            {"alias_name": "contacts", "alias_model_id": self.env["ir.model"]._get_id("res.partner")}
        )
        raw = self.make_mail(to=alias.alias_full_name, subject="A new contact")
        self.assertFalse(self.receive(raw))
        contact = self.env["res.partner"].search([("name", "=", "A new contact")])
        self.assertEqual(len(contact), 1)
        self.assertFalse(self.receive(raw), "a second time as well")
        # a copy for a team that was in Bcc
        mail = self.receive(f"Delivered-To: {self.to}\n{raw}")
        self.assertEqual((mail.state, len(mail.ticket_ids)), ("done", 1))
        self.assertEqual(self.env["res.partner"].search([("name", "=", "A new contact")]), contact)

    # RETENTION AND ACCESS

    def test_old_mails_are_deleted(self):
        states = ("received", "done", "duplicate", "parked", "failed", "discarded")
        mails = self.Mail.union(*(self.receive(self.make_mail(number)) for number in range(len(states) * 2)))
        for number, mail in enumerate(mails.sorted("id")):
            self.env.cr.execute(
                SQL(
                    "UPDATE helpdesk_lite_mail SET state = %s, received_on = %s WHERE id = %s",
                    states[number // 2],
                    fields.Datetime.now() - timedelta(days=181 if number % 2 else 31),
                    mail.id,
                )
            )
        self.env.invalidate_all()
        self.assertEqual(self.Mail._gc_old(), (6, False))
        left = sorted(self.Mail.search([]).mapped("state"))
        self.assertEqual(left, sorted(["received", *(state for state in states if state != "done")]))
        self.env["ir.config_parameter"].set_param("helpdesk_lite.mail_days_other", "30")
        self.Mail._gc_old()
        self.assertEqual(self.Mail.search([]).mapped("state"), ["received", "received"])

    def test_administrators_read_the_mails_of_their_companies(self):
        other = self.env["res.company"].create({"name": "Other"})
        mails = {}
        for name, company in (("own", self.team.company_id), ("other", other), ("unknown", self.env["res.company"])):
            mails[name] = self.receive(self.make_mail(name))
            self.env.cr.execute(
                SQL("UPDATE helpdesk_lite_mail SET company_id = %s WHERE id = %s", company.id or None, mails[name].id)
            )
        self.assertEqual(
            set(self.call(self.manager, "helpdesk_lite.mail", "search", [])), {mails["own"].id, mails["unknown"].id}
        )
        self.assertTrue(self.call(self.manager, "helpdesk_lite.mail", "read", mails["own"].ids, ["source"])[0]["source"])
        with self.assertRaises(AccessError):
            self.call(self.manager, "helpdesk_lite.mail", "read", mails["other"].ids, ["source"])
        for values in ({"state": "done"}, {"source": "eA=="}, {"ticket_ids": [(5,)]}):
            with self.subTest(values=values), self.assertRaises(AccessError):
                self.call(self.manager, "helpdesk_lite.mail", "write", mails["own"].ids, values)
        for user in (self.agent, self.employee, self.customer_user):
            for method, *arguments in (("search", []), ("read", mails["own"].ids, ["subject"]), ("name_search", "")):
                with self.subTest(user=user.login, method=method), self.assertRaises(AccessError):
                    self.call(user, "helpdesk_lite.mail", method, *arguments)
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.call(user, "helpdesk_lite.mail.block", "search", [])

    def test_a_source_is_read_in_base64(self):
        mail = self.receive(self.make_mail())
        self.env.invalidate_all()
        (values,) = self.call(self.manager, "helpdesk_lite.mail", "read", mail.ids, ["source"])
        self.assertEqual(values["source"][:8], b"RnJvbTog", "From: ")
        mail.source = values["source"]
        self.env.invalidate_all()
        self.assertEqual(mail._get_source(), self.make_mail().encode())

    # COST

    def test_at_most_four_statements_more(self):
        def count(process):
            for number in range(2):
                # with what happens before a commit: the acknowledgement
                self.cr.flush()
                self.env.invalidate_all()
                before = self.cr.sql_log_count
                process(number)
                self.cr.flush()
            return self.cr.sql_log_count - before

        options = {"model": None}
        kept = count(lambda number: self.gateway.message_process(None, self.make_mail(f"kept{number}").encode()))
        stock = count(lambda number: self.gateway._message_process_kept(self.make_mail(f"stock{number}").encode(), options))
        # in a test there is a savepoint, which takes two, instead of a transaction
        self.assertLessEqual(kept - stock, 4 + 2)
