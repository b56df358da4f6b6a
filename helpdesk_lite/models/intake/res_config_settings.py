import secrets

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..mail.team_mail import MAIL_SERVER
from .mail_alarm import TOKEN
from .mail_retention import DAYS

DAYS_DONE, DAYS_OTHER = DAYS


class ResConfigSettings(models.TransientModel):
    """How long incoming mail is kept, whose word about senders counts, and the address for monitoring systems."""

    _inherit = "res.config.settings"

    helpdesk_lite_mail_days_done = fields.Integer("Days to Keep Processed Mails")
    helpdesk_lite_mail_days_other = fields.Integer("Days to Keep Other Mails")
    helpdesk_lite_mail_server = fields.Char("Name of the Mail Server", config_parameter=MAIL_SERVER)
    helpdesk_lite_health_url = fields.Char("Health Address", compute="_compute_helpdesk_lite_health_url")

    @api.constrains("helpdesk_lite_mail_days_done", "helpdesk_lite_mail_days_other")
    def _check_helpdesk_lite_days(self):
        for settings in self:
            if min(settings.helpdesk_lite_mail_days_done, settings.helpdesk_lite_mail_days_other) < 1:
                raise ValidationError(self.env._("Mails are kept for one day at least."))

    @api.model
    def get_values(self):
        done, other = map(self.env["helpdesk_lite.mail"]._get_days, DAYS)
        return {**super().get_values(), "helpdesk_lite_mail_days_done": done, "helpdesk_lite_mail_days_other": other}

    def set_values(self):
        result = super().set_values()
        # not by config_parameter=: it would delete the parameter at zero and so bring the default back
        self.env["ir.config_parameter"].set_param(DAYS_DONE, self.helpdesk_lite_mail_days_done)
        self.env["ir.config_parameter"].set_param(DAYS_OTHER, self.helpdesk_lite_mail_days_other)
        return result

    def _compute_helpdesk_lite_health_url(self):
        token = self.env["ir.config_parameter"].get_param(TOKEN)
        for settings in self:
            settings.helpdesk_lite_health_url = f"{settings.get_base_url()}/helpdesk/health?token={token}" if token else False

    def action_renew_helpdesk_lite_health_token(self):
        """Make a new token, which ends the former one.

        :raise AccessError: unless the user is an administrator of Odoo
        :return: an action that reloads the page
        """
        self.env["ir.config_parameter"].set_param(TOKEN, secrets.token_urlsafe(32))
        return {"type": "ir.actions.client", "tag": "reload"}
