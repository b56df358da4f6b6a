import re

from odoo import api, fields, models, tools

# headers by which programs say that no person wrote the mail (RFC 3834, RFC 2076, RFC 2919)
AUTOMATIC_PRECEDENCES = {"bulk", "list", "junk", "auto_reply"}
# a ticket's number in a subject: [HT00001] or #HT00001
NUMBER = re.compile(r"\[#?([^\[\]\s]{1,32})\]|#([\w/-]{1,32})")


class TicketIncoming(models.Model):
    """Mails to a team's alias: which ticket they belong to, who wrote them, and what a new ticket takes from them.

    No mail makes or changes a contact, and no address in To or Cc becomes a follower.
    """

    _inherit = "helpdesk_lite.ticket"

    message_id = fields.Char(
        "Mail Identifier", readonly=True, copy=False, groups="base.group_system",
    )
    is_automatic_mail = fields.Boolean(
        "Made by an Automatic Mail", readonly=True, copy=False,
        help="A program wrote the mail that made this ticket: it is not acknowledged.",
    )

    # the gateway looks for a known Message-ID before it works, which two deliveries at once both survive
    _message_once_per_team = models.UniqueIndex("(message_id, team_id) WHERE message_id IS NOT NULL")

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

    # ------------------------------------------------------------
    # ROUTING
    # ------------------------------------------------------------

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

    # ------------------------------------------------------------
    # MAILS TO TICKETS
    # ------------------------------------------------------------

    @api.model
    def message_new(self, msg_dict, custom_values=None):
        # what an alias had before its defaults were checked
        values = self._filter_alias_defaults(custom_values or {})
        name, email = tools.parse_contact_from_email(msg_dict.get("email_from") or "")
        values.setdefault("name", (msg_dict.get("subject") or "").strip() or self.env._("No Subject"))
        # sanitized as the message is: a mail brings styles that a form does not
        values.setdefault("description", self.env["mail.message"].new({"body": msg_dict.get("body") or ""}).body)
        values["message_id"] = msg_dict.get("message_id")
        values["is_automatic_mail"] = msg_dict.get("message_type") == "out_of_office"
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
        return self.create({
            "email_cc": ", ".join(self._mail_cc_sanitized_raw_dict(self._get_foreign_cc(msg_dict)).values()),
            **values,
        })

    def message_update(self, msg_dict, update_vals=None):
        # sudo: the gateway asks for whoever wrote
        author = self.env["res.partner"].sudo().browse(msg_dict.get("author_id") or [])
        if not author or author.partner_share:
            # what a customer answers is said to the team, whatever kind of message it answers
            msg_dict["is_internal"] = False
        elif msg_dict.get("message_type") == "out_of_office" and self._is_ours(author):
            # that a colleague is away is told to colleagues
            msg_dict["is_internal"] = True
        elif author != self.partner_id and self._is_hidden_from(author):
            # an employee who was never or is no longer invited: the mail is kept and reaches no customer
            msg_dict["is_internal"] = True
        msg_dict["answers_our_mail"] = self._has_own_reference(msg_dict)
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
