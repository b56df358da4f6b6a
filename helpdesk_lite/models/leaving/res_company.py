from odoo import models


class ResCompany(models.Model):
    """Watches users who lose a company from the side of the company."""

    _inherit = "res.company"

    def write(self, vals):
        if "user_ids" not in vals:
            return super().write(vals)
        with self.env["res.users"]._watch_staff():
            return super().write(vals)
