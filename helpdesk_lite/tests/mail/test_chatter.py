from random import Random

from odoo.addons.mail.tools.discuss import Store
from odoo.tests import tagged

from ..common import HelpdeskCase

TICKET = "helpdesk_lite.ticket"
# as mail's chatter asks for it
REQUESTED = ["activities", "attachments", "contact_fields", "followers", "scheduledMessages", "suggestedRecipients"]
CONVERSATIONS = 40
# without the addons of others, which add some of their own
MOST = 45


@tagged("post_install", "-at_install")
class TestChatter(HelpdeskCase):
    """What the chatter of a ticket is told beside its messages, however long it is."""

    def post(self, ticket, random, number):
        """A message of any kind, several of them at the same time."""
        subtypes = self.env.ref("mail.mt_comment") | self.env.ref("mail.mt_note") | ticket._creation_subtype()
        return self.env["mail.message"].create(
            {
                "model": TICKET,
                "res_id": ticket.id,
                "body": f"<p>Message {number}</p>",
                "message_type": random.choice(["comment", "email", "notification", "user_notification", "auto_comment"]),
                "subtype_id": random.choice([False, *subtypes.ids]),
                "is_internal": random.random() < 0.3,
                "date": f"2026-11-0{random.randint(1, 3)} 08:00:00",
                "author_id": random.choice([self.customer.id, self.agent.partner_id.id, False]),
            }
        )

    def test_answered_message_is_the_one_that_odoo_finds(self):
        random, found = Random("chatter"), set()
        for _conversation in range(CONVERSATIONS):
            ticket = self.make_ticket()
            for number in range(random.randint(0, 6)):
                self.post(ticket, random, number)
            ticket = ticket.with_user(self.agent)
            # as its loop goes through the messages of several tickets
            expected = next(iter(ticket._sort_suggested_messages(ticket.message_ids)), self.env["mail.message"])
            self.assertEqual(ticket._find_suggested_message(), expected)
            found.add(bool(expected))
        self.assertEqual(found, {True, False})

    def test_recipients_of_one_are_those_of_several(self):
        random = Random("recipients")
        tickets = self.env[TICKET].union(*(self.make_ticket() for _conversation in range(10)))
        for ticket in tickets:
            for number in range(4):
                self.post(ticket, random, number)
        together = tickets.with_user(self.agent)._message_get_suggested_recipients_batch(reply_discussion=True)
        for ticket in tickets.with_user(self.agent):
            self.assertEqual(ticket._message_get_suggested_recipients(reply_discussion=True), together[ticket.id])
        self.assertTrue(any(together.values()))

    def count(self, messages):
        """The statements of the request for a chatter of so many messages, with a file each."""
        ticket = self.make_ticket(partner_id=self.customer.id, user_id=self.agent.id)
        for number in range(messages):
            attachment = self.env["ir.attachment"].create(
                {"name": f"{number}.txt", "raw": b"%d" % number, "res_model": TICKET, "res_id": ticket.id}
            )
            ticket.message_post(body=f"Message {number}", attachment_ids=attachment.ids, author_id=self.customer.id)
        ticket = ticket.with_user(self.agent)
        for _round in range(2):
            self.env.flush_all()
            self.env.invalidate_all()
            # what every request reads first
            self.agent.partner_id.mapped("name"), self.agent.mapped("all_group_ids"), self.env.company.mapped("name")
            before = self.cr.sql_log_count
            Store().add(ticket, request_list=REQUESTED, as_thread=True).get_result()
            count = self.cr.sql_log_count - before
        return count

    def test_statements(self):
        few = self.count(2)
        self.assertEqual(self.count(30), few)
        self.assertLessEqual(few, MOST)
