from odoo import models

from ..guards.pointer_mixin import OURS, filter_ours


class MailActivity(models.Model):
    """An activity that is only thought of tells nobody the name of what they may not see."""

    _inherit = "mail.activity"

    def _compute_res_name(self):
        result = super()._compute_res_name()
        # the name is stored, so it is computed as superuser; an id can be thought of by anybody
        for activity in self.filtered(lambda activity: not activity.id and activity.res_model in OURS and activity.res_id):
            record = self.env(su=False)[activity.res_model].browse(activity.res_id)
            if not record.exists() or not record.has_access("read"):
                activity.res_name = False
        return result

    def write(self, vals):
        """As in standard Odoo, which looks only at where an activity comes from, and not at where it goes.

        It is looked at itself: whose activity it is may change it wherever it is, and would read there what it is called.
        """
        result = super().write(vals)
        if not self.env.su and {"res_id", "res_model", "res_model_id"} & vals.keys():
            # sudo: where it is now
            for model, activities in filter_ours(self).sudo().grouped("res_model").items():
                self.env[model].browse(activities.mapped("res_id")).check_access("read")
        return result
