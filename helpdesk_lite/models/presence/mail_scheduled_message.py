from odoo import api, models


class MailScheduledMessage(models.Model):
    """A message that is sent later is compared when it is sent, and held if somebody has written since it was composed."""

    _inherit = "mail.scheduled.message"

    @api.model
    def _notification_parameters_whitelist(self):
        return super()._notification_parameters_whitelist() | {"seen_message_id", "hold_if_crossed"}
