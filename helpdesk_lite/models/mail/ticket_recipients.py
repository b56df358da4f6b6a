from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import email_normalize
from odoo.tools.mail import email_normalize_all, email_split

# contacts are made or merged: whose tickets they are is asked afterwards, see ``contacts/res_partner.py``
CLAIM_LATER = "helpdesk_lite_claim_later"


class TicketRecipients(models.Model):
    """The possible recipients of messages from a ticket: contacts, and the addresses on the ticket.

    The customer of a first mail is an address without a contact. When an agent answers in the
    browser, a contact is created, but only for addresses on the ticket, so that answering does not
    require the right to create contacts. Answers by employees without the role, and answers from
    mail clients, are sent to the bare address.
    """

    _inherit = "helpdesk_lite.ticket"

    def _get_own_emails(self):
        """The normalized addresses on this ticket: the customer's, and those of carbon copies.

        :return: set of str
        """
        self.ensure_one()
        # sudo: everybody who can answer the ticket may write to these addresses
        ticket = self.sudo()
        return {email for text in (ticket.partner_email, ticket.email_cc) for email in email_normalize_all(text or "")}

    def _partner_find_from_emails(
        self, records_emails, avoid_alias=True, ban_emails=None, filter_found=None, additional_values=None, no_create=False
    ):
        """Let agents who cannot create contacts create them for addresses on the ticket, see the class.

        A contact who only typed an address is not found by it: it would become a follower, and see the ticket.
        """

        def is_found(partner):
            return not partner._has_unverified_email() and (not filter_found or filter_found(partner))

        limited = not no_create and not self.env.su and not self.env.user.has_group("base.group_partner_manager")
        # a contact that is only proposed as a recipient is not the customer yet: that is who is answered
        later = {CLAIM_LATER: True}
        found = super(TicketRecipients, self.with_context(**later))._partner_find_from_emails(
            records_emails,
            avoid_alias=avoid_alias,
            ban_emails=ban_emails,
            filter_found=is_found,
            additional_values=additional_values,
            no_create=no_create or limited,
        )
        found = {ticket_id: partners.with_env(self.env) for ticket_id, partners in found.items()}
        if not limited:
            return found
        for ticket, emails in records_emails.items():
            own = ticket._get_own_emails() if ticket._may_make_contacts() else set()
            own -= set(found[ticket.id].mapped("email_normalized"))
            if missing := [email for email in emails if email_normalize(email) in own]:
                # sudo: agents create these contacts without the right to create others.
                as_superuser = ticket.sudo()
                found[ticket.id] |= (
                    super(TicketRecipients, as_superuser.with_context(**later))
                    ._partner_find_from_emails(
                        {as_superuser: missing},
                        avoid_alias=avoid_alias,
                        ban_emails=ban_emails,
                        # sudo(False): a contact that they cannot see, such as one of another company, stays hidden
                        filter_found=lambda partner: is_found(partner) and partner.sudo(False).has_access("read"),
                        additional_values=additional_values,
                    )[ticket.id]
                    .with_env(self.env)
                )
        return found

    def _may_make_contacts(self):
        return bool(self) and self.env.user.has_group("helpdesk_lite.group_user") and self.has_access("write")

    def _make_contacts(self, emails):
        """Create missing contacts for addresses on the ticket that an agent writes to.

        :param list emails: addresses of recipients, in the form that the composer sends
        """
        if self._may_make_contacts():
            self._partner_find_from_emails_single(emails)

    def _sort_suggested_messages(self, messages):
        """Propose nobody because of an internal message: the agent who forwarded a customer's mail is not its reader."""
        return super()._sort_suggested_messages(messages.filtered(lambda message: not message.is_internal))

    def _find_suggested_message(self):
        """The message that an answer would answer: what Odoo finds for one ticket among all of its messages, which it reads.

        :return: record of ``mail.message``, or none
        """
        subtypes = self._creation_subtype() | self.env.ref("mail.mt_comment")
        discussion = Domain("message_type", "in", ("email", "comment")) & Domain("subtype_id", "in", subtypes.ids)
        place = Domain("model", "=", self._name) & Domain("res_id", "=", self.id)
        discussion &= Domain("is_internal", "!=", True)
        return self.env["mail.message"].search(place & discussion, order="date DESC, id DESC", limit=1)

    def _message_get_suggested_recipients_batch(
        self, reply_discussion=False, reply_message=None, no_create=True, primary_email=False, additional_partners=None
    ):
        """Propose each person once, under the address that is right now.

        Odoo lists a sender and the contact that was made of them separately, and an address that was corrected on the ticket
        or changed on the contact along with the one that took its place.
        """
        if reply_discussion and not reply_message and len(self) == 1:
            reply_discussion, reply_message = False, self._find_suggested_message()
        suggested = super()._message_get_suggested_recipients_batch(
            reply_discussion=reply_discussion,
            reply_message=reply_message,
            no_create=no_create,
            primary_email=primary_email,
            additional_partners=additional_partners,
        )
        for ticket_id, recipients in suggested.items():
            once, outdated = {}, self.browse(ticket_id)._get_outdated_emails()
            for recipient in recipients:
                if not recipient["partner_id"] and email_normalize(recipient["email"]) in outdated:
                    continue
                once.setdefault(recipient["partner_id"] or recipient["email"], recipient)
            suggested[ticket_id] = list(once.values())
        return suggested

    def _get_outdated_emails(self):
        """The addresses of the customer that another one has taken the place of.

        :return: set of str, normalized
        """
        # sudo: what the sender's address was is for administrators only; here it is compared
        ticket = self.sudo()
        customer = ticket.partner_id.email_normalized or email_normalize(ticket.partner_email)
        # without a contact, the sender of the first mail is the customer, unless an agent forwarded it
        former = {email_normalize(ticket.partner_email), not ticket.forwarded_by_id and ticket.mail_from}
        return former - {customer, False} if customer else set()

    def _get_bare_addresses(self, emails, partners):
        """The addresses of recipients for whom there is no contact.

        :param list emails: addresses of recipients, in the form that the composer sends
        :param partners: records of ``res.partner``, the contacts that were found for them
        :return: str of comma-separated addresses, all of them on this ticket
        :raise UserError: when an address has no contact and is not on the ticket, or is one of our aliases
        """
        found = set(partners.mapped("email_normalized"))
        bare = [email for text in emails for email in email_split(text) if email_normalize(email) not in found]
        unknown = [email for email in bare if email_normalize(email) not in self._get_own_emails()]
        # sudo: the aliases are only compared with addresses, not shown
        unknown += self.env["mail.alias.domain"].sudo()._find_aliases([email_normalize(email) for email in bare])
        if unknown:
            raise UserError(
                self.env._(
                    "Your message cannot be sent to %s: there is no contact with this address that you can use. "
                    "Remove it from the recipients, or ask for a contact to be created.",
                    ", ".join(unknown),
                )
            )
        return ", ".join(bare)

    def _get_customer_information(self):
        """Fill contacts that are created by an answer with the ticket's data about the customer."""
        known = super()._get_customer_information()
        for ticket in self.filtered("partner_email"):
            email = email_normalize(ticket.partner_email) or ticket.partner_email
            values = known.setdefault(email, {})
            values.setdefault("name", ticket.partner_name or email)
            values.setdefault("phone", ticket.partner_phone)
            values.setdefault("lang", ticket.partner_lang)
            values.setdefault("company_id", ticket.company_id.id)
        return known
