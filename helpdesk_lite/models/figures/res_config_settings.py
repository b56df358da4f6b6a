from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """Whether figures of single people are shown to others."""

    _inherit = "res.config.settings"

    helpdesk_lite_people_figures = fields.Boolean(related="company_id.helpdesk_lite_people_figures", readonly=False)
