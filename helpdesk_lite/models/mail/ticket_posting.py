from odoo import models
from odoo.exceptions import AccessError, UserError
from odoo.tools import email_normalize
from odoo.tools.mail import email_normalize_all, email_split

from ...tools.file_names import clean_file_name


class TicketPosting(models.Model):
    """What is posted on a ticket, by whichever way: who may, whom it reaches, and what follows from it.

    What somebody of ours answers reaches the customer, or is refused with the reason.

    A sender is easily forged. What comes by mail in the name of an employee is sent on to the customer
    only when it answers a mail that went to employees, see ``ticket_reference.py``.
    """

    _inherit = "helpdesk_lite.ticket"

    def message_post(self, **kwargs):
        """Posting takes sight of the ticket; in standard Odoo a follower may post to what they cannot read.

        An employee's answer by mail client goes to the customer as well.

        :raise AccessError: when the ticket is not readable, or when somebody from outside addresses the message
        :raise UserError: when somebody addresses it to an address that is neither a contact nor on the ticket
        :return: record of ``mail.message``
        """
        # first: which address is refused tells which ones the ticket knows
        self.check_access("read")
        answers_our_mail = kwargs.pop("answers_our_mail", False) and self.env.su
        if kwargs.get("outgoing_email_to") and not self.env.su:
            if not self.env.user._is_internal():
                raise AccessError(self.env._("You cannot send messages to addresses of your choice."))
            kwargs["outgoing_email_to"] = self._get_bare_addresses([kwargs["outgoing_email_to"]], self.env["res.partner"])
        # sudo: the gateway asks for whoever wrote
        author = self.env["res.partner"].sudo().browse(kwargs.get("author_id") or [])
        if kwargs.get("message_type") in ("email", "out_of_office") and self._is_ours(author):
            kwargs = self._address_mail(author, kwargs, answers_our_mail)
        if kwargs.get("partner_ids"):
            kwargs["partner_ids"] = self._keep_visible_recipients(kwargs["partner_ids"], kwargs.get("message_type"))
        ticket = self
        if kwargs.get("message_type") == "email" and self._is_hidden_from(author):
            # Odoo makes the author of an answer a follower: following is seeing
            ticket = self.with_context(mail_post_autofollow_author_skip=True)
        return super(TicketPosting, ticket).message_post(**kwargs)

    def _keep_visible_recipients(self, partner_ids, message_type):
        """Who is told of a message reads it: an employee who cannot see the ticket is not told.

        The customer, who may be an employee, is told what is said to them.

        Who addresses a message by hand to somebody whom it does not reach is told so, and the message
        stands: a composer that is refused a message does not send the corrected one.

        :param partner_ids: ids of the recipients
        :param message_type: that of the message
        :return: ids of the recipients that remain
        """
        # sudo: a customer who posts may not read colleagues of the agents
        recipients = self.env["res.partner"].sudo().browse(partner_ids)
        hidden = (recipients - self.sudo().partner_id).filtered(self._is_hidden_from)
        if hidden and message_type == "comment":
            self.env.user._bus_send("simple_notification", {"type": "warning", "sticky": True, "message": self.env._(
                "%(names)s cannot see this ticket and did not get the message. "
                "Add them as followers of the ticket first, then write to them.",
                names=", ".join(hidden.mapped("name")),
            )})
        return (recipients - hidden).ids

    def _is_hidden_from(self, author):
        """Whether the author of a mail is an employee who may not read this ticket.

        :param author: record of ``res.partner``
        :return: bool; customers are no employees
        """
        # sudo: the gateway asks for whoever wrote
        users = author.sudo().user_ids.filtered(lambda user: user.active and not user.share)
        return bool(users) and not any(self.with_user(user).has_access("read") for user in users)

    def _is_ours(self, author):
        """Whether an employee writes, and not as the customer of the ticket.

        :param author: record of ``res.partner``, sudoed
        :return: bool
        """
        # sudo: looked at to know who writes
        return author != self.sudo().partner_id and any(user.active and not user.share for user in author.user_ids)

    def _address_mail(self, author, kwargs, answers_our_mail):
        """Address an employee's mail: an answer to the customer, a note to nobody from outside.

        The customer may have got the answer from its author already. Odoo sends a note to whoever
        wrote what it answers, who may be the customer.

        :param author: record of ``res.partner``, sudoed
        :param dict kwargs: of ``message_post``
        :param bool answers_our_mail: whether it answers a mail that went to employees only
        :return: dict
        """
        # sudo: the gateway asks for whoever wrote
        partners = self.env["res.partner"].sudo().browse(kwargs.get("partner_ids") or [])
        # sudo: subtypes are for all
        subtype = self.env["mail.message.subtype"].sudo().browse(kwargs.get("subtype_id") or [])
        if kwargs.get("is_internal") or not subtype or subtype.internal:
            return {**kwargs, "partner_ids": partners.filtered(lambda partner: not partner.partner_share).ids}
        if kwargs["message_type"] != "email" or not answers_our_mail:
            return kwargs
        # sudo: whoever answers need not read the contact
        customer = self.sudo()._message_get_default_recipients()[self.id]
        got_it = ", ".join(kwargs.get(name) or "" for name in ("incoming_email_to", "incoming_email_cc"))
        reached = set(email_normalize_all(got_it))
        partners |= partners.browse(customer["partner_ids"]).filtered(lambda partner: partner.email_normalized not in reached)
        bare = [email for email in email_split(customer["email_to"] or "") if email_normalize(email) not in reached]
        return {**kwargs, "partner_ids": partners.ids, "outgoing_email_to": ", ".join(bare) or False}

    def _notify_thread(self, message, msg_vals=False, **kwargs):
        """Refuse what somebody sends to a customer and what reaches nobody, as it would look sent.

        :raise UserError: when nobody is notified of such a message
        """
        recipients = super()._notify_thread(message, msg_vals=msg_vals, **kwargs)
        if not recipients and self._is_meant_for_somebody(message):
            raise UserError(self.env._(
                "Nobody would get this message: no recipient was chosen, and nobody else follows the ticket. "
                "Add a recipient, or log an internal note instead.",
            ))
        return recipients

    def _is_meant_for_somebody(self, message):
        """Whether a person of ours sends a message, in their own name and not as the customer of the ticket."""
        # sudo: looked at to decide about the message of the user
        message, ticket = message.sudo(), self.sudo()
        user, author = self.env.user, message.author_id
        return (
            message.message_type == "comment" and not message.is_internal and not message.subtype_id.internal
            and user.active and user._is_internal() and author == user.partner_id and author != ticket.partner_id
            # an employee who adds to a ticket of their own says it to whoever takes it
            and bool(ticket.partner_id or ticket.partner_email or user.has_group("helpdesk_lite.group_user"))
        )

    def _process_attachments_for_post(self, attachments, attachment_ids, message_values):
        # names of files in mails come from strangers as those of the form do
        attachments = [(clean_file_name(name), *content) for name, *content in attachments or []]
        return super()._process_attachments_for_post(attachments, attachment_ids, message_values)

    # ------------------------------------------------------------
    # WHAT FOLLOWS
    # ------------------------------------------------------------

    def _message_post_after_hook(self, message, msg_values):
        self._complete_description(message)
        if message.message_type in ("comment", "email") and not message.is_internal and not message.subtype_id.internal:
            self._link_answered_customer(message)
            if not message.author_id or message.author_id.partner_share or message.author_id == self.partner_id:
                self._reopen_for_customer(message)
        return super()._message_post_after_hook(message, msg_values)

    def _complete_description(self, message):
        """Where the pictures of the mail that made the ticket are, only the message knows."""
        # sudo: the mail is posted by whoever the gateway runs as
        ticket = self.sudo()
        if message.attachment_ids and message.message_id == ticket.message_id and "cid:" in (ticket.description or ""):
            ticket.with_context(mail_notrack=True).description = message.body

    def _link_answered_customer(self, message):
        """An agent who answers an unknown sender makes a contact: it becomes the customer."""
        if self.partner_id or not self.partner_email or not message.author_id or message.author_id.partner_share:
            return
        email = email_normalize(self.partner_email)
        partner = message.partner_ids.filtered(lambda partner: email and partner.email_normalized == email)[:1]
        if partner:
            # sudo: an employee who may answer completes the ticket they answer
            self.sudo().partner_id = partner

    def _reopen_for_customer(self, message):
        """A customer's answer brings a closed or archived ticket back into its pipeline.

        :param message: record of ``mail.message``, the answer
        """
        self._reopen()

    def _reopen(self):
        # sudo: customers cannot change tickets; their answer does
        ticket = self.sudo()
        if ticket.is_closed:
            # the customer knows that we received the request
            ticket._skip_stage_mail()
            ticket.stage_id = ticket.team_id.stage_ids.filtered(lambda stage: not stage.fold)[:1] or ticket.stage_id
        if not ticket.active:
            ticket.active = True
