from datetime import timedelta

from odoo import fields
from odoo.addons.helpdesk_lite.tests.access.test_doors import Doors
from odoo.addons.helpdesk_lite.tests.access.test_links import NAMES, LinksCase
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from ..common import MergeCase
from .test_thread import ThreadCase


@tagged("post_install", "-at_install")
class TestMergeGuards(Doors, LinksCase, MergeCase):
    """Requests that a single line refuses: each test has failed without its line, see ``tests/mutations.diff``."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Ticket = cls.env["helpdesk_lite.ticket"]
        cls.master = cls.make_ticket(partner_id=cls.customer.id)
        cls.private = cls.make_ticket("private", name="Zebra", number="ZEBRA-1")
        cls.file = cls.env["ir.attachment"].create(
            {"name": "zebra.txt", "raw": b"x", "res_model": cls.private._name, "res_id": cls.private.id}
        )
        cls.activity = cls.private.with_context(mail_activity_quick_update=True).activity_schedule(
            "mail.mail_activity_data_todo", user_id=cls.manager.id, summary="Zebra"
        )
        cls.scheduled = (
            cls.env["mail.scheduled.message"]
            .with_user(cls.manager)
            .create(
                {
                    "model": cls.private._name,
                    "res_id": cls.private.id,
                    "author_id": cls.manager.partner_id.id,
                    "body": "Zebra",
                    "subject": "Zebra",
                    "scheduled_date": fields.Datetime.now() + timedelta(days=2),
                }
            )
        )
        cls.said = cls.private.with_user(cls.manager).message_post(body="Zebra", subtype_xmlid="mail.mt_note")

    def assert_closed(self, user, model, method, *args, **kwargs):
        """The request is refused with an access error."""
        with mute_logger("odoo.addons.base.models.ir_rule"), self.assertRaises(AccessError), self.env.cr.savepoint():
            self.call(user, model, method, *args, **kwargs)

    def narrow_changes(self, domain):
        """Add a record rule of the administrator's that lets people read more tickets than they can change."""
        self.env["ir.rule"].create(
            {
                "name": "Changes",
                "model_id": self.env["ir.model"]._get_id(self.Ticket._name),
                "domain_force": repr(domain),
                "perm_read": False,
                "perm_create": False,
                "perm_unlink": False,
            }
        )

    def make_group(self, tickets, user=None):
        action = self.call(user or self.agent, self.Ticket._name, "action_merge", tickets.ids)
        return self.env["helpdesk_lite.merge.group"].browse(action["res_id"])

    # ------------------------------------------------------------
    # WHO MERGES
    # ------------------------------------------------------------

    def test_who_reads_all_and_changes_some_merges_nothing(self):
        tickets = self.make_ticket() | self.make_ticket(user_id=self.agent.id)
        groups = self.env["helpdesk_lite.merge.group"].search_count([])
        self.assert_closed(self.employee, self.Ticket._name, "action_merge", tickets.ids)
        self.narrow_changes([("user_id", "!=", False)])
        self.assert_closed(self.agent, self.Ticket._name, "action_merge", tickets.ids)
        self.assertEqual(self.env["helpdesk_lite.merge.group"].search_count([]), groups)

    def test_a_group_is_unknown_to_who_reads_its_tickets_only(self):
        tickets = self.make_ticket() | self.make_ticket(user_id=self.agent.id)
        group = self.make_group(tickets)
        self.assertTrue(self.finds(self.agent, group._name, [("id", "=", group.id)]))
        self.narrow_changes([("user_id", "!=", False)])
        self.assertFalse(self.finds(self.agent, group._name, [("id", "=", group.id)]))
        for record in (group, *group.record_ids):
            self.assertFalse(record.with_user(self.agent).has_access("read"))
            self.assert_closed(self.agent, record._name, "read", record.ids, ["display_name"])
        self.assert_closed(self.agent, group._name, "action_discard", group.ids)

    def test_nobody_makes_a_group_by_hand(self):
        self.assert_closed(self.agent, "helpdesk_lite.merge.group", "create", {})

    def test_nobody_says_what_became_of_a_group(self):
        group = self.make_group(self.make_ticket() | self.make_ticket())
        for user in (self.agent, self.manager):
            for values in ({"state": "merged"}, {"state": "new"}, {"rule_id": False}, {"similarity": 1}):
                with self.subTest(user=user.login, values=values):
                    self.assert_closed(user, group._name, "write", group.ids, values)
                    self.assert_closed(user, group._name, "web_save", group.ids, values, {"state": {}})
            for values in ({"ticket_id": self.hidden_ticket.id}, {"similarity": 1}, {"explanation": "x"}):
                with self.subTest(user=user.login, values=values):
                    lines = [Command.update(group.record_ids[0].id, values)]
                    self.assert_closed(user, group._name, "write", group.ids, {"record_ids": lines})
            self.assert_closed(
                user, group._name, "write", group.ids, {"record_ids": [Command.create({"ticket_id": self.make_ticket().id})]}
            )
        self.assertEqual(group.state, "new")
        self.call(self.agent, group._name, "action_merge", group.ids)
        for verb in ("action_merge", "action_discard"):
            with self.assertRaises(UserError), self.env.cr.savepoint():
                self.call(self.agent, group._name, verb, group.ids)
        self.assertEqual(group.state, "merged")

    def test_undoing_takes_the_right_to_change_every_ticket(self):
        for master, source in ((self.private, self.make_ticket()), (self.master, self.private)):
            with self.subTest(master=master.name), self.env.cr.savepoint() as savepoint:
                self.merge(master | source, master, self.manager)
                if source == self.private:
                    # what was joined and cannot be read is not there
                    with self.assertRaisesRegex(UserError, "Nothing was merged"), self.env.cr.savepoint():
                        self.call(self.agent, self.Ticket._name, "action_undo_merge", master.ids)
                else:
                    self.assert_closed(self.agent, self.Ticket._name, "action_undo_merge", master.ids)
                self.assertTrue(source.is_merged)
                savepoint.rollback()
            self.env.invalidate_all()
        tickets = self.make_ticket(user_id=self.agent.id) | self.make_ticket(user_id=self.agent.id)
        self.merge(tickets, tickets[0])
        self.narrow_changes([("id", "!=", tickets[1].id)])
        self.assert_closed(self.agent, self.Ticket._name, "action_undo_merge", tickets[0].ids)

    def test_rules_of_other_companies(self):
        rule = self.env["helpdesk_lite.merge.rule"].create({"name": "Zebra", "company_id": self.far_away.id})
        line = self.env["helpdesk_lite.merge.rule.line"].create({"rule_id": rule.id, "field_name": "priority"})
        for record in (rule, line):
            self.assertFalse(self.finds(self.manager, record._name, [("id", "=", record.id)]))
            self.assert_closed(self.manager, record._name, "read", record.ids, ["display_name"])
            self.assert_closed(self.manager, record._name, "unlink", record.ids)

    def test_nobody_makes_a_rule_for_all_companies_their_own(self):
        rule = self.env["helpdesk_lite.merge.rule"].create({"name": "All", "company_id": False})
        for values in ({"company_id": self.env.company.id}, {"active": False}):
            self.assert_closed(self.manager, rule._name, "write", rule.ids, values)
        self.assertFalse(rule.company_id)

    def test_the_words_of_a_ticket_are_asked_for_by_nobody(self):
        for user in (self.employee, self.manager, self.env.ref("base.user_admin")):
            for method, args in (
                ("read", [self.master.ids, ["merge_words"]]),
                ("search", [[("merge_words", "ilike", "a")]]),
                ("web_read", [self.master.ids, {"merge_words": {}}]),
            ):
                with self.subTest(user=user.login, method=method):
                    self.assert_closed(user, self.Ticket._name, method, *args)

    # ------------------------------------------------------------
    # WHAT A JOINED TICKET HAS
    # ------------------------------------------------------------

    def test_what_a_joined_ticket_has_is_read_by_nobody_by_its_id(self):
        """Readers of the master can guess ids."""
        self.merge(self.master | self.private, self.master, self.manager)
        self.assertTrue(self.master.with_user(self.employee).has_access("read"))
        for record, changes in (
            (self.scheduled, {"body": "mine"}),
            (self.activity, {"summary": "mine"}),
            (self.file, {"name": "mine"}),
            (self.said, {"body": "mine"}),
        ):
            self.assertEqual(record.sudo().res_id, self.private.id)
            with self.subTest(model=record._name):
                self.assertFalse(record.with_user(self.employee).has_access("read"))
                self.assert_closed(self.employee, record._name, "read", record.ids, ["display_name"])
                self.assert_closed(self.employee, record._name, "web_read", record.ids, {"display_name": {}})
                for user in (self.employee, self.agent):
                    self.assert_closed(user, record._name, "write", record.ids, changes)
                    self.assert_closed(user, record._name, "unlink", record.ids)
                self.call(self.manager, record._name, "read", record.ids, ["display_name"])

    def test_what_waits_to_be_sent_is_not_found_in_the_master(self):
        self.merge(self.master | self.private, self.master, self.manager)
        domain = [("model", "=", self.master._name), ("res_id", "=", self.master.id)]
        for user, found in ((self.employee, False), (self.agent, False), (self.manager, True)):
            for asked, there in ((domain, False), ([("id", "=", self.scheduled.id)], found)):
                with self.subTest(user=user.login, asked=asked):
                    self.assertEqual(self.finds(user, "mail.scheduled.message", asked), there)

    def test_the_note_about_a_joined_ticket_is_its_own(self):
        """It says who joined it, and nothing of the master; the master says nothing of it."""
        before, own = self.master.message_ids, self.private.message_ids
        self.merge(self.master | self.private, self.master, self.manager)
        merged = self.private.message_ids - own
        self.master.with_user(self.manager).action_undo_merge()
        undone = self.private.message_ids - merged - own
        self.assertEqual(self.master.message_ids, before)
        for note, word in ((merged, "joined"), (undone, "undone")):
            self.assertEqual(len(note), 1)
            self.assertIn(word, note.body)
            self.assertEqual(note.author_id, self.manager.partner_id)
            self.assertTrue(note.is_internal)
            for secret in (self.master.number, self.master.name, f'"{self.master.id}"'):
                self.assertNotIn(secret, note.body)
            for user in (self.employee, self.agent, self.customer_user):
                self.assertFalse(note.with_user(user).has_access("read"))

    def test_the_timeline_shows_what_its_reader_can_read(self):
        """Of a chain of joined tickets, each by itself."""
        other = self.env["helpdesk_lite.team"].create({"name": "Other", "privacy_visibility": "private"})
        between = self.make_ticket(team_id=other.id)
        hidden = between.with_user(self.manager).message_post(body="Quagga", subtype_xmlid="mail.mt_note")
        self.merge(self.private | between, between, self.manager)
        self.merge(between | self.master, self.master, self.manager)
        fetch = self.env["mail.message"]._message_fetch
        self.assertEqual(self.master._get_joined(), self.private | between)
        for follows, seen in ((False, set()), (True, {self.said.id})):
            if follows:
                self.private.message_subscribe(self.employee.partner_id.ids)
            for term in (None, "Zebra"):
                master = self.master.with_user(self.employee)
                found = fetch.__func__(self.env["mail.message"].with_user(self.employee), None, thread=master, search_term=term)
                self.assertEqual(set(found["messages"].ids) & {self.said.id, hidden.id}, seen)

    def test_nobody_says_which_ticket_a_message_answers(self):
        source = self.make_ticket(partner_id=self.customer.id)
        self.merge(self.master | source, self.master)
        self.call(self.employee, self.master._name, "message_post", self.master.ids, body="x", merge_answered_id=source.id)
        self.assertEqual(self.env["helpdesk_lite.merge.journal"].search_count([("master_id", "=", self.master.id)]), 1)

    def test_a_master_takes_over_nothing_that_its_readers_may_not_read(self):
        """Neither fields nor public messages, from a private ticket or from another customer's."""
        stranger = self.env["res.partner"].create({"name": "Stranger", "email": "stranger@test.example"})
        zebra = {"description": "<p>Zebra</p>", "email_cc": "zebra@test.example"}
        for what, master, source, kept in (
            ("employees", self.make_ticket("company"), self.make_ticket("private", **zebra), False),
            ("employees and customers", self.make_ticket(), self.make_ticket("private", **zebra), False),
            (
                "another customer",
                self.make_ticket(partner_id=self.customer.id),
                self.make_ticket(partner_id=stranger.id, **zebra),
                False,
            ),
            (
                "an unknown sender",
                self.make_ticket(partner_email="zoe@quill.example"),
                self.make_ticket(partner_id=stranger.id, **zebra),
                False,
            ),
            (
                "the same customer",
                self.make_ticket(partner_id=self.customer.id),
                self.make_ticket(partner_id=self.customer.id, **zebra),
                True,
            ),
        ):
            said = (
                source.with_user(self.manager)
                .with_context(mail_notify_noemail=True)
                .message_post(
                    body="Zebra", message_type="comment", subtype_xmlid="mail.mt_comment", partner_ids=self.customer.ids
                )
            )
            master._portal_ensure_token()
            with self.subTest(readers=what):
                self.merge(master | source, master, self.manager)
                self.assertEqual("Zebra" in (master.description or ""), kept)
                self.assertEqual("zebra" in (master.email_cc or ""), kept)
                self.assertEqual(said.res_id, (master if kept else source).id)
                self.assertFalse(said.is_internal)

    def test_who_follows_a_source_follows_a_master_that_they_see(self):
        """Following is seeing."""
        other = self.env["helpdesk_lite.team"].create({"name": "Other", "privacy_visibility": "private"})
        outside = new_test_user(self.env, "hl_outside", "base.group_portal").partner_id
        people = self.employee.partner_id | outside
        for master, follow in (
            (self.make_ticket(team_id=other.id), self.Ticket.browse()),
            (self.make_ticket(), self.employee.partner_id),
        ):
            source = self.make_ticket(partner_id=outside.id)
            source.message_subscribe(people.ids)
            self.merge(master | source, master, self.manager, forced=source)
            self.assertEqual((master.message_partner_ids & people).ids, follow.ids)

    # ------------------------------------------------------------
    # WHERE IT WENT
    # ------------------------------------------------------------

    def test_the_master_is_named_to_those_who_see_it(self):
        self.merge(self.master | self.private, self.private, self.manager)
        for user, seen in ((self.employee, False), (self.manager, self.private.id)):
            values = self.call(user, self.Ticket._name, "web_read", self.master.ids, {"merged_into_id": NAMES})[0]
            self.assertEqual((values["merged_into_id"] or {}).get("id", False), seen)

    def test_a_hidden_number_finds_no_master(self):
        self.merge(self.master | self.private, self.master, self.manager)
        for user, found in ((self.employee, False), (self.manager, True)):
            names = self.call(user, self.Ticket._name, "name_search", "ZEBRA-1")
            self.assertEqual(self.master.id in [id_ for id_, _name in names], found)
            self.assertEqual(self.finds(user, self.Ticket._name, [("merged_numbers", "ilike", "ZEBRA")]), found)


