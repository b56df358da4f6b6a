from odoo import SUPERUSER_ID, api, models

from ..guards.pointer_mixin import OURS, filter_ours


class MailComposeMessage(models.TransientModel):
    """The composer works its subject out as superuser, from whatever ids and message it is given."""

    _inherit = "mail.compose.message"

    def _evaluate_res_ids(self):
        ids = super()._evaluate_res_ids()
        if self.model in OURS and self.env.uid != SUPERUSER_ID:
            self.env[self.model].sudo(False).browse(ids).check_access("read")
        return ids

    @api.model_create_multi
    def create(self, vals_list):
        composers = super().create(vals_list)
        composers._check_answered()
        return composers

    def write(self, vals):
        result = super().write(vals)
        self._check_answered()
        return result

    def _check_answered(self):
        """:raise AccessError: when a message on a ticket or team is answered that the user may not read"""
        if not self.env.su:
            # sudo: which message it is
            filter_ours(self.sudo().parent_id.with_env(self.env)).check_access("read")
