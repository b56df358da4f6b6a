import json

from markupsafe import Markup
from odoo.addons.mail.tools.discuss import Store
from odoo.tests import tagged

from ..common import HelpdeskCase

MESSAGE, TICKET = "mail.message", "helpdesk_lite.ticket"


@tagged("post_install", "-at_install")
class TestRecordNames(HelpdeskCase):
    """Whoever wrote a message keeps it, and is told nothing else of a ticket that they can no longer read."""

    def told(self, user, message):
        """What the web client and integrations are told of a message, as text."""
        self.env.flush_all()
        self.env.invalidate_all()
        own = self.env(user=user.id, context={})[MESSAGE].browse(message.id)
        store = Store().add(own).get_result()
        rows = self.call(user, MESSAGE, "read", message.ids, ["body", "record_name", "display_name"])
        return json.dumps([store, rows], default=str)

    def test_messages_do_not_name_tickets_that_are_hidden_by_now(self):
        team = self.teams["company"]
        ticket = self.make_ticket("company", name="Subject", number="T-secret")
        message = ticket.with_user(self.agent).message_post(
            body="Own words", subtype_xmlid="mail.mt_note", attachments=[("Own file", b"x")]
        )
        told = self.told(self.agent, message)
        for known in ("Own words", "Own file", "Subject", "T-secret"):
            self.assertIn(known, told)
        ticket.sudo().message_unsubscribe(self.agent.partner_id.ids)
        team.privacy_visibility = "private"
        self.assertFalse(ticket.with_user(self.agent).has_access("read"))
        told = self.told(self.agent, message)
        self.assertIn("Own words", told)
        self.assertIn("Own file", told)
        for hidden in ("Subject", "T-secret"):
            self.assertNotIn(hidden, told)
        # nobody else loses it
        self.assertIn("T-secret", self.told(self.manager, message))

    def test_a_link_to_ones_own_message_does_not_name_its_ticket(self):
        """The answer to a post is made as superuser, and links are what its author writes."""
        ticket = self.make_ticket("company", name="Subject", number="T-secret")
        own = ticket.with_user(self.agent).message_post(body="Own words", subtype_xmlid="mail.mt_note")
        link = Markup('<a class="o_message_redirect" data-oe-model="mail.message" data-oe-id="%s">x</a>') % own.id
        message = self.make_ticket("public").with_user(self.agent).message_post(body=link, subtype_xmlid="mail.mt_note")

        def answer():
            self.env.flush_all()
            self.env.invalidate_all()
            posted = self.env(user=self.agent.id, context={})[MESSAGE].sudo().browse(message.id)
            return json.dumps(Store().add(posted).get_result(), default=str)

        self.assertIn("T-secret", answer())
        ticket.sudo().message_unsubscribe(self.agent.partner_id.ids)
        self.teams["company"].privacy_visibility = "private"
        self.assertNotIn("T-secret", answer())

    def test_customers_are_not_told_of_the_ticket_where_their_message_is_by_now(self):
        own, other = (self.make_ticket("public", name=name, partner_id=self.customer.id) for name in ("Own", "Others"))
        message = own.with_user(self.customer_user).message_post(body="Own words", subtype_xmlid="mail.mt_comment")
        other.with_user(self.manager).partner_id = False
        self.assertFalse(other.with_user(self.customer_user).has_access("read"))
        self.assertIn("Own", self.call(self.customer_user, MESSAGE, "read", message.ids, ["record_name"])[0]["record_name"])
        # as merging does
        message.sudo().res_id = other.id
        row = self.call(self.customer_user, MESSAGE, "read", message.ids, ["body", "record_name"])[0]
        self.assertIn("Own words", row["body"])
        self.assertFalse(row["record_name"])
