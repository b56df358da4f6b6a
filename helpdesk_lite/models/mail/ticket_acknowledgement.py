from markupsafe import Markup
from odoo import models


class TicketAcknowledgement(models.Model):
    """Acknowledges new tickets to their customers, with the mail of the first stage."""

    _inherit = "helpdesk_lite.ticket"

    def _acknowledge(self):
        """Acknowledge a new ticket to its customer, once the whole request is on the ticket.

        Batches, imports, duplicates and other tickets that are created without mails (``mail_notrack``) are not
        requests and get no acknowledgement. Neither do automatic mails: the sending program could answer.
        """
        made_quietly = self.env.context.get("mail_notrack") or self.env.context.get("tracking_disable")
        if not made_quietly and not self._is_batch() and not self.sudo().is_automatic_mail:  # sudo: customers cannot read it
            # just before the commit: the mail refers to the customer's mail, which is posted after the creation
            self.env.cr.precommit.add(self._send_stage_mail)

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
