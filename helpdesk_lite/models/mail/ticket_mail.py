import re

from odoo import api, fields, models, tools

from ...tools.file_names import clean_file_name

# headers by which programs say that no person wrote the mail (RFC 3834, RFC 2076, RFC 2919)
AUTOMATIC_PRECEDENCES = {"bulk", "list", "junk", "auto_reply"}
# a ticket's number in a subject: [HT00001] or #HT00001
NUMBER = re.compile(r"\[#?([^\[\]\s]{1,32})\]|#([\w/-]{1,32})")


class TicketMail(models.Model):
    """Tickets and e-mail: what comes in through a team's alias, and what customers get.

    No mail makes or changes a contact, and no address in To or Cc becomes a follower.
    """

    _inherit = "helpdesk_lite.ticket"

    message_id = fields.Char(
        "Mail Identifier", readonly=True, copy=False, groups="base.group_system",
    )

    # the gateway looks for a known Message-ID before it works, which two deliveries at once both survive
    _message_once_per_team = models.UniqueIndex("(message_id, team_id) WHERE message_id IS NOT NULL")

    # ------------------------------------------------------------
    # INCOMING
    # ------------------------------------------------------------

    @api.model
    def _is_automatic_mail(self, message, message_dict):
        """Whether a program sent the mail: auto-reply, bounce, mailing list.

        :param email.message.EmailMessage message: the mail
        :param dict message_dict: the mail, parsed
        :return: bool
        """
        return bool(
            message_dict.get("is_bounce")
            or message.get("Auto-Submitted", "no").strip().lower() != "no"
            or message.get("Precedence", "").strip().lower() in AUTOMATIC_PRECEDENCES
            or any(message.get(name) for name in (
                "List-Id", "List-Unsubscribe", "X-Autoreply", "X-Autorespond", "X-Auto-Response-Suppress",
            ))
            or message.get("Return-Path", "").strip() == "<>"
        )

    @api.model
    def _route_to_threads(self, routes, msg_dict):
        """Lead a mail that names a ticket by its number to that ticket: some programs drop the references.

        :param list routes: of stock's ``message_route``
        :param dict msg_dict: the mail, parsed
        :return: list of routes, each ticket once
        """
        routed = {}
        for number, (model, thread_id, *rest) in enumerate(routes):
            if model == self._name:
                ticket = self.browse(thread_id) if thread_id else self._find_by_subject(msg_dict)
                thread_id = ticket._get_thread_of_answer(msg_dict).id if ticket else thread_id
            routed.setdefault((model, thread_id or -number), (model, thread_id, *rest))
        return list(routed.values())

    @api.model
    def _find_by_subject(self, msg_dict):
        """The ticket whose number stands in the subject, when its customer or a follower wrote.

        An address is easily forged, so nobody becomes one of our own people by a number.

        :param dict msg_dict: the mail, parsed
        :return: a record, sudoed, or an empty recordset
        """
        numbers = [number for pair in NUMBER.findall(msg_dict.get("subject") or "") for number in pair if number]
        email = tools.email_normalize(msg_dict.get("email_from"))
        # sudo: the gateway asks for whoever wrote
        author = self.env["res.partner"].sudo().browse(msg_dict.get("author_id") or [])
        if not numbers or not email or any(not user.share for user in author.user_ids):
            return self.browse()
        # sudo: see above
        tickets = self.sudo().with_context(active_test=False).search([("number", "in", numbers[:10])])
        return tickets.filtered(
            lambda ticket: email == tools.email_normalize(ticket.partner_email)
            or (author and (author == ticket.partner_id or author in ticket.message_partner_ids))
        )[:1]

    def _get_thread_of_answer(self, msg_dict):
        """The ticket in which answers to this one go on.

        :param dict msg_dict: the mail, parsed; may be completed
        :return: record
        """
        return self

    @api.model
    def message_new(self, msg_dict, custom_values=None):
        values = dict(custom_values or {})
        automatic = msg_dict.get("message_type") == "out_of_office"
        name, email = tools.parse_contact_from_email(msg_dict.get("email_from") or "")
        values.setdefault("name", (msg_dict.get("subject") or "").strip() or self.env._("No Subject"))
        values["message_id"] = msg_dict.get("message_id")
        # sudo: the customer's mail finds its team and contact whoever the gateway runs as
        team = self.env["helpdesk_lite.team"].sudo().browse(values.pop("team_id", None) or []).exists()
        team = team or self._default_team_id().sudo()
        if not team:
            raise ValueError(self.env._("There is no helpdesk team that could take this e-mail."))
        values["team_id"] = team.id
        # sudo: see above
        partner = self.env["res.partner"].sudo().browse(msg_dict.get("author_id") or [])
        if partner.company_id and partner.company_id != team.company_id:
            # a contact of another company is a stranger to this one
            partner = partner.browse()
        if partner:
            values.setdefault("partner_id", partner.id)
        else:
            values.setdefault("partner_name", name or email)
            values.setdefault("partner_email", email or msg_dict.get("email_from"))
        # nobody is the assignee because the gateway ran in their name
        self = self.with_context(default_user_id=False).with_company(team.company_id)
        # not by super(): it puts the raw sender into the primary e-mail field over what is decided here
        ticket = self.create({
            "email_cc": ", ".join(self._mail_cc_sanitized_raw_dict(self._get_foreign_cc(msg_dict)).values()),
            **values,
        })
        if automatic:
            ticket._skip_stage_mail()
        return ticket

    def message_update(self, msg_dict, update_vals=None):
        author = self.env["res.partner"].browse(msg_dict.get("author_id") or [])
        if not author or author.partner_share:
            # what a customer answers is said to the team, whatever kind of message it answers
            msg_dict["is_internal"] = False
        elif author != self.partner_id and self._is_hidden_from(author):
            # an employee who was never or is no longer invited: the mail is kept and reaches no customer
            msg_dict["is_internal"] = True
        return super().message_update({**msg_dict, "cc": self._get_foreign_cc(msg_dict)}, update_vals)

    @api.model
    def _get_foreign_cc(self, msg_dict):
        """Carbon copies of a mail without our own aliases.

        :param dict msg_dict: the mail, parsed; its ``cc_filtered`` is used up by the first route
        :return: comma-separated addresses
        """
        copies = tools.mail.email_split_and_format(msg_dict.get("cc") or "")
        normalized = [tools.email_normalize(copy) for copy in copies]
        # sudo: only our own addresses are left out, nothing of the aliases is shown
        own = self.env["mail.alias.domain"].sudo()._find_aliases([email for email in normalized if email])
        return ", ".join(copy for copy, email in zip(copies, normalized, strict=True) if email not in own)

    def _message_post_after_hook(self, message, msg_values):
        # sudo: the gateway's first mail is the description of the ticket that it makes
        if message.message_id == self.sudo().message_id and not self.description:
            self.sudo().with_context(mail_notrack=True).description = message.body
        if message.message_type in ("comment", "email") and not message.is_internal and not message.subtype_id.internal:
            self._link_answered_customer(message)
            if not message.author_id or message.author_id.partner_share or message.author_id == self.partner_id:
                self._reopen_for_customer()
        return super()._message_post_after_hook(message, msg_values)

    def _link_answered_customer(self, message):
        """An agent who answers an unknown sender makes a contact: it becomes the customer."""
        if self.partner_id or not self.partner_email or not message.author_id or message.author_id.partner_share:
            return
        email = tools.email_normalize(self.partner_email)
        partner = message.partner_ids.filtered(lambda partner: email and partner.email_normalized == email)[:1]
        if partner:
            # sudo: an employee who may answer completes the ticket they answer
            self.sudo().partner_id = partner

    def _reopen_for_customer(self):
        """A customer's answer brings a closed or archived ticket back into its pipeline."""
        # sudo: customers cannot change tickets; their answer does
        ticket = self.sudo()
        if ticket.is_closed:
            # the customer knows that we received the request
            ticket._skip_stage_mail()
            ticket.stage_id = ticket.team_id.stage_ids.filtered(lambda stage: not stage.fold)[:1] or ticket.stage_id
        if not ticket.active:
            ticket.active = True

    # ------------------------------------------------------------
    # POSTING
    # ------------------------------------------------------------

    def message_post(self, **kwargs):
        """Posting takes sight of the ticket; in stock a follower may post to what they cannot read.

        :raise AccessError: when the ticket is not readable
        """
        self.check_access("read")
        if kwargs.get("partner_ids"):
            kwargs["partner_ids"] = self._keep_recipients_with_sight(kwargs["partner_ids"], kwargs.get("message_type"))
        ticket = self
        author = self.env["res.partner"].browse(kwargs.get("author_id") or [])
        if kwargs.get("message_type") == "email" and self._is_hidden_from(author):
            # stock makes the author of an answer a follower: following is seeing
            ticket = self.with_context(mail_post_autofollow_author_skip=True)
        return super(TicketMail, ticket).message_post(**kwargs)

    def _keep_recipients_with_sight(self, partner_ids, message_type):
        """Who is told of a message reads it: an employee without sight of the ticket is not told.

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

    def _process_attachments_for_post(self, attachments, attachment_ids, message_values):
        # names of files in mails come from strangers as those of the form do
        attachments = [(clean_file_name(name), *content) for name, *content in attachments or []]
        return super()._process_attachments_for_post(attachments, attachment_ids, message_values)

    # ------------------------------------------------------------
    # OUTGOING
    # ------------------------------------------------------------

    def _notify_get_reply_to(self, default=None, author_id=False):
        # sudo: answers go to the team's alias, whoever writes
        teams = self.sudo().team_id
        reply_to = teams._notify_get_reply_to(default=default, author_id=author_id) if teams else {}
        return {ticket.id: reply_to.get(ticket.sudo().team_id.id) for ticket in self}

    def _message_compute_subject(self):
        self.ensure_one()
        return f"[{self.number}] {self.name}" if self.number else self.name

    def _get_customer_information(self):
        """What a contact made from an answer starts with: what the ticket knows of the customer."""
        known = super()._get_customer_information()
        for ticket in self.filtered("partner_email"):
            email = tools.email_normalize(ticket.partner_email) or ticket.partner_email
            values = known.setdefault(email, {})
            values.setdefault("name", ticket.partner_name or email)
            values.setdefault("phone", ticket.partner_phone)
            values.setdefault("lang", ticket.partner_lang)
            values.setdefault("company_id", ticket.company_id.id)
        return known
