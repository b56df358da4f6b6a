import re

from odoo.addons.helpdesk_lite.tests.common import COMPANY_MODES
from odoo.addons.mail.tests.common import MailCommon
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, new_test_user, tagged

from ..common import MergeCase

# every text of a ticket holds a word of its own
WORD = re.compile(r"secret-[a-z0-9-]+")
EMPLOYEES = ("employee", "invited", "agent", "manager")
PORTAL = ("customer_user", "colleague")


@tagged("post_install", "-at_install")
class TestMergeLeaks(MergeCase, MailCommon, HttpCase):
    """Who reads what: after a merge nobody reads more than before.

    Readers look at everything that they can get: fields, messages, files and activities by
    the ORM, the portal's page and its messages by HTTP, with their login or an access link.
    A link is its ticket's customer's: they may see whatever their links and login show.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company_partner = cls.env["res.partner"].create({"name": "Quill Ltd", "is_company": True})
        cls.customer.parent_id = cls.company_partner
        cls.colleague = new_test_user(cls.env, "hl_colleague", "base.group_portal", email="colleague@test.example")
        cls.colleague.partner_id.parent_id = cls.company_partner
        cls.stranger = new_test_user(cls.env, "hl_stranger", "base.group_portal", email="stranger@test.example")
        cls.invited = new_test_user(cls.env, "hl_invited", "helpdesk_lite.group_user", email="invited@test.example")
        # somebody who reads everything anyway, to write to
        cls.boss = new_test_user(cls.env, "hl_boss", "helpdesk_lite.group_manager", email="boss@test.example")
        cls.others = {
            mode: cls.env["helpdesk_lite.team"].create({"name": f"Other {mode}", "privacy_visibility": mode})
            for mode in COMPANY_MODES
        }

    def make(self, name, team, customer):
        """A ticket of which every piece can be told from every other."""
        ticket = (
            self.env["helpdesk_lite.ticket"]
            .with_context(mail_create_nosubscribe=True, mail_create_nolog=True, mail_notrack=True)
            .create(
                {
                    "name": f"secret-{name}-name",
                    "team_id": team.id,
                    "description": f"<p>secret-{name}-description</p>",
                    "partner_id": customer.id,
                    "partner_phone": f"secret-{name}-phone",
                    "email_cc": f"secret-{name}-cc@test.example",
                    "tag_ids": [(0, 0, {"name": f"secret-{name}-tag"})],
                }
            )
            .with_env(self.env)
        )
        post = ticket.with_user(self.manager).with_context(mail_notify_noemail=True).message_post
        post(
            body=f"secret-{name}-comment",
            subtype_xmlid="mail.mt_comment",
            message_type="comment",
            attachments=[(f"secret-{name}-file", b"x")],
            partner_ids=self.boss.partner_id.ids,
        )
        post(body=f"secret-{name}-mail", subtype_xmlid="mail.mt_comment", message_type="email", author_id=customer.id)
        post(body=f"secret-{name}-log", message_type="notification")
        post(
            body=f"secret-{name}-note",
            subtype_xmlid="mail.mt_note",
            message_type="comment",
            attachments=[(f"secret-{name}-notefile", b"x")],
        )
        self.env["ir.attachment"].create(
            {"name": f"secret-{name}-attachment", "raw": b"x", "res_model": ticket._name, "res_id": ticket.id}
        )
        ticket.with_context(mail_activity_quick_update=True).activity_schedule(
            "mail.mail_activity_data_todo", user_id=self.manager.id, summary=f"secret-{name}-activity"
        )
        return ticket

    def words_by_orm(self, user, tickets):
        """All words that somebody finds by reading records, whichever way they look."""
        ids = tickets.ids
        own = {"model": tickets._name, "res_model": tickets._name}
        found = []
        for model, domain, names in (
            (tickets._name, [("id", "in", ids)], ["name", "description", "partner_phone", "email_cc", "display_name"]),
            ("mail.message", [("model", "=", own["model"]), ("res_id", "in", ids)], ["body"]),
            ("ir.attachment", [("res_model", "=", own["res_model"]), ("res_id", "in", ids)], ["name"]),
            ("mail.activity", [("res_model", "=", own["res_model"]), ("res_id", "in", ids)], ["summary"]),
        ):
            # sudo: which records there are; each is then tried in the user's name, one by one as by its id
            records = self.env[model].sudo().with_context(active_test=False).search(domain)
            if self.env["ir.model.access"].with_user(user).check(model, "read", False):
                seen = records.with_user(user)
                readable = seen.filtered(lambda record: record.has_access("read"))
                listed = seen.with_context(active_test=False).search([("id", "in", records.ids)])
                self.assertLessEqual(set(listed.ids), set(readable.ids), (model, user.login))
                names = [name for name in names if seen._has_field_access(seen._fields[name], "read")]
                found += [str(value) for values in readable.read(names) for value in values.values()]
                if "tag_ids" in records and not user.share:
                    found += readable.sudo().tag_ids.mapped("name")
        return set(WORD.findall(" ".join(found)))

    def words_by_http(self, login, addresses):
        """All words on the portal's pages of tickets and in the messages under them.

        :param addresses: pairs of a ticket and the token of a link, or None
        """
        self.authenticate(login, login)
        texts = []
        for ticket, token in addresses:
            texts.append(self.read_page(f"/my/helpdesk-tickets/{ticket.id}" + (f"?access_token={token}" if token else "")))
            answer = self.opener.post(
                self.base_url() + "/mail/chatter_fetch",
                json={"params": {"thread_model": ticket._name, "thread_id": ticket.id, **({"token": token} if token else {})}},
            )
            texts.append(answer.text)
        return set(WORD.findall(" ".join(texts)))

    def read_page(self, path):
        """The page of a ticket, this one's or where it leads to; the portal's home and the login tell nothing of one."""
        while path.startswith("/my/helpdesk-tickets/"):
            response = self.url_open(path, allow_redirects=False)
            if not response.is_redirect:
                return response.text
            path = response.headers["Location"].removeprefix(self.base_url())
        return ""

    def read_all(self, cases):
        """What everybody reads of all tickets.

        :return: dict of reader to set of words
        """
        self.env.flush_all()
        self.env.invalidate_all()
        tickets = self.env["helpdesk_lite.ticket"].union(*(case["tickets"] for case in cases))
        words = {name: self.words_by_orm(getattr(self, name), tickets) for name in (*EMPLOYEES, *PORTAL, "stranger")}
        plain = [(ticket, None) for ticket in tickets]
        words["anonymous"] = self.words_by_http(None, plain)
        for name in (*PORTAL, "stranger"):
            user = getattr(self, name)
            links = [
                (ticket, token)
                for case in cases
                for partner, token in case["links"]
                if partner == user.partner_id
                for ticket in case["tickets"]
            ]
            words[name] |= self.words_by_http(user.login, plain + links)
            words[f"link of {name}"] = words[name] | words["anonymous"] | self.words_by_http(None, links)
        return words

    def test_nobody_reads_more_than_before(self):
        """Every pair of modes, of one team and of two, of one customer and of two: all side by side."""
        cases = []
        for mode in COMPANY_MODES:
            for source_mode in COMPANY_MODES:
                for same_team in (True, False):
                    if same_team and mode != source_mode:
                        continue
                    for same_customer in (True, False):
                        made = self.make_case(
                            len(cases),
                            self.teams[mode],
                            self.teams[mode] if same_team else self.others[source_mode],
                            self.customer if same_customer else self.stranger.partner_id,
                        )
                        made["told"] = {
                            "master": mode,
                            "source": source_mode,
                            "same_team": same_team,
                            "same_customer": same_customer,
                        }
                        cases.append(made)
        before = self.read_all(cases)
        mails = self.env["mail.mail"].search_count([])
        with self.mock_mail_gateway():
            for case in cases:
                self.merge(case["tickets"], case["master"], user=self.manager)
            self.flush_tracking()
        self.assertFalse(self._mails, "no mail because of a merge: neither customers nor carbon copies hear of it")
        self.assertEqual(self.env["mail.mail"].search_count([]), mails)
        after = self.read_all(cases)
        for number, case in enumerate(cases):
            with self.subTest(**case["told"]):
                self.assertEqual(case["source"].merged_into_id, case["master"])
                before_here, after_here = (
                    {
                        reader: {word for word in words if re.match(f"secret-[ms]{number}-", word)}
                        for reader, words in readers.items()
                    }
                    for readers in (before, after)
                )
                self.assertTrue(before_here["manager"])
                for reader, words in after_here.items():
                    self.assertEqual(words - before_here[reader], set(), reader)
                # and nothing is lost to who reads both
                self.assertEqual(after_here["manager"], before_here["manager"])
                one = case["told"]["same_team"] and case["told"]["same_customer"]
                self.assertEqual(case["source"].merge_kind, "absorbed" if one else "joined")
                said = self.env["mail.message"].search([("body", "like", f"secret-s{number}-")])
                self.assertEqual(set(said.mapped("res_id")), {(case["master"] if one else case["source"]).id})

    def make_case(self, number, team, source_team, source_customer):
        """Two tickets to merge, of which every word can be told from those of other cases."""
        master = self.make(f"m{number}", team, self.customer)
        source = self.make(f"s{number}", source_team, source_customer)
        # an employee who was invited to the source only, and a colleague of the customer
        source.message_subscribe((self.invited.partner_id | self.colleague.partner_id).ids)
        if team == source_team and source_customer == self.customer:
            master.message_subscribe(self.colleague.partner_id.ids)
        tickets = master | source
        links = [(ticket.partner_id, ticket._portal_ensure_token()) for ticket in tickets]
        return {
            "master": master,
            "source": source,
            "tickets": tickets,
            "links": [(partner, token) for partner, token in links if token],
        }

    def open_page(self, tickets, master, user=None):
        """The line of the other ticket on the page on which two are merged."""
        user = user or self.agent
        group = self.env["helpdesk_lite.merge.group"].with_user(user).browse(tickets.with_user(user).action_merge()["res_id"])
        group.record_ids.filtered(lambda record: record.ticket_id == master).is_master = True
        return group.record_ids.filtered(lambda record: record.ticket_id != master)

    def test_the_page_says_what_becomes_of_each_ticket_and_why(self):
        master = self.make("m", self.team, self.customer)
        other_team = self.env["helpdesk_lite.team"].create({"name": "Else", "privacy_visibility": "public"})
        for source, outcome, obstacle, gains in (
            (self.make("s1", self.team, self.customer), "absorbed", False, False),
            (self.make("s2", other_team, self.customer), "joined", "another team", ""),
            (self.make("s3", self.team, self.colleague.partner_id), "joined", "another customer", "hl_customer"),
            (self.make("s4", self.teams["private"], self.customer), "joined", "another team", "all employees; hl_customer"),
        ):
            line = self.open_page(master | source, master, self.manager)
            self.assertEqual((line.outcome, line.obstacle), (outcome, obstacle))
            self.assertEqual(
                [name.split(" (")[0] for name in (line.gains or "").split("; ") if name],
                (gains or "").split("; ") if gains else [],
            )
            self.assertIn(source.number, line.group_id[f"{outcome}_text"])
        follower = self.make("s5", self.team, self.customer)
        follower.message_subscribe(self.colleague.partner_id.ids)
        self.assertEqual(self.open_page(master | follower, master).obstacle, "other followers from outside")
        private = self.make("m6", self.teams["private"], self.customer), self.make("s6", self.teams["private"], self.customer)
        private[0].message_subscribe(self.employee.partner_id.ids)
        line = self.open_page(private[0] | private[1], private[0], self.manager)
        self.assertEqual(line.obstacle, "not everybody who sees the master can see it")
        self.assertEqual(line.gains, self.employee.name)

    def test_an_explicit_tick_makes_them_one_and_is_logged(self):
        master = self.make("m", self.team, self.customer)
        source = self.make("s", self.team, self.stranger.partner_id)
        tickets = master | source
        line = self.open_page(tickets, master)
        line.absorb = True
        self.assertEqual(line.outcome, "absorbed")
        line.group_id.action_merge()
        self.assertEqual(source.merge_kind, "absorbed")
        self.assertIn("secret-s-comment", self.words_by_orm(self.customer_user, tickets))
        self.assertNotIn("secret-m-comment", self.words_by_orm(self.stranger, tickets))
        self.assertIn("hl_customer", str(master.message_ids[0].body))
        self.assertEqual(master.message_ids[0].author_id, self.agent.partner_id)
        master.with_user(self.agent).action_undo_merge()
        self.assertNotIn("secret-s-comment", self.words_by_orm(self.customer_user, tickets))
        self.assertIn("secret-s-comment", self.words_by_orm(self.stranger, tickets))

    def test_a_tick_is_for_those_who_were_named(self):
        """And not for a follower who came between the page and the button, or for the readers of another master."""
        master = self.make("m", self.team, self.customer)
        source = self.make("s", self.team, self.stranger.partner_id)
        line = self.open_page(master | source, master)
        line.absorb = True
        master.message_subscribe(self.colleague.partner_id.ids)
        with self.assertRaisesRegex(UserError, "other people would gain sight"), self.env.cr.savepoint():
            line.group_id.action_merge()
        line.absorb = True
        line.action_set_master()
        self.assertFalse(line.absorb)
        line.group_id.action_merge()
        self.assertEqual(master.merge_kind, "joined")

    def test_the_names_on_the_page_are_those_that_are_logged(self):
        """Who came between the page and the button Become One Anyway gains no sight by it."""
        master = self.make("m", self.team, self.customer)
        source = self.make("s", self.team, self.stranger.partner_id)
        line = self.open_page(master | source, master)

        def click(shown):
            self.call(line.env.user, line._name, "action_absorb", line.ids, context={"gains_shown": shown})

        for user in (self.employee, self.customer_user):
            with self.assertRaises(AccessError), self.cr.savepoint():
                self.call(user, line._name, "action_absorb", line.ids, context={"gains_shown": line.gains})
        shown = line.gains
        master.message_subscribe(self.colleague.partner_id.ids)
        for outdated in (shown, False, ""):
            with self.assertRaisesRegex(UserError, "Reload the page and look"), self.cr.savepoint():
                click(outdated)
        line.invalidate_recordset()
        shown = line.gains
        self.assertIn("hl_colleague", shown)
        click(shown)
        self.assertTrue(line.absorb)
        click(shown)
        self.assertFalse(line.absorb)
        click(shown)
        for name in shown.split("; "):
            self.assertIn(name, line.group_id.absorbed_text)
        line.group_id.action_merge()
        for name in shown.split("; "):
            self.assertIn(name, str(master.message_ids[0].body))

    def test_groups_are_unknown_to_who_may_not_change_all_their_tickets(self):
        tickets = self.make_ticket() | self.make_ticket("private")
        action = tickets.with_user(self.manager).action_merge()
        group = self.env["helpdesk_lite.merge.group"].browse(action["res_id"])
        records = group.record_ids
        for user, seen in ((self.manager, True), (self.agent, False), (self.employee, False)):
            for record in (group, *records):
                if seen or user == self.agent:
                    self.assertEqual(record.with_user(user).search_count([("id", "=", record.id)]), int(seen))
                    self.assertEqual(
                        len(record.with_user(user)._read_group([("id", "=", record.id)], [], ["__count"]))
                        and record.with_user(user)._read_group([("id", "=", record.id)], [], ["__count"])[0][0],
                        int(seen),
                    )
                self.assertEqual(record.with_user(user).has_access("read"), seen, user.login)
                self.assertEqual(record.with_user(user).has_access("write"), seen, user.login)

    def test_every_verb_needs_the_right_to_change_all_tickets(self):
        tickets = self.make_ticket() | self.make_ticket("private")
        for user in (self.agent, self.employee, self.customer_user):
            with self.assertRaises(AccessError):
                tickets.with_user(user).action_merge()
        group = self.env["helpdesk_lite.merge.group"].browse(tickets.with_user(self.manager).action_merge()["res_id"])
        for verb in ("action_merge", "action_discard"):
            for user in (self.agent, self.employee, self.customer_user):
                with self.assertRaises(AccessError):
                    getattr(group.with_user(user), verb)()
        for user in (self.agent, self.employee, self.customer_user):
            with self.assertRaises(AccessError):
                group.record_ids[-1:].with_user(user).action_set_master()
        group.with_user(self.manager).action_merge()
        master = group.master_id
        for user in (self.employee, self.customer_user):
            with self.assertRaises(AccessError):
                master.with_user(user).action_undo_merge()
        # who can change the master does not learn that a ticket was joined with it that they cannot read
        with self.assertRaisesRegex(UserError, "Nothing was merged"):
            master.with_user(self.agent).action_undo_merge()
        self.assertTrue((tickets - master).is_merged)
        with self.assertRaises(AccessError):
            group.record_ids.with_user(self.manager).write({"ticket_id": self.make_ticket().id})
