from odoo import http
from odoo.addons.mail.controllers.thread import ThreadController
from odoo.http import request

MODEL = "helpdesk_lite.ticket"


class TicketThread(ThreadController):
    """Messages to the customer of a ticket, who may have no contact yet, see ``models/mail/ticket_recipients.py``."""

    def _prepare_message_data(self, post_data, *, thread, **kwargs):
        """Send the message to every given address, or explain why this is impossible.

        :raise UserError: when a message cannot be sent to an address
        """
        emails = post_data.get("partner_emails")
        written_to = thread._name == MODEL and emails and request.env.user._is_internal()
        if written_to:
            thread._make_contacts(emails)
        values = super()._prepare_message_data(post_data, thread=thread, **kwargs)
        if thread._name == MODEL and not request.env.user._is_internal() and values.get("subtype_xmlid"):
            # a customer's message is for the team, and a note would notify nobody
            values["subtype_xmlid"] = "mail.mt_comment"
        if written_to:
            partners = request.env["res.partner"].browse(values.get("partner_ids") or [])
            if bare := thread._get_bare_addresses(emails, partners):
                values["outgoing_email_to"] = bare
        if thread._name == MODEL and kwargs.get("from_create") and request.env.user._is_internal():
            # what is staged beside the message, see ``models/replies/ticket_staged.py``; a customer who names a reply or a
            # stage that is missing is told nothing of it
            values |= {name: post_data[name] for name in ("staged_replies", "then") if post_data.get(name)}
            # up to which message the author has seen the ticket, see ``models/presence/ticket_crossing.py``
            if post_data.get("seen_message_id") is not None:
                values["seen_message_id"] = post_data["seen_message_id"]
        return values

    @http.route()
    def mail_thread_partner_from_email(self, thread_model, thread_id, emails):
        """Create the contacts for proposed addresses that the full composer, which uses contacts only, asks for."""
        if thread_model == MODEL:
            request.env[MODEL].browse(thread_id)._make_contacts(emails)
        return super().mail_thread_partner_from_email(thread_model, thread_id, emails)
