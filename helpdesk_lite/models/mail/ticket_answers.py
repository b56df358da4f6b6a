import re

from odoo import models
from odoo.exceptions import AccessError, UserError
from odoo.tools import email_normalize
from odoo.tools.mail import email_normalize_all, email_split
from odoo.tools.misc import consteq, hmac

# a reference that stands in our mails to employees only, and in their answers to them
TICKET_MARK = re.compile(r"<helpdesk-lite-(\w{64})@")


class TicketAnswers(models.Model):
    """What somebody of ours answers reaches the customer, or is refused with the reason.

    The customer of a first mail is an address and no contact. An agent who answers in the browser
    makes it a contact: of the ticket's own addresses and of nothing else, so that to answer needs
    no right to create contacts. An employee without the role, and everybody by mail client, writes
    to the bare address.

    A sender is easily forged. What comes by mail in the name of an employee is sent on to the customer
    only when it answers a mail that went to employees: these carry a reference that nobody else gets.
    """

    _inherit = "helpdesk_lite.ticket"

    # ------------------------------------------------------------
    # TO WHOM
    # ------------------------------------------------------------

    def _get_own_emails(self):
        """The normalized addresses that this ticket knows: of its customer, and of who got copies.

        :return: set of str
        """
        self.ensure_one()
        # sudo: whoever may answer the ticket may write to who wrote it
        ticket = self.sudo()
        return {email for text in (ticket.partner_email, ticket.email_cc) for email in email_normalize_all(text or "")}

    def _partner_find_from_emails(self, records_emails, avoid_alias=True, ban_emails=None,
                                  filter_found=None, additional_values=None, no_create=False):
        """Who may not create contacts makes those of addresses that stand on the ticket, see the class."""
        limited = not no_create and not self.env.su and not self.env.user.has_group("base.group_partner_manager")
        found = super()._partner_find_from_emails(
            records_emails, avoid_alias=avoid_alias, ban_emails=ban_emails, filter_found=filter_found,
            additional_values=additional_values, no_create=no_create or limited,
        )
        if not limited:
            return found
        for ticket, emails in records_emails.items():
            own = ticket._get_own_emails() if ticket._may_make_contacts() else set()
            own -= set(found[ticket.id].mapped("email_normalized"))
            if missing := [email for email in emails if email_normalize(email) in own]:
                # sudo: agents make this contact without the right to make others. Where there is one that
                # they cannot see, as it is another company's, it stays unseen.
                found[ticket.id] |= super(TicketAnswers, ticket.sudo())._partner_find_from_emails(
                    {ticket.sudo(): missing}, avoid_alias=avoid_alias, ban_emails=ban_emails,
                    filter_found=lambda partner: partner.sudo(False).has_access("read"),
                    additional_values=additional_values,
                )[ticket.id].sudo(False)
        return found

    def _may_make_contacts(self):
        return bool(self) and self.env.user.has_group("helpdesk_lite.group_user") and self.has_access("write")

    def _make_contacts(self, emails):
        """Make contacts of those addresses of the ticket that have none, for an agent who writes to them.

        :param list emails: whom the agent writes to, as the composer sends them
        """
        if self._may_make_contacts():
            self._partner_find_from_emails_single(emails)

    def _message_get_suggested_recipients_batch(self, *args, **kwargs):
        """Propose an address once: Odoo takes the sender of a mail and the customer that it became for two."""
        suggested = super()._message_get_suggested_recipients_batch(*args, **kwargs)
        for ticket_id, recipients in suggested.items():
            once = {}
            for recipient in recipients:
                once.setdefault(recipient["partner_id"] or recipient["email"], recipient)
            suggested[ticket_id] = list(once.values())
        return suggested

    def _get_bare_addresses(self, emails, partners):
        """Addresses among those that somebody writes to which are no contacts.

        :param list emails: as the composer sends them
        :param partners: records of ``res.partner``, the contacts that were found for them
        :return: comma-separated addresses of this ticket
        :raise UserError: when one is neither a contact nor known to the ticket: it would get nothing
        """
        found = set(partners.mapped("email_normalized"))
        bare = [email for text in emails for email in email_split(text) if email_normalize(email) not in found]
        unknown = [email for email in bare if email_normalize(email) not in self._get_own_emails()]
        # sudo: only whether an address is one of our own, nothing of the aliases is shown
        unknown += self.env["mail.alias.domain"].sudo()._find_aliases([email_normalize(email) for email in bare])
        if unknown:
            raise UserError(self.env._(
                "Your message cannot be sent to %s: there is no contact with this address that you can use. "
                "Remove it from the recipients, or ask for a contact to be created.", ", ".join(unknown),
            ))
        return ", ".join(bare)

    # ------------------------------------------------------------
    # POSTING
    # ------------------------------------------------------------

    def message_update(self, msg_dict, update_vals=None):
        # sudo: the gateway asks for whoever wrote
        author = self.env["res.partner"].sudo().browse(msg_dict.get("author_id") or [])
        if msg_dict.get("message_type") == "out_of_office" and self._is_ours(author):
            # that a colleague is away is told to colleagues
            msg_dict["is_internal"] = True
        msg_dict["answers_our_mail"] = any(
            consteq(mark, self._get_mark()) for mark in TICKET_MARK.findall(msg_dict.get("references") or ""))
        return super().message_update(msg_dict, update_vals)

    def message_post(self, **kwargs):
        """An employee's answer by mail client goes to the customer as well.

        :raise AccessError: when somebody from outside addresses the message
        :raise UserError: when somebody addresses it to an address that is neither a contact nor on the ticket
        :return: record of ``mail.message``
        """
        answers_our_mail = kwargs.pop("answers_our_mail", False)
        if kwargs.get("outgoing_email_to") and not self.env.su:
            # first: which address is refused tells which ones the ticket knows
            self.check_access("read")
            if not self.env.user._is_internal():
                raise AccessError(self.env._("You cannot send messages to addresses of your choice."))
            kwargs["outgoing_email_to"] = self._get_bare_addresses([kwargs["outgoing_email_to"]], self.env["res.partner"])
        if kwargs.get("message_type") in ("email", "out_of_office"):
            # sudo: the gateway asks for whoever wrote
            author = self.env["res.partner"].sudo().browse(kwargs.get("author_id") or [])
            if self._is_ours(author):
                kwargs = self._address_mail(author, kwargs, answers_our_mail and self.env.su)
        return super().message_post(**kwargs)

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

    # ------------------------------------------------------------
    # WHO REALLY ANSWERS
    # ------------------------------------------------------------

    def _get_mark(self):
        """What an answer to our mail to employees about this ticket refers to.

        :return: str of 64 hexadecimal digits
        """
        # sudo: the key of the database
        return hmac(self.sudo().env, "helpdesk_lite.answer", self.id)

    def _notify_by_email_get_final_mail_values(self, recipient_ids, mail_values, additional_values=None):
        values = super()._notify_by_email_get_final_mail_values(recipient_ids, mail_values, additional_values)
        # sudo: who of the recipients is one of our own
        recipients = self.env["res.partner"].sudo().browse(recipient_ids)
        if self and recipients and not any(recipients.mapped("partner_share")):
            references = values.get("references") or ""
            domain = references.rpartition("@")[2].rstrip(">") or "helpdesk"
            # in front: the last reference is the message itself
            values["references"] = f"<helpdesk-lite-{self._get_mark()}@{domain}> {references}".strip()
        return values
