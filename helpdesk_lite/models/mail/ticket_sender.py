from email import message_from_bytes, policy
from typing import NamedTuple

from odoo import api, fields, models
from odoo.tools import email_normalize, html_sanitize
from odoo.tools.mail import decode_message_header, email_split_and_format, parse_contact_from_email

from ...tools import mail_authentication, mail_forwards, mail_robots
from ...tools.mail_addresses import is_no_reply
from ...tools.mail_reader import prepare
from .team_mail import MAIL_SERVER


class Origin(NamedTuple):
    """Where a mail comes from, as far as its headers tell; made once for each mail to tickets.

    ``email_from``: the person who is answered. ``author_id``: their contact, or False. ``is_vouched``: the address stands in
    From, as far as that proves anything. ``verdict``: what kind of mail it is. ``original``: the mail that an agent forwards.
    ``is_authentic``: our own mail server confirms the domain in From.
    """

    email_from: str
    author_id: int | bool
    is_vouched: bool
    verdict: mail_robots.Verdict
    original: mail_forwards.Original | None = None
    is_authentic: bool = False


class TicketSender(models.Model):
    """Who wrote a mail: the sender, or the one to whom the sender sends answers, or the author of a forwarded mail.

    A mail that an agent forwards is what its author told the agent, with what the agent says about it. So the mail itself is
    a note for colleagues, the description is the author's own text, and the author is an address without a contact: what a
    forger writes in somebody's name gives that person no sight of the ticket, until an agent answers them.
    """

    _inherit = "helpdesk_lite.ticket"

    forwarded_by_id = fields.Many2one(
        "res.users",
        "Forwarded by",
        readonly=True,
        copy=False,
        index="btree_not_null",
        groups="base.group_user",
        help="The agent who forwarded the customer's e-mail to the team.",
    )

    @api.model
    def _get_origin(self, message, msg_dict, routes):
        """Find out where a mail to tickets comes from.

        :param email.message.EmailMessage message: the mail
        :param dict msg_dict: the parsed mail
        :param list routes: those to tickets
        :return: :class:`Origin`
        """
        email_from = msg_dict.get("email_from") or ""
        # sudo: the gateway's user need not have access to the author
        author = self.env["res.partner"].sudo().browse(msg_dict.get("author_id") or [])
        if author and author._has_unverified_email():
            author = self._find_contact(email_from)
        author_id, vouched = author.id, True
        if answered := self._get_answered(message, email_from):
            email_from, vouched = answered, False
            author_id = self._find_contact(email_from).id
        sender = email_normalize(email_from)
        verdict = mail_robots.judge(
            message.raw_items(), msg_dict.get("subject"), sender, lambda addresses: bool(self._find_own_addresses(addresses))
        )
        if msg_dict.get("is_bounce"):
            verdict = verdict._replace(automatic=True, quiet=True)
        original = None
        if vouched and not all(route[1] for route in routes) and not verdict.automatic and sender:
            original = self._get_original(msg_dict, sender)
        return Origin(email_from, author_id, vouched, verdict, original, self._is_authentic_mail(message, msg_dict))

    @api.model
    def _is_authentic_mail(self, message, msg_dict):
        """:return: bool, whether our mail server confirms the sender in From, see ``tools/mail_authentication.py``"""
        # sudo: the gateway's user cannot read the settings
        server = self.env["ir.config_parameter"].sudo().get_param(MAIL_SERVER)
        return mail_authentication.is_authentic(message.raw_items(), email_normalize(msg_dict.get("email_from")), server)

    @api.model
    def _get_answered(self, message, email_from):
        """The person whom answers to a mail should reach, when that is not who sent it.

        :param email.message.EmailMessage message: the mail
        :param str email_from: its sender, formatted
        :return: str, formatted, or None
        """
        sender = email_normalize(email_from)
        names = ("Reply-To",) if sender else ("Reply-To", "Return-Path")
        proposed = [
            address
            for name in names
            if name in message
            for address in email_split_and_format(decode_message_header(message, name, separator=","))
            if (email := email_normalize(address)) and email != sender and not is_no_reply(email)
        ]
        if not proposed or (sender and not is_no_reply(sender) and not self._find_own_addresses([sender])):
            return None
        own = self._find_own_addresses(email_normalize(address) for address in proposed)
        return next((address for address in proposed if email_normalize(address) not in own), None)

    @api.model
    def _find_own_addresses(self, emails):
        """Which addresses are our own: aliases, those of the alias domains, and those of companies.

        :param emails: normalized addresses
        :return: set of str
        """
        emails = list(emails)
        # sudo: the addresses are only compared, not shown
        companies = self.env["res.company"].sudo().search([("partner_id.email_normalized", "in", emails)])
        # sudo: see above
        return {*self.env["mail.alias.domain"].sudo()._find_aliases(emails), *companies.partner_id.mapped("email_normalized")}

    @api.model
    def _find_contact(self, email_from):
        """:return: the contact of an address, record of ``res.partner``, sudoed; not one who only typed the address"""
        # sudo: the gateway's user need not have access to the author
        return (
            self.env["mail.thread"]
            .sudo()
            ._partner_find_from_emails_single(
                [email_from], no_create=True, filter_found=lambda partner: not partner._has_unverified_email()
            )[:1]
        )

    # ------------------------------------------------------------
    # FORWARDED MAILS
    # ------------------------------------------------------------

    @api.model
    def _get_original(self, msg_dict, sender):
        """The mail that an agent forwards.

        Only agents hand in other people's mails. A colleague's mail to a team is the colleague's own request, whatever it
        quotes, and so is everybody else's.

        :return: ``mail_forwards.Original``, or None
        """
        subject, body = msg_dict.get("subject") or "", msg_dict.get("body") or ""
        original = mail_forwards.find_inline(subject, body)
        # Odoo's own copy of the mail, and one that is attached because it could not be read, are not forwarded
        files = [
            content
            for name, content, info in msg_dict.get("attachments") or ()
            if name.lower().endswith(".eml") and isinstance(content, bytes) and not info and name != "original_email.eml"
        ]
        inner = None if original else mail_forwards.find_attached(subject, body, files)
        if (not original and inner is None) or not self._find_agent(sender):
            return None
        if inner is not None:
            original = self._read_attached(inner)
        if not original or original.email == sender or is_no_reply(original.email):
            return None
        return None if self._find_own_addresses([original.email]) else original

    @api.model
    def _find_agent(self, email):
        """The agent with an address: a user with the role, or a member of a team.

        :param str email: normalized
        :return: record of ``res.users``, sudoed
        """
        # sudo: the gateway's user need not have access to the author
        users = self.env["res.users"].sudo().search([("partner_id.email_normalized", "=", email), ("share", "=", False)])
        # sudo: see above
        Team = self.env["helpdesk_lite.team"].sudo()
        return users.filtered(
            lambda user: (
                user.has_group("helpdesk_lite.group_user") or Team.search_count([("member_ids", "in", user.ids)], limit=1)
            )
        )[:1]

    @api.model
    def _read_attached(self, inner):
        """Read a mail that was forwarded as a file.

        :param bytes inner: the mail
        :return: ``mail_forwards.Original``, or None when it has no sender
        """
        # kept until it was read
        prepared = prepare(inner)
        inner = message_from_bytes(prepared, policy=policy.SMTP)
        senders = email_split_and_format(decode_message_header(inner, "From", separator=","))
        email_from = self._get_answered(inner, senders[0] if senders else "") or (senders[0] if senders else "")
        name, email = parse_contact_from_email(email_from)
        if not email:
            return None
        body = self.env["mail.thread"]._message_parse_extract_payload(inner, {"message_type": "email"})["body"]
        return mail_forwards.Original(name, email, decode_message_header(inner, "Subject"), body)

    # ------------------------------------------------------------
    # WHAT FOLLOWS FROM IT
    # ------------------------------------------------------------

    @api.model
    def _apply_origin(self, msg_dict, origin, thread_id):
        """The mail as one ticket gets it.

        :param dict msg_dict: the parsed mail; is not changed
        :param Origin origin: of this mail, or None
        :param int thread_id: id of the ticket, or a false value for a new one
        :return: dict
        """
        msg_dict = {**msg_dict, "origin": origin}
        if not origin:
            return msg_dict
        msg_dict["author_id"] = origin.author_id
        # sudo: the gateway's user need not have access to the author
        author = self.env["res.partner"].sudo().browse(msg_dict.get("author_id") or [])
        if not origin.is_vouched:
            author = author.browse(origin.author_id or [])
            if thread_id and author and not author.partner_share:
                # whoever sends a mail can ask for answers to an employee; that does not make it the employee's answer
                author, msg_dict["colleagues_only"] = author.browse(), True
            msg_dict.update({"email_from": origin.email_from, "from": origin.email_from, "author_id": author.id})
        if origin.verdict.automatic:
            msg_dict["message_type"] = "out_of_office"
            # an employee's absence is for colleagues only, also when the employee is the customer
            msg_dict["is_internal"] = bool(author) and not author.partner_share
        elif origin.original and not thread_id:
            msg_dict["is_internal"] = True
        return msg_dict

    @api.model
    def _prepare_forwarded_values(self, original, email_from):
        """The values of a ticket from a forwarded mail.

        :param mail_forwards.Original original: the mail
        :param str email_from: who forwarded it
        :return: dict
        """
        values = {
            "partner_id": False,
            "partner_name": original.name or original.email,
            "partner_email": original.email,
            "forwarded_by_id": self._find_agent(email_normalize(email_from)).id,
        }
        if original.body:
            values["description"] = html_sanitize(original.body, sanitize_style=True)
        if subject := mail_forwards.without_prefix(original.subject).strip():
            values["name"] = subject
        return values
