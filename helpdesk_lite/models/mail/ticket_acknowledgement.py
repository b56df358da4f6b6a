from markupsafe import Markup
from odoo import models
from odoo.tools import email_normalize

from ...tools.mail_addresses import is_no_reply


class TicketAcknowledgement(models.Model):
    """Acknowledges new tickets to their customers, with the mail of the first stage."""

    _inherit = "helpdesk_lite.ticket"

    def _acknowledge(self):
        """Acknowledge a new ticket to its customer, once the whole request is on the ticket.

        Batches, imports, duplicates and other tickets that are created without mails (``mail_notrack``) are not
        requests and get no acknowledgement. Neither do automatic mails: the sending program could answer.
        """
        made_quietly = self.env.context.get("mail_notrack") or self.env.context.get("tracking_disable")
        if not made_quietly and not self._is_batch() and self._is_acknowledged():
            # just before the commit: the mail refers to the customer's mail, which is posted after the creation
            self.env.cr.precommit.add(self._send_stage_mail)

    def _is_acknowledged(self):
        """Whether the customer of a new ticket is told that it arrived.

        :return: bool; False for mails of programs and lists, for mailboxes that nobody reads, and for forwarded mails, whose
            author did not write to us, unless the team wants to tell them
        """
        self.ensure_one()
        # sudo: customers cannot read how their ticket was made
        ticket = self.sudo()
        if ticket.is_automatic_mail or is_no_reply(email_normalize(ticket.partner_email)):
            return False
        return not ticket.forwarded_by_id or ticket.team_id.acknowledge_forwarded

    def _get_plain_acknowledgement(self):
        """The acknowledgement that replaces a template that fails.

        :return: dict as in ``_render_stage_mail``
        """
        lang = self._get_customer_lang()
        _ = self.with_context(lang=lang).env._
        return {
            "lang": lang,
            "subject": _("[%s] We received your request", self.number),
            "body": Markup("<p>%s</p><p>%s</p>")
            % (
                _("We received your request. Its number is %s.", self.number),
                _("To add something, just reply to this e-mail."),
            ),
        }
