from hashlib import sha1
from itertools import pairwise

from odoo.addons.mail.tests.common import MailCommon
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from ..common import MergeCase

MAIL = """\
From: {sender}
To: {to}
Subject: {subject}
Message-ID: {message_id}
{headers}MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8

{body}
"""


class ThreadCase(MergeCase, MailCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_user = new_test_user(cls.env, "hl_other", "base.group_portal", email="other@test.example")
        cls.other = cls.other_user.partner_id

    def receive(self, body, sender="customer@test.example", subject="Re: something", headers=""):
        """Receive an e-mail through the gateway.

        :return: the message that it became
        """
        last = self.env["mail.message"].search([], order="id desc", limit=1).id
        raw = MAIL.format(
            sender=sender,
            to=self.team.alias_email,
            subject=subject,
            headers=headers,
            body=body,
            message_id=f"<{sha1(body.encode()).hexdigest()}@mail.example>",
        )
        with self.mock_mail_gateway(), mute_logger("odoo.addons.mail.models.mail_thread"):
            self.env["mail.thread"].message_process(None, raw)
        return self.env["mail.message"].search([("id", ">", last), ("message_type", "=", "email")])


@tagged("post_install", "-at_install")
class TestMergedThread(ThreadCase):
    """The threads of merged tickets continue in the master."""

    def test_replies_reach_the_end_of_a_chain_of_20_merges(self):
        tickets = self.env["helpdesk_lite.ticket"]
        for number in range(21):
            tickets += self.make_ticket(name=f"Chain {number}", partner_id=self.customer.id)
        oldest = tickets[0].message_post(
            body="First", message_type="email", subtype_xmlid="mail.mt_comment", author_id=self.customer.id
        )
        for source, target in pairwise(tickets):
            self.merge(source | target, target)
        # a message that is posted in an old ticket after the merge stays there; answers to it do not
        left = tickets[3].message_post(body="By the way", subtype_xmlid="mail.mt_comment")
        self.assertEqual(left.res_id, tickets[3].id)
        last = tickets[20]
        self.assertEqual(oldest.res_id, last.id)
        created = self.env["helpdesk_lite.ticket"].with_context(active_test=False).search_count([])
        for case, answered in (("references", oldest), ("left behind", left)):
            for header in ("References", "In-Reply-To"):
                with self.subTest(case=case, header=header):
                    message = self.receive(f"{case} {header}", headers=f"{header}: {answered.message_id}\n")
                    self.assertEqual((message.model, message.res_id), (last._name, last.id))
                    self.assertFalse(message.is_internal)
        for ticket in (tickets[0], tickets[7], last):
            for subject in (f"Re: [{ticket.number}] Chain", f"about #{ticket.number}"):
                with self.subTest(subject=subject):
                    message = self.receive(subject, subject=subject)
                    self.assertEqual(message.res_id, last.id)
        self.assertEqual(self.env["helpdesk_lite.ticket"].with_context(active_test=False).search_count([]), created)
        self.assertEqual(self.env["helpdesk_lite.ticket"].with_user(self.agent).name_search(tickets[0].number)[0][0], last.id)

    def test_a_number_in_the_subject_is_no_key_for_strangers(self):
        ticket = self.make_ticket(partner_id=self.customer.id, name="Mine")
        for sender in ("stranger@test.example", self.agent.email):
            message = self.receive(f"by {sender}", sender=sender, subject=f"Re: [{ticket.number}]")
            self.assertNotEqual(message.res_id, ticket.id)

    def test_answer_goes_back_to_its_thread_when_the_merge_is_undone(self):
        master = self.make_ticket(name="Master", partner_id=self.customer.id)
        source = self.make_ticket(name="Source", partner_id=self.customer.id)
        asked = source.message_post(body="Ask", subtype_xmlid="mail.mt_comment", message_type="comment")
        self.merge(master | source, master)
        answer = self.receive("my answer", headers=f"In-Reply-To: {asked.message_id}\n")
        since = master.message_post(body="Since", subtype_xmlid="mail.mt_comment")
        self.assertEqual(answer.res_id, master.id)
        self.assertTrue(answer.with_user(self.customer_user).has_access("read"))
        master.with_user(self.agent).action_undo_merge()
        self.assertEqual(answer.res_id, source.id)
        self.assertEqual(since.res_id, master.id)

    def test_answer_of_another_customer_is_heard_and_shown_to_nobody_else(self):
        master = self.make_ticket(name="Outage", partner_id=self.customer.id, user_id=self.agent.id)
        source = self.make_ticket(name="It is down", partner_id=self.other.id)
        asked = source.message_post(body="Ask", subtype_xmlid="mail.mt_comment", message_type="comment")
        self.merge(master | source, master)
        master.with_user(self.agent).action_close()
        answer = self.receive("still down", sender="other@test.example", headers=f"References: {asked.message_id}\n")
        self.assertEqual(answer.res_id, source.id)
        self.assertFalse(answer.is_internal)
        self.assertFalse(source.active)
        self.assertFalse(master.is_closed, "a customer's answer reopens")
        self.assertIn(self.agent.partner_id, answer.notified_partner_ids)
        self.assertNotIn(self.customer, answer.notified_partner_ids)
        self.assertFalse(answer.with_user(self.customer_user).has_access("read"))
        self.assertFalse(master.with_user(self.other_user).has_access("read"))
        mine = self.env["mail.message"].with_user(self.other_user)
        logged = self.env["mail.message"].search([("model", "=", master._name), ("res_id", "=", master.id)])
        self.assertFalse(mine.search([("id", "in", logged.ids)]), "they are not the author of what is logged there")
        self.assertNotIn(self.other, master.message_partner_ids)

    def test_messages_that_were_written_during_a_merge_stay_and_are_shown_with_the_masters(self):
        """In a transaction that did not see the merge yet."""
        master = self.make_ticket(name="Master", partner_id=self.customer.id)
        same, foreign = self.make_ticket(partner_id=self.customer.id), self.make_ticket(partner_id=self.other.id)
        self.merge(master | same | foreign, master)
        self.assertEqual((master._get_absorbed(), master._get_joined()), (same, foreign))
        messages = self.env["mail.message"].create(
            [
                {
                    "model": ticket._name,
                    "res_id": ticket.id,
                    "body": "In between",
                    "message_type": "email",
                    "author_id": author.id,
                    "subtype_id": self.env.ref("mail.mt_comment").id,
                }
                for ticket, author in ((same, self.customer), (foreign, self.other), (foreign, self.agent.partner_id))
            ]
        )
        shown = self.env["mail.message"].with_user(self.employee)._message_fetch(None, thread=master.with_user(self.employee))
        self.assertLessEqual(set(messages.ids), set(shown["messages"].ids))
        theirs = self.env["mail.message"].with_user(self.customer_user)
        shown = theirs._message_fetch(None, thread=master.with_user(self.customer_user))
        self.assertFalse(set(messages.ids) & set(shown["messages"].ids))
        master.with_user(self.agent).action_undo_merge()
        self.assertEqual(messages.mapped("res_id"), [same.id, foreign.id, foreign.id])


@tagged("post_install", "-at_install")
class TestOldLinks(ThreadCase, HttpCase):
    """Old pages and links lead to the master, for people who can see it."""

    def landing(self, ticket, token=None, login=None):
        self.authenticate(login, login)
        url = f"/my/helpdesk-tickets/{ticket.id}" + (f"?access_token={token}" if token else "")
        return self.url_open(url, allow_redirects=True).url.partition("/my/helpdesk-tickets/")[2].split("?")[0]

    def test_pages_and_links(self):
        master = self.make_ticket(name="Master", partner_id=self.customer.id)
        same = self.make_ticket(name="Same customer", partner_id=self.customer.id)
        foreign = self.make_ticket(name="Other customer", partner_id=self.other.id)
        tokens = {ticket: ticket._portal_ensure_token() for ticket in (same, foreign)}
        self.merge(master | same | foreign, master)
        self.env.flush_all()
        self.assertEqual(self.landing(same, login="hl_customer"), str(master.id))
        self.assertEqual(self.landing(same, tokens[same]), str(master.id))
        self.assertEqual(self.landing(foreign, tokens[foreign]), str(foreign.id))
        self.assertEqual(self.landing(foreign, login="hl_other"), str(foreign.id))
        self.assertEqual(self.landing(foreign, tokens[foreign], login="hl_customer"), str(foreign.id))
        self.assertEqual(self.landing(foreign, "wrong"), "")
        # the button in e-mails to the customer also says who the customer is
        self.authenticate(None, None)
        signature = same._sign_token(self.customer.id)
        response = self.url_open(
            f"/my/helpdesk-tickets/{same.id}?access_token={tokens[same]}&pid={self.customer.id}&hash={signature}"
        )
        self.assertIn(
            f"/my/helpdesk-tickets/{master.id}?access_token={master.access_token}&pid={self.customer.id}&hash=", response.url
        )
        self.assertIn(master._sign_token(self.customer.id), response.url)
        self.assertEqual(self.url_open(f"/my/helpdesk-tickets/{foreign.id}/close").status_code, 405)
        self.assertEqual(self.landing(same, login="hl_other"), "")
        for user, ticket, target in (
            (self.agent, same, master),
            (self.employee, foreign, master),
            (self.other_user, foreign, foreign),
        ):
            action = ticket.with_user(user)._get_access_action()
            self.assertEqual(action["res_id"], target.id, user.login)

    def test_links_to_files_open_what_they_opened_and_no_more(self):
        master = self.make_ticket(name="Master", partner_id=self.customer.id)
        shown, hidden = self.make_ticket(partner_id=self.customer.id), self.make_ticket("private")
        files = self.env["ir.attachment"].create(
            [{"name": "file.txt", "raw": b"x", "res_model": ticket._name, "res_id": ticket.id} for ticket in (shown, hidden)]
        )
        # only then are links to its files signed for employees, who need no signature
        shown._portal_ensure_token()
        links = [f"/web/content/{files[0].id}?access_token={files[0]._get_raw_access_token()}"]
        links += [f"/web/content/{file.id}?access_token={file.generate_access_token()[0]}" for file in files[1:]]
        self.authenticate(None, None)
        self.env.flush_all()
        before = [self.url_open(link).status_code for link in links]
        self.assertEqual(before, [200, 404])
        self.merge(master | shown | hidden, master, user=self.manager)
        self.env.flush_all()
        self.assertEqual([self.url_open(link).status_code for link in links], before)
        self.assertEqual(files.mapped("res_id"), [master.id, hidden.id])
        master.with_user(self.manager).action_undo_merge()
        self.env.flush_all()
        self.assertEqual([self.url_open(link).status_code for link in links], before)
        self.assertTrue(files[1].access_token)

    def test_another_customer_answers_on_the_old_page(self):
        master = self.make_ticket(name="Master", partner_id=self.customer.id)
        source = self.make_ticket(name="Source", partner_id=self.other.id)
        self.merge(master | source, master)
        master.with_user(self.agent).action_close()
        self.env.flush_all()
        self.authenticate("hl_other", "hl_other")
        self.make_jsonrpc_request(
            "/mail/message/post",
            {
                "thread_model": source._name,
                "thread_id": source.id,
                "post_data": {"body": "I wait", "message_type": "comment", "subtype_xmlid": "mail.mt_comment"},
            },
        )
        message = self.env["mail.message"].search([("model", "=", master._name), ("body", "ilike", "I wait")])
        self.assertEqual(message.res_id, source.id)
        self.assertEqual(message.author_id, self.other)
        self.assertFalse(message.is_internal)
        self.assertFalse(source.active)
        self.assertNotIn(self.other, master.message_partner_ids)
        self.env.invalidate_all()
        self.assertFalse(master.is_closed, "a customer's answer reopens")
        logged = self.env["mail.message"].search([("model", "=", master._name), ("res_id", "=", master.id)])
        self.assertIn("stage_id", logged.tracking_value_ids.field_id.mapped("name"))
        self.assertNotIn(self.other, logged.author_id, "who answers is not the author of what is logged there")