@tagged("post_install", "-at_install")
class TestMergeGuardsByMail(ThreadCase):
    """The same by mail."""

    def test_copies_of_an_answer_to_a_hidden_ticket_are_not_the_masters(self):
        """The recipients of the copies would get answers that are meant for the master's customer."""
        master = self.make_ticket(name="Outage", partner_id=self.customer.id)
        source = self.make_ticket(name="It is down", partner_id=self.other.id)
        asked = source.message_post(body="Ask", subtype_xmlid="mail.mt_comment", message_type="comment")
        self.merge(master | source, master)
        answer = self.receive(
            "still down", sender="other@test.example", headers=f"References: {asked.message_id}\nCc: spy@elsewhere.example\n"
        )
        self.assertEqual(answer.res_id, source.id)
        self.assertNotIn("spy@", master.email_cc or "")

    def test_an_answer_to_a_hidden_ticket_is_told_to_nobody_who_cannot_see_it(self):
        """Even if they want to hear of the master's notes."""
        master, source = self.make_ticket(), self.make_ticket("private", partner_id=self.customer.id)
        subtypes = self.env.ref("mail.mt_note") + self.env.ref("mail.mt_comment")
        for user in (self.employee, self.manager):
            master.message_subscribe(user.partner_id.ids, subtypes.ids)
        asked = source.message_post(body="Ask", subtype_xmlid="mail.mt_comment", message_type="comment")
        self.merge(master | source, master, self.manager)
        answer = self.receive("zebra", headers=f"References: {asked.message_id}\n")
        self.assertEqual(answer.res_id, source.id)
        self.assertIn(self.manager.partner_id, answer.notified_partner_ids)
        self.assertNotIn(self.employee.partner_id, answer.notified_partner_ids)


