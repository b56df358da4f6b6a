from odoo import SUPERUSER_ID, models

from .pointer_mixin import OURS


class MailComposeMessage(models.TransientModel):
    """The composer works its subject out as superuser, from whatever ids it is given."""

    _inherit = "mail.compose.message"

    def _evaluate_res_ids(self):
        ids = super()._evaluate_res_ids()
        if self.model in OURS and self.env.uid != SUPERUSER_ID:
            self.env[self.model].sudo(False).browse(ids).check_access("read")
        return ids
