from markupsafe import Markup
from odoo import models


class TicketAcknowledgement(models.Model):
    """The customer of a new ticket is told that we received it, with the mail of its first stage."""

    _inherit = "helpdesk_lite.ticket"

    def _acknowledge(self):
        """Tell the customer of a new ticket that we received it, once all that the request says is on the ticket.

        Batches and imports are no requests, and neither are duplicates and what else is made without mails
        (``mail_notrack``). A program that wrote could answer the acknowledgement.
        """
        made_quietly = self.env.context.get("mail_notrack") or self.env.context.get("tracking_disable")
        if not made_quietly and not self._is_batch() and not self.sudo().is_automatic_mail:  # sudo: no field of customers
            # before the commit: the mail refers to the customer's own, which is posted on the ticket after it was made
            self.env.cr.precommit.add(self._send_stage_mail)

    def _get_plain_acknowledgement(self):
        """What a customer is told when the template cannot be used, in the form of ``_render_stage_mail``."""
        lang = self._get_customer_lang()
        _ = self.with_context(lang=lang).env._
        return {
            "lang": lang,
            "subject": _("[%s] We received your request", self.number),
            "body": Markup("<p>%s</p><p>%s</p>") % (
                _("We received your request. Its number is %s.", self.number),
                _("To add something, just reply to this e-mail."),
            ),
        }
