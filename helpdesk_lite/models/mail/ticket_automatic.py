from odoo import api, models

# what people write; everything else a program made or triggered
BY_PEOPLE = ("comment", "email", "email_outgoing")


class TicketAutomatic(models.Model):
    """What a message on a ticket is: the customer's, an agent's, or nobody's; and what automatic messages must not do.

    A program's mail reaches colleagues only, and our own programs say that they are.
    """

    _inherit = "helpdesk_lite.ticket"

    @api.model
    def _is_automatic(self, message):
        """Whether no person wrote a message: absence notices, acknowledgements, notifications, reports.

        :param message: record of ``mail.message``
        :return: bool
        """
        # sudo: only the kind is read
        return message.sudo().message_type not in BY_PEOPLE

    def _get_side(self, message):
        """Who says something to whom with a message of this ticket.

        :param message: record of ``mail.message``
        :return: "customer" for what a customer, or anybody from outside, tells the team; "agent" for what an employee tells
            them; None for notes and for what no person wrote
        """
        self.ensure_one()
        # sudo: the result must not depend on who asks
        message, ticket = message.sudo(), self.sudo()
        if self._is_automatic(message) or message.is_internal or message.subtype_id.internal:
            return None
        author = message.author_id
        return "customer" if not author or author.partner_share or author == ticket.partner_id else "agent"

    def _notify_get_recipients(self, message, msg_vals=False, **kwargs):
        """Send internal messages to colleagues only, also those that followers get by their subtype.

        :param bool colleagues_only: the same for a message that customers may read
        """
        recipients = super()._notify_get_recipients(message, msg_vals=msg_vals, **kwargs)
        # sudo: only the kind is read
        if self and (kwargs.get("colleagues_only") or message.sudo().is_internal):
            return [recipient for recipient in recipients if not recipient["share"]]
        return recipients

    def _get_notify_valid_parameters(self):
        return super()._get_notify_valid_parameters() | {"colleagues_only", "sender_not_verified", "author_is_told"}

    def _notify_by_email_get_base_mail_values(self, message, recipients_data, additional_values=None):
        """Mark our automatic mails, so that programs do not answer them."""
        if self and self._is_automatic(message):
            # sudo: only the kind is read
            answers = message.sudo().message_type in ("auto_comment", "out_of_office")
            headers = {"Auto-Submitted": "auto-replied" if answers else "auto-generated"}
            additional_values = {**(additional_values or {})}
            additional_values["headers"] = {**headers, **(additional_values.get("headers") or {})}
        return super()._notify_by_email_get_base_mail_values(message, recipients_data, additional_values=additional_values)
