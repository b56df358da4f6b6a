from markupsafe import Markup
from odoo import models
from odoo.tools.mail import email_normalize_all


class TicketUnsent(models.Model):
    """Tells employees when what they sent by mail client was mailed to nobody, or not to the customer.

    In the browser such a message is refused. A mail is there already: it is kept, and its author learns why it went nowhere.
    """

    _inherit = "helpdesk_lite.ticket"

    def _tell_if_unsent(self, message, recipients, not_verified=False):
        """Tell the author of a mail if it did not reach the reader that it was meant for.

        :param message: record of ``mail.message``
        :param list recipients: of Odoo's ``_notify_thread``
        :param bool not_verified: whether it was kept as a note because the team does not believe its sender
        """
        # sudo: the gateway's user need not have access to the author and the customer
        message, ticket = message.sudo(), self.sudo()
        author = message.author_id
        if message.message_type != "email" or not ticket._is_ours(author) or message.message_id == ticket.message_id:
            return
        got_it = f"{message.incoming_email_to or ''}, {message.incoming_email_cc or ''}"
        reached = {*email_normalize_all(got_it), *(recipient["email_normalized"] for recipient in recipients)}
        ticket = ticket.with_context(lang=author.lang or self.env.lang)
        if message.is_internal or message.subtype_id.internal:
            reason = ticket._explain_note(author, not_verified) if not_verified or not reached else None
        else:
            customer = ticket._message_get_default_recipients()[ticket.id]
            # sudo: see above
            contacts = self.env["res.partner"].sudo().browse(customer["partner_ids"])
            emails = {*email_normalize_all(customer["email_to"] or ""), *contacts.mapped("email_normalized")} - {False}
            reason = None if (emails & reached if emails else reached) else ticket._explain_answer(emails)
        if reason:
            ticket._tell_author(message, author, reason)

    def _explain_note(self, author, not_verified):
        if not_verified:
            return self.env._(
                "The team does not take e-mails in your name for answers unless our mail server confirms who sent them, so it "
                "was kept as an internal note. To answer the customer, open the ticket and send a message. If you did not "
                "send this e-mail, somebody else wrote it in your name."
            )
        if self._is_hidden_from(author):
            return self.env._("You cannot see the ticket that it answers, so it was kept there as an internal note.")
        return self.env._(
            "It answers an internal note, so it was kept as an internal note. To answer the customer, open the ticket and send "
            "a message."
        )

    def _explain_answer(self, emails):
        if not emails:
            return self.env._("The ticket has no customer with an e-mail address.")
        return self.env._(
            "It does not answer an e-mail that we sent to you, so anybody could have written it in your name. To answer the "
            "customer, open the ticket and send a message, or answer the e-mail that told you of the ticket."
        )

    def _tell_author(self, message, author, reason):
        """Tell the author on the ticket, or by a mail that says nothing about it if they cannot see it.

        :param message: record of ``mail.message``, their mail
        :param author: record of ``res.partner``
        :param str reason: a sentence
        """
        subject = message.subject or self.env._("Your e-mail")
        text = self.env._("The customer did not get your e-mail “%s”.", subject)
        body = Markup("<p>%s</p><p>%s</p>") % (text, reason)
        company = self.company_id
        values = {
            "body": body,
            "author_id": company.partner_id.id,
            "email_from": self._get_team_sender(),
            "partner_ids": author.ids,
        }
        if self._is_hidden_from(author):
            headers = {"Auto-Submitted": "auto-generated"}
            self.env["mail.thread"].message_notify(
                subject=subject, mail_headers=headers, email_layout_xmlid="mail.mail_notification_light", **values
            )
        else:
            self.message_post(message_type="notification", subtype_xmlid="mail.mt_note", **values)
