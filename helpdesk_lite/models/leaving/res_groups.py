from odoo import models
from odoo.addons.base.models.ir_model import MODULE_UNINSTALL_FLAG

WATCHED = {"user_ids", "all_user_ids", "implied_ids", "implied_by_ids", "all_implied_ids", "all_implied_by_ids"}


class ResGroups(models.Model):
    """Watches users who lose the role, or are no longer employees, because a group changes."""

    _inherit = "res.groups"

    def write(self, vals):
        if not WATCHED & vals.keys():
            return super().write(vals)
        with self.env["res.users"]._watch_staff():
            return super().write(vals)

    def unlink(self):
        if self.env.context.get(MODULE_UNINSTALL_FLAG):
            # the role goes with the addon, nobody leaves
            return super().unlink()
        with self.env["res.users"]._watch_staff():
            return super().unlink()
