from odoo import api, models


class MailScheduledMessage(models.Model):
    """A message that is sent later does later what is staged beside it, with the rights that its author has then."""

    _inherit = "mail.scheduled.message"

    @api.model
    def _notification_parameters_whitelist(self):
        return super()._notification_parameters_whitelist() | {"staged_replies", "then"}
