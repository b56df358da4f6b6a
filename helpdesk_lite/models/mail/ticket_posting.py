from odoo import models
from odoo.exceptions import AccessError, UserError
from odoo.tools import email_normalize
from odoo.tools.mail import email_normalize_all, email_split

from ...tools.file_names import clean_file_name
from ...tools.mail_forwards import find_inline


class TicketPosting(models.Model):
    """Posting on tickets through every channel: who may post, who receives the message, and its effects.

    An employee's answer reaches the customer, or is refused with the reason.

    Senders are easily forged. A mail in the name of an employee is forwarded to the customer only when
    it answers a mail that was sent to employees, see ``ticket_reference.py``.
    """

    _inherit = "helpdesk_lite.ticket"

    def message_post(self, **kwargs):
        """Post a message, which requires read access: in standard Odoo, followers can post without it.

        An employee's answer from a mail client is sent to the customer as well.

        :raise AccessError: when the user cannot read the ticket, or when a customer chooses addresses
        :raise UserError: when an address is neither that of a contact nor on the ticket
        :return: record of ``mail.message``
        """
        # checked first, because a refused address reveals which addresses the ticket contains
        self.check_access("read")
        answers_our_mail = kwargs.pop("answers_our_mail", False) and self.env.su
        # only the gateway knows it, see ``ticket_sender.py``
        kwargs.pop("origin", None)
        if not self.env.su and not self.env.user._is_internal():
            # customers write in their own name, whoever their client says that they are
            kwargs = {key: value for key, value in kwargs.items() if key not in ("author_id", "email_from")}
        if kwargs.get("outgoing_email_to") and not self.env.su:
            if not self.env.user._is_internal():
                raise AccessError(self.env._("You cannot send messages to addresses of your choice."))
            kwargs["outgoing_email_to"] = self._get_bare_addresses([kwargs["outgoing_email_to"]], self.env["res.partner"])
        # sudo: the gateway's user need not have access to the author
        author = self.env["res.partner"].sudo().browse(kwargs.get("author_id") or [])
        if kwargs.get("message_type") in ("email", "out_of_office") and self._is_ours(author):
            kwargs = self._address_mail(author, kwargs, answers_our_mail)
        elif kwargs.get("message_type") == "out_of_office":
            # a customer's absence is for those who work on the ticket, and for no other customer
            kwargs["is_internal"] = True
        elif kwargs.get("message_type") == "email":
            kwargs = self._keep_readers(kwargs)
        if kwargs.get("partner_ids"):
            kwargs["partner_ids"] = self._keep_visible_recipients(kwargs["partner_ids"], kwargs.get("message_type"))
        ticket = self
        if kwargs.get("message_type") == "email" and self._is_hidden_from(author):
            # Odoo would make the author a follower, who can see the ticket
            ticket = self.with_context(mail_post_autofollow_author_skip=True)
        return super(TicketPosting, ticket).message_post(**kwargs)

    def _keep_visible_recipients(self, partner_ids, message_type):
        """Remove employees who cannot see the ticket from the recipients of a message.

        The customer, who may be an employee, is kept.

        The author of a comment is warned of removed recipients. The message is not refused, because the
        composer would not send a corrected one.

        :param list partner_ids: ids of ``res.partner``, the recipients
        :param str message_type: of the message
        :return: list of ids of the remaining recipients
        """
        # sudo: a customer who posts may not read other recipients
        recipients = self.env["res.partner"].sudo().browse(partner_ids)
        hidden = (recipients - self.sudo().partner_id).filtered(self._is_hidden_from)
        if hidden and message_type == "comment":
            self.env.user._bus_send(
                "simple_notification",
                {
                    "type": "warning",
                    "sticky": True,
                    "message": self.env._(
                        "%(names)s cannot see this ticket and did not get the message. "
                        "Add them as followers of the ticket first, then write to them.",
                        names=", ".join(hidden.mapped("name")),
                    ),
                },
            )
        return (recipients - hidden).ids

    def _is_hidden_from(self, author):
        """Whether a person is an employee who cannot read this ticket, or a former one who was not invited since.

        :param author: record of ``res.partner``
        :return: bool; False for customers
        """
        # sudo: the gateway's user need not have access to the author
        users = author.sudo().with_context(active_test=False).user_ids.filtered(lambda user: not user.share)
        if users and not any(users.mapped("active")):
            # sudo: see above
            ticket = self.sudo()
            return ticket.team_id.privacy_visibility != "public" or author not in ticket.message_partner_ids
        users = users.filtered("active")
        # in all companies of the user, whichever of them the author of the message works in at the moment
        return bool(users) and not any(
            self.with_user(user).with_context(allowed_company_ids=user.company_ids.ids).has_access("read") for user in users
        )

    def _is_ours(self, author):
        """Whether an author is an employee and not the customer of the ticket.

        :param author: record of ``res.partner``, sudoed
        :return: bool
        """
        # sudo: the customer is only compared with the author
        return author != self.sudo().partner_id and any(user.active and not user.share for user in author.user_ids)

    def _address_mail(self, author, kwargs, answers_our_mail):
        """Choose the recipients of an employee's mail: an answer goes to the customer, a note only to employees.

        A customer who received the mail directly does not get it twice. Odoo would send a note to the
        author of the answered message, who may be the customer.

        :param author: record of ``res.partner``, sudoed
        :param dict kwargs: of ``message_post``
        :param bool answers_our_mail: whether the mail answers one that was sent to employees only
        :return: dict, the new arguments of ``message_post``
        """
        # sudo: the gateway's user need not have access to the recipients
        partners = self.env["res.partner"].sudo().browse(kwargs.get("partner_ids") or [])
        # sudo: the gateway's user need not have access to subtypes
        subtype = self.env["mail.message.subtype"].sudo().browse(kwargs.get("subtype_id") or [])
        if kwargs.get("is_internal") or not subtype or subtype.internal:
            return {**kwargs, "partner_ids": partners.filtered(lambda partner: not partner.partner_share).ids}
        if kwargs["message_type"] != "email":
            return kwargs
        if not answers_our_mail:
            return {**kwargs, "colleagues_only": True}
        customer, bare = self._get_unreached_customer(kwargs)
        return {**kwargs, "partner_ids": (partners | customer).ids, "outgoing_email_to": ", ".join(bare) or False}

    def _get_unreached_customer(self, kwargs):
        """Whom of the customer's addresses an employee's mail has not reached, as it did not go there directly.

        :param dict kwargs: of ``message_post``
        :return: a pair of records of ``res.partner``, sudoed, and a list of addresses without a contact
        """
        # sudo: the author need not have access to the contact
        ticket = self.sudo()
        customer = ticket._message_get_default_recipients()[self.id]
        got_it = ", ".join(kwargs.get(name) or "" for name in ("incoming_email_to", "incoming_email_cc"))
        reached = set(email_normalize_all(got_it))
        partners = ticket.env["res.partner"].browse(customer["partner_ids"])
        bare = [email for email in email_split(customer["email_to"] or "") if email_normalize(email) not in reached]
        return partners.filtered(lambda partner: partner.email_normalized not in reached), bare

    def _keep_readers(self, kwargs):
        """Choose the recipients of a mail from outside: the ticket decides, and not the message that is answered.

        Odoo adds the author of that message, who need not be the customer any more.

        :param dict kwargs: of ``message_post``
        :return: dict, the new arguments of ``message_post``
        """
        if not kwargs.get("partner_ids"):
            return kwargs
        # sudo: the gateway's user need not have access to the recipients
        ticket, recipients = self.sudo(), self.env["res.partner"].sudo().browse(kwargs["partner_ids"])
        readers, address = ticket.partner_id | ticket.message_partner_ids, email_normalize(ticket.partner_email)
        kept = recipients.filtered(
            lambda partner: not partner.partner_share or partner in readers or (address and partner.email_normalized == address)
        )
        return {**kwargs, "partner_ids": kept.ids}

    def _notify_thread(self, message, msg_vals=False, **kwargs):
        """Refuse an agent's message that nobody would receive, because it would look as if it had been sent.

        :raise UserError: when there is no recipient for such a message
        """
        recipients = super()._notify_thread(message, msg_vals=msg_vals, **kwargs)
        # whoever holds a mail says so itself
        if not kwargs.get("author_is_told"):
            self._tell_if_unsent(message, recipients, kwargs.get("sender_not_verified"))
        if not recipients and self._is_meant_for_somebody(message):
            raise UserError(
                self.env._(
                    "Nobody would get this message: no recipient was chosen, and nobody else follows the ticket. "
                    "Add a recipient, or log an internal note instead."
                )
            )
        return recipients

    def _is_meant_for_somebody(self, message):
        """Whether an employee wrote the message in their own name, for others, and not as the ticket's customer.

        :param message: record of ``mail.message``
        :return: bool
        """
        # sudo: the message and the ticket are only used to decide about the user's own message
        message, ticket = message.sudo(), self.sudo()
        user, author = self.env.user, message.author_id
        return (
            message.message_type == "comment"
            and not message.is_internal
            and not message.subtype_id.internal
            and user.active
            and user._is_internal()
            and author == user.partner_id
            and author != ticket.partner_id
            # an employee without the role may add to a ticket without a customer: an agent will read it there
            and bool(ticket.partner_id or ticket.partner_email or user.has_group("helpdesk_lite.group_user"))
        )

    def _process_attachments_for_post(self, attachments, attachment_ids, message_values):
        # mails, like the public form, bring file names from strangers
        attachments = [(clean_file_name(name), *content) for name, *content in attachments or []]
        return super()._process_attachments_for_post(attachments, attachment_ids, message_values)

    # ------------------------------------------------------------
    # EFFECTS OF A MESSAGE
    # ------------------------------------------------------------

    def _message_post_after_hook(self, message, msg_values):
        self._complete_description(message)
        side = self._get_side(message)
        if side == "agent":
            self._link_answered_customer(message)
        elif side == "customer":
            self._reopen_for_customer(message)
        return super()._message_post_after_hook(message, msg_values)

    def _complete_description(self, message):
        """Take the description from the mail that created the ticket: only there, inline pictures have addresses.

        :param message: record of ``mail.message``
        """
        # sudo: the gateway's user need not be able to change tickets
        ticket = self.sudo()
        if message.attachment_ids and message.message_id == ticket.message_id and "cid:" in (ticket.description or ""):
            description = message.body
            if ticket.forwarded_by_id:
                # without what the agent says about it
                original = find_inline(message.subject, message.body)
                description = original.body if original else ticket.description
            ticket.with_context(mail_notrack=True).description = description

    def _link_answered_customer(self, message):
        """Make the contact that an agent's answer to an unknown sender created the customer.

        :param message: record of ``mail.message``, the answer
        """
        if self.partner_id or not self.partner_email or not message.author_id or message.author_id.partner_share:
            return
        email = email_normalize(self.partner_email)
        partner = message.partner_ids.filtered(lambda partner: email and partner.email_normalized == email)[:1]
        if partner:
            # sudo: employees who can answer a ticket need not be able to change it
            self.sudo().partner_id = partner
            # what else came from the address
            partner._claim_tickets()

    def _reopen_for_customer(self, message):
        """Reopen a closed or archived ticket when its customer answers.

        :param message: record of ``mail.message``, the answer
        """
        self._reopen()

    def _reopen(self, assign=True):
        """Open a closed or archived ticket again.

        :param bool assign: whether a ticket without an assignee is given to somebody, where its team assigns tickets
        """
        # sudo: customers cannot change tickets, but their answers reopen them
        ticket = self.sudo()
        nobody = {} if assign or ticket.user_id else {"user_id": False, "assignment_waiting": ticket.assignment_waiting}
        if ticket.is_closed:
            # the customer need not get another acknowledgement
            ticket._skip_stage_mail()
            ticket.write({"stage_id": (ticket._get_reopening_stage() or ticket.stage_id).id, **nobody})
        if not ticket.active:
            ticket.write({"active": True, **nobody})

    def _get_reopening_stage(self):
        """The stage of this closed ticket when it is opened again: the first open one; an extension point.

        :return: record of ``helpdesk_lite.stage``, which may be empty
        """
        return self.team_id.stage_ids.filtered(lambda stage: not stage.fold)[:1]