@tagged("post_install", "-at_install")
class TestMergeGuardsByLink(ThreadCase, HttpCase):
    """The same for pages of the portal."""

    def test_a_link_to_a_file_ends_with_the_ticket_that_it_came_from(self):
        """Not with the master, where the file is now."""
        team = self.env["helpdesk_lite.team"].create({"name": "Other", "privacy_visibility": "public"})
        master, source = self.make_ticket(), self.make_ticket(team_id=team.id, partner_id=self.other.id)
        file = self.env["ir.attachment"].create({"name": "x.txt", "raw": b"x", "res_model": source._name, "res_id": source.id})
        # only then are links to its files signed for employees, who need no signature
        source._portal_ensure_token()
        link = f"/web/content/{file.id}?access_token={file._get_raw_access_token()}"
        self.merge(master | source, master)
        self.authenticate(None, None)
        for mode, status in (("public", 200), ("company", 404)):
            team.privacy_visibility = mode
            self.env.flush_all()
            self.assertEqual(self.url_open(link).status_code, status, mode)

    def landing(self, ticket, token=None, login=None):
        """The id of the ticket that is shown in the end, and whether its access link was given."""
        self.authenticate(login, login)
        url = f"/my/helpdesk-tickets/{ticket.id}" + (f"?access_token={token}" if token else "")
        address = self.url_open(url, allow_redirects=True).url.partition("/my/helpdesk-tickets/")[2]
        return address.partition("?")[0], "access_token" in address

    def test_an_old_link_opens_no_master_that_is_not_public(self):
        master = self.make_ticket("company", partner_id=self.customer.id)
        source = self.make_ticket(partner_id=self.customer.id)
        token = source._portal_ensure_token()
        self.merge(master | source, master, forced=source)
        self.env.flush_all()
        self.assertEqual(self.landing(source, token), (str(source.id), True))

    def test_an_old_link_opens_no_master_of_another_customer(self):
        master, source = self.make_ticket(partner_id=self.customer.id), self.make_ticket(partner_id=self.other.id)
        token = source._portal_ensure_token()
        self.merge(master | source, master, forced=source)
        self.env.flush_all()
        self.assertEqual(self.landing(source, token), (str(source.id), True))

    def test_a_follower_of_an_old_ticket_gets_no_link_to_the_master(self):
        colleague = new_test_user(self.env, "hl_colleague", "base.group_portal", email="colleague@test.example")
        master, source = self.make_ticket(partner_id=self.customer.id), self.make_ticket(partner_id=self.customer.id)
        source.message_subscribe(colleague.partner_id.ids)
        self.merge(master | source, master, forced=source)
        self.env.flush_all()
        self.assertFalse(master.with_user(colleague).has_access("read"))
        self.assertEqual(self.landing(source, login=colleague.login), (str(source.id), False))
        self.assertEqual(self.landing(source, login="hl_customer"), (str(master.id), False))

    def test_the_masters_link_opens_nothing_of_a_joined_ticket(self):
        master, source = self.make_ticket(partner_id=self.customer.id), self.make_ticket(partner_id=self.other.id)
        said = source.message_post(
            body="Mine", message_type="comment", subtype_xmlid="mail.mt_comment", author_id=self.other.id
        )
        note = master.message_post(body="Noted", message_type="comment", subtype_xmlid="mail.mt_note")
        self.merge(master | source, master)
        token = master._portal_ensure_token()
        self.env.flush_all()
        self.authenticate(None, None)
        for message in (said, note):
            with self.assertRaises(Exception) as caught, mute_logger("odoo.http"):
                self.make_jsonrpc_request(
                    "/mail/message/reaction", {"message_id": message.id, "content": "👍", "action": "add", "token": token}
                )
            self.assertIn("NotFound", str(caught.exception))
        shown = self.make_jsonrpc_request(
            "/mail/chatter_fetch", {"thread_model": master._name, "thread_id": master.id, "token": token}
        )
        self.assertNotIn(said.id, shown["messages"])
