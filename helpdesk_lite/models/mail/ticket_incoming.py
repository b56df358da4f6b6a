from markupsafe import Markup
from odoo import api, fields, models, tools

from ...tools.ticket_numbers import find_numbers


class TicketIncoming(models.Model):
    """Mails to a team's alias: the ticket they belong to, their author, and the values of a new ticket.

    No mail creates or changes a contact, and no address in To or Cc becomes a follower.
    """

    _inherit = "helpdesk_lite.ticket"

    message_id = fields.Char("Mail Identifier", readonly=True, copy=False, groups="base.group_system")
    is_automatic_mail = fields.Boolean(
        "Created by an Automatic Mail",
        readonly=True,
        copy=False,
        help="A program or a mailing list sent the mail that created this ticket, so no acknowledgement was sent.",
    )

    # the gateway looks for a known Message-ID first; two simultaneous deliveries would both pass that check
    _message_once_per_team = models.UniqueIndex("(message_id, team_id) WHERE message_id IS NOT NULL")

    # ------------------------------------------------------------
    # ROUTING
    # ------------------------------------------------------------

    @api.model
    def _route_to_threads(self, routes, msg_dict):
        """Route mails with a ticket number in the subject to that ticket, because some mail clients drop references.

        :param list routes: from Odoo's ``message_route``
        :param dict msg_dict: the parsed mail
        :return: list of routes, at most one for each ticket
        """
        routed = {}
        for number, (model, thread_id, values, *rest) in enumerate(routes):
            key = (model, thread_id or -number)
            if model == self._name:
                ticket = self.browse(thread_id) if thread_id else self._find_by_subject(msg_dict)
                thread_id = ticket._get_thread_of_answer(msg_dict).id if ticket else thread_id
                # a team with several addresses makes one ticket of a mail
                key = (model, thread_id) if thread_id else (model, "team", (values or {}).get("team_id"))
            routed.setdefault(key, (model, thread_id, values, *rest))
        return list(routed.values())

    @api.model
    def _find_by_subject(self, msg_dict):
        """Find the ticket whose number is in the subject, if its customer or a follower wrote the mail.

        Sender addresses are easily forged, so a number never gives a mail the author of an employee.

        :param dict msg_dict: the parsed mail
        :return: a record, sudoed, or an empty recordset
        """
        numbers = find_numbers(msg_dict.get("subject"))
        origin = msg_dict["origin"]
        email = tools.email_normalize(origin.email_from)
        if not numbers or not email:
            return self.browse()
        # sudo: the gateway's user need not have access to the author
        author = self.env["res.partner"].sudo().browse(origin.author_id or self._find_contact(origin.email_from).id or [])
        if any(not user.share for user in author.user_ids):
            return self.browse()
        # however people write letters; figures alone are no number of a ticket in a subject
        folded = {number.casefold() for number in numbers}
        spelled = {number for number in self._spell_numbers(numbers)[0] if number.casefold() in folded}
        # sudo: see above
        tickets = self.sudo().with_context(active_test=False)
        tickets = tickets.search([("number", "in", sorted(spelled))])
        return tickets.filtered(
            lambda ticket: (
                email == tools.email_normalize(ticket.partner_email)
                or (author and (author == ticket.partner_id or author in ticket.message_partner_ids))
            )
        )[:1]

    def _get_thread_of_answer(self, msg_dict):
        """The ticket to which answers to this one are routed; an extension point for bridges.

        :param dict msg_dict: the parsed mail; overrides may add values to it
        :return: record of ``helpdesk_lite.ticket``
        """
        return self

    # ------------------------------------------------------------
    # NEW TICKETS AND ANSWERS
    # ------------------------------------------------------------

    @api.model
    def message_new(self, msg_dict, custom_values=None):
        # the defaults of older aliases were never checked by the constraint on ``mail.alias``
        values = self._filter_alias_defaults(custom_values or {})
        origin = msg_dict.get("origin")
        name, email = tools.parse_contact_from_email(msg_dict.get("email_from") or "")
        values.setdefault("name", (msg_dict.get("subject") or "").strip() or self.env._("No Subject"))
        # sanitized like a message, because mails contain styles that forms do not
        values.setdefault("description", tools.html_sanitize(msg_dict.get("body") or "", sanitize_style=True))
        values["message_id"] = msg_dict.get("message_id")
        values["mail_from"] = tools.email_normalize(msg_dict.get("email_from")) or False
        values["is_automatic_mail"] = bool(origin and origin.verdict.quiet)
        # sudo: the gateway's user need not have access to the team and the contact
        team = self.env["helpdesk_lite.team"].sudo()._find_existing(values.pop("team_id", None))
        team = team or self._default_team_id().sudo()
        if not team:
            raise ValueError(self.env._("There is no helpdesk team that could take this e-mail."))
        values["team_id"] = team.id
        # sudo: see above
        partner = self.env["res.partner"].sudo().browse(msg_dict.get("author_id") or [])
        if partner.company_id and partner.company_id != team.company_id:
            # a contact of another company is not a customer of this one
            partner = partner.browse()
        if origin and origin.original:
            values.update(self._prepare_forwarded_values(origin.original, origin.email_from))
        elif partner:
            values.setdefault("partner_id", partner.id)
        else:
            values.setdefault("partner_name", name or email)
            values.setdefault("partner_email", email or msg_dict.get("email_from"))
        # the gateway's user must not become the assignee
        self = self.with_context(default_user_id=False).with_company(team.company_id)
        # not by super(): it would overwrite the customer's e-mail with the raw sender
        return self.create(
            {"email_cc": ", ".join(self._mail_cc_sanitized_raw_dict(self._get_foreign_cc(msg_dict)).values()), **values}
        )

    def message_update(self, msg_dict, update_vals=None):
        # sudo: the gateway's user need not have access to the author
        author = self.env["res.partner"].sudo().browse(msg_dict.get("author_id") or [])
        if not author or author.partner_share:
            # an answer by a customer is for the team, even if it answers an internal note
            msg_dict["is_internal"] = False
        elif author != self.partner_id and self._is_hidden_from(author):
            # an employee who is not invited: the mail is kept, but not sent to customers
            msg_dict["is_internal"] = True
        elif author != self.partner_id and not self._is_believed(msg_dict):
            msg_dict.update(self._prepare_unverified_note(msg_dict))
        msg_dict["answers_our_mail"] = self._has_own_reference(msg_dict)
        return super().message_update({**msg_dict, "cc": self._get_foreign_cc(msg_dict)}, update_vals)

    def _is_believed(self, msg_dict):
        """Whether a mail in an employee's name is taken for their answer, as the team decides.

        :param dict msg_dict: the parsed mail
        :return: bool
        """
        # sudo: the gateway's user need not have access to the team
        mode = self.sudo().team_id.employee_answers
        origin = msg_dict.get("origin")
        return mode == "always" or (mode == "verified" and bool(origin and origin.is_vouched and origin.is_authentic))

    def _prepare_unverified_note(self, msg_dict):
        """The values of a mail in an employee's name that is not believed: a note for colleagues that says so.

        :param dict msg_dict: the parsed mail
        :return: dict
        """
        notice = Markup("<p><strong>%s</strong> %s</p>") % (
            self.env._("Sender not verified."),
            self.env._("Anybody can send an e-mail in a colleague's name. Customers did not get this message."),
        )
        return {
            "is_internal": True,
            "sender_not_verified": True,
            # parsed mails are HTML, which is sanitized when the message is stored
            "body": notice + Markup(msg_dict.get("body") or ""),
        }

    @api.model
    def _get_foreign_cc(self, msg_dict):
        """The carbon copies of a mail, without our own aliases.

        :param dict msg_dict: the parsed mail; its ``cc_filtered`` is consumed by the first route
        :return: str of comma-separated addresses
        """
        copies = tools.mail.email_split_and_format(msg_dict.get("cc") or "")
        normalized = [tools.email_normalize(copy) for copy in copies]
        # sudo: the aliases are only compared with addresses, not shown
        own = self.env["mail.alias.domain"].sudo()._find_aliases([email for email in normalized if email])
        return ", ".join(copy for copy, email in zip(copies, normalized, strict=True) if email not in own)
