from odoo import models

from .pointer_mixin import OURS


class MailActivity(models.Model):
    """An activity that is only thought of tells nobody the name of what they may not see."""

    _inherit = "mail.activity"

    def _compute_res_name(self):
        super()._compute_res_name()
        # the name is stored, so it is computed as superuser; an id can be thought of by anybody
        for activity in self.filtered(lambda activity: not activity.id and activity.res_model in OURS and activity.res_id):
            record = self.env(su=False)[activity.res_model].browse(activity.res_id)
            if not record.exists() or not record.has_access("read"):
                activity.res_name = False
