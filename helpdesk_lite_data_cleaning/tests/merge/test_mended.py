from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .test_thread import ThreadCase

WORD = "zebra"


@tagged("post_install", "-at_install")
class TestMended(ThreadCase, HttpCase):
    """Ways by which merged tickets once showed words to others, each through the door that a person uses."""

    def make_pair(self, mode="public", source_mode=None, **values):
        """A master, and a ticket of another customer, with a word, a file and a link of its own."""
        master = self.make_ticket(mode, name="Master", partner_id=self.customer.id)
        source = self.make_ticket(source_mode or mode, name="Source", partner_id=self.other.id, **values)
        source.with_context(mail_notify_noemail=True).message_post(
            body=WORD,
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            author_id=self.other.id,
            attachments=[(f"{WORD}.txt", b"x")],
        )
        source.with_context(mail_notify_noemail=True).message_post(
            body=WORD, subtype_id=source._creation_subtype().id, attachments=[(f"{WORD}-first.txt", b"x")]
        )
        return master, source

    def read_chatter(self, ticket, **access):
        self.env.flush_all()
        answer = self.opener.post(
            self.base_url() + "/mail/chatter_fetch",
            json={"params": {"thread_model": ticket._name, "thread_id": ticket.id, **access}},
        )
        return answer.text

    def test_a_company_team_that_becomes_public(self):
        """Tickets of two customers: each reads their own by link, page and list of files."""
        master, source = self.make_pair("company")
        self.merge(master | source, master)
        self.teams["company"].privacy_visibility = "public"
        token = master._portal_ensure_token()
        self.authenticate(None, None)
        self.assertNotIn(WORD, self.read_chatter(master, token=token))
        self.assertNotIn(WORD, self.url_open(f"/my/helpdesk-tickets/{master.id}?access_token={token}").text)
        self.assertFalse(master._get_portal_attachments().filtered(lambda file: WORD in file.name))
        self.assertIn(WORD, self.read_chatter(source, token=source._portal_ensure_token()))

    def test_undoing_does_not_tell_of_joined_tickets_that_the_agent_cannot_see(self):
        master, source = self.make_pair("company", "private")
        alone = self.make_ticket("company")
        self.merge(master | source, master, user=self.manager)
        refusals = []
        for ticket in (alone, master):
            with self.assertRaises(UserError) as refused, self.env.cr.savepoint():
                self.call(self.agent, ticket._name, "action_undo_merge", ticket.ids)
            refusals.append((type(refused.exception), str(refused.exception).replace(ticket.number, "")))
        self.assertEqual(refusals[0], refusals[1])
        # what the agent knows of is undone before it
        known = self.make_ticket("company", partner_id=self.customer.id)
        self.call(self.manager, master._name, "action_undo_merge", master.ids)
        self.assertTrue(source.active)
        for tickets, user in ((master | known, self.agent), (master | source, self.manager)):
            self.merge(tickets, master, user=user)
        self.assertTrue(master.with_user(self.agent).can_undo_merge)
        self.call(self.agent, master._name, "action_undo_merge", master.ids)
        self.assertTrue(known.active)
        self.assertFalse(source.active)
        self.call(self.manager, master._name, "action_undo_merge", master.ids)
        self.assertTrue(source.active)

    def test_a_source_team_that_becomes_private(self):
        """Absorbed tickets are of the master's team; what is joined follows its own."""
        other = self.env["helpdesk_lite.team"].create({"name": "Other", "privacy_visibility": "company"})
        master, source = self.make_pair(team_id=other.id)
        self.merge(master | source, master)
        self.authenticate("hl_employee", "hl_employee")
        self.env.flush_all()

        def see():
            answer = self.make_jsonrpc_request(
                "/mail/thread/messages", {"thread_model": master._name, "thread_id": master.id, "fetch_params": {"limit": 30}}
            )
            data = self.make_jsonrpc_request(
                "/mail/data",
                {
                    "fetch_params": [
                        [
                            "mail.thread",
                            {
                                "thread_model": master._name,
                                "thread_id": master.id,
                                "request_list": ["activities", "attachments", "suggestedRecipients"],
                            },
                        ]
                    ]
                },
            )
            return str(answer) + str(data)

        self.assertIn(WORD, see())
        self.assertIn(source.number, see())
        other.privacy_visibility = "private"
        self.env.flush_all()
        self.assertNotIn(WORD, see())
        self.assertNotIn(source.number, see(), "not even that it is there")

    def test_domains_spell_no_private_word(self):
        master, source = self.make_pair(source_mode="private")
        self.merge(master | source, master, self.manager)
        ask = [("message_ids.body", "ilike", WORD)]
        for user in (self.employee, self.agent):
            found = self.call(user, master._name, "search", [("id", "in", (master | source).ids), *ask])
            self.assertFalse(found)
            team = [("ticket_ids.message_ids.body", "ilike", WORD)]
            self.assertFalse(self.call(user, "helpdesk_lite.team", "search", [("id", "=", master.team_id.id), *team]))

    def test_an_answer_on_the_old_page_returns_nothing_of_a_private_master(self):
        master = self.make_ticket("private", name=WORD, partner_id=self.customer.id)
        source = self.make_ticket(name="Source", partner_id=self.other.id)
        self.merge(master | source, master, self.manager)
        master.with_user(self.manager).action_close()
        self.authenticate("hl_other", "hl_other")
        self.env.flush_all()
        answer = self.make_jsonrpc_request(
            "/mail/message/post",
            {
                "thread_model": source._name,
                "thread_id": source.id,
                "post_data": {"body": "I wait", "message_type": "comment", "subtype_xmlid": "mail.mt_comment"},
            },
        )
        for word in (WORD, master.number, self.teams["private"].alias_email):
            self.assertNotIn(word, str(answer))
        self.assertFalse(master.is_closed)
        self.assertNotIn(WORD, self.url_open(f"/my/helpdesk-tickets/{source.id}").text)
        self.assertFalse(
            self.env["mail.message"]
            .with_user(self.other_user)
            .search([("res_id", "=", master.id)])
            .filtered(lambda message: message.model == master._name)
        )

    def test_a_customer_posts_in_their_own_name_to_nobody_of_their_choice(self):
        for other in (False, True):
            master = self.make_ticket(name="Master", partner_id=self.customer.id, user_id=self.agent.id)
            source = self.make_ticket(name="Source", partner_id=(self.other if other else self.customer).id)
            self.merge(master | source, master)
            user = self.other_user if other else self.customer_user
            victim = self.env["res.partner"].create({"name": "Victim", "email": "victim@test.example"})
            values = {
                "body": "x",
                "message_type": "comment",
                "subtype_xmlid": "mail.mt_comment",
                "email_from": "admin@test.example",
                "author_id": self.agent.partner_id.id,
                "partner_ids": victim.ids,
                "outgoing_email_to": "victim@test.example",
            }
            with self.subTest(other=other), mute_logger("odoo.addons.base.models.ir_rule"):
                with self.assertRaises(AccessError), self.env.cr.savepoint():
                    self.call(user, source._name, "message_post", source.ids, **values)
                del values["outgoing_email_to"]
                plain = self.make_ticket(partner_id=user.partner_id.id)
                results = []
                for ticket in (plain, source):
                    try:
                        with self.env.cr.savepoint():
                            message = self.env["mail.message"].browse(
                                self.call(user, ticket._name, "message_post", ticket.ids, **values)
                            )
                            results.append(
                                (message.author_id, message.email_from, message.partner_ids, message.res_id == ticket.id)
                            )
                    except AccessError:
                        results.append("refused")
                self.assertEqual(results[0], results[1], "as on any ticket")
                self.assertEqual(results[0][0], user.partner_id)

    def test_the_portal_shows_state_and_dates_of_the_master(self):
        master = self.make_ticket("private", name=WORD, partner_id=self.customer.id)
        source = self.make_ticket(name="Source", partner_id=self.other.id)
        self.merge(master | source, master, self.manager)
        self.authenticate("hl_other", "hl_other")
        for closed in (False, True):
            if closed:
                master.with_user(self.manager).action_close()
            self.env.flush_all()
            page, listed = self.url_open(f"/my/helpdesk-tickets/{source.id}").text, self.url_open("/my/helpdesk-tickets").text
            for text in (page, listed):
                self.assertIn(source.number, text)
                self.assertIn(master.stage_id.name, text)
                self.assertNotIn(WORD, text)
                self.assertNotIn(master.number, text)
            self.assertEqual(source.number in self.url_open("/my/helpdesk-tickets?filterby=closed").text, closed)
            self.assertEqual(source.number in self.url_open("/my/helpdesk-tickets?filterby=open").text, not closed)
            self.assertEqual("Closed on" in page, closed)

    def test_answers_to_an_absorbed_ticket_of_who_is_no_longer_the_masters_customer(self):
        master, source = (self.make_ticket(partner_id=self.customer.id, user_id=self.agent.id) for _number in range(2))
        asked = source.message_post(body="Ask", message_type="comment", subtype_xmlid="mail.mt_comment")
        self.merge(master | source, master)
        self.assertEqual(asked.res_id, master.id)
        master.partner_id = self.other
        answer = self.receive("mine", subject=f"[{source.number}]")
        self.assertEqual(answer.res_id, source.id)
        self.assertIn(self.agent.partner_id, answer.notified_partner_ids)
        self.assertFalse(answer.with_user(self.other_user).has_access("read"))
