from odoo import models

from ..guards.attached_mixin import OURS, filter_ours


class MailActivity(models.Model):
    """Unsaved activities do not reveal the names of hidden tickets and teams."""

    _inherit = "mail.activity"

    def _compute_res_name(self):
        result = super()._compute_res_name()
        # stored fields are computed as superuser, and anybody can put any id into an unsaved activity
        for activity in self.filtered(lambda activity: not activity.id and activity.res_model in OURS and activity.res_id):
            record = self.env(su=False)[activity.res_model].browse(activity.res_id)
            if not record.exists() or not record.has_access("read"):
                activity.res_name = False
        return result

    def write(self, vals):
        """Check access to the new ticket or team as well: standard Odoo checks only the former record.

        Users may change their own activities wherever they are, and an activity shows the name of its record.

        :raise AccessError: when the user cannot write to the new record
        """
        result = super().write(vals)
        if not self.env.su and {"res_id", "res_model", "res_model_id"} & vals.keys():
            # sudo: where it is now
            for model, activities in filter_ours(self).sudo().grouped("res_model").items():
                self.env[model].browse(activities.mapped("res_id")).check_access("read")
        return result
