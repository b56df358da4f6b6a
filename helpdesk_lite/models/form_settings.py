from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .form_visit import LIMIT


class FormSettings(models.TransientModel):
    """How many messages somebody may send by the public form."""

    _inherit = "res.config.settings"

    helpdesk_lite_form_limit = fields.Integer("Messages per Hour")

    @api.constrains("helpdesk_lite_form_limit")
    def _check_helpdesk_lite_form_limit(self):
        for settings in self:
            if settings.helpdesk_lite_form_limit < 0:
                raise ValidationError(
                    self.env._("The number of messages per hour cannot be negative. 0 closes the public forms.")
                )

    @api.model
    def get_values(self):
        return {**super().get_values(), "helpdesk_lite_form_limit": self.env["helpdesk_lite.form.visit"]._get_limit()}

    def set_values(self):
        result = super().set_values()
        # not by config_parameter=: it would delete the parameter at zero, which closes the forms
        self.env["ir.config_parameter"].set_param(LIMIT, str(self.helpdesk_lite_form_limit))
        return result
