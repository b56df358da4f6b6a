from odoo import fields, models


class ResCompany(models.Model):
    """Whether figures of single people are shown to others at all, which is often agreed with the works council."""

    _inherit = "res.company"

    helpdesk_lite_people_figures = fields.Boolean(
        "Figures of Each Agent",
        default=True,
        help="Administrators of the helpdesk see how many tickets each agent has, and how fast they are. "
        "Without it, everybody sees their own figures only.",
    )
