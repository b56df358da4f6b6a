from odoo import SUPERUSER_ID, api, models

from ..guards.attached_mixin import OURS, filter_ours


class MailComposeMessage(models.TransientModel):
    """Checks access to the records of the composer, which computes its subject from any ids as superuser."""

    _inherit = "mail.compose.message"

    def _evaluate_res_ids(self):
        ids = super()._evaluate_res_ids()
        if self.model in OURS and self.env.uid != SUPERUSER_ID:
            # sudo(False): whoever opened the composer must read the tickets
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
        """:raise AccessError: when the answered message is about a ticket or team and the user cannot read it"""
        if not self.env.su:
            # sudo: only the id of the message is read
            filter_ours(self.sudo().parent_id.with_env(self.env)).check_access("read")
