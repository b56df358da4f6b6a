from odoo import fields, models


class MergeRule(models.Model):
    """Which tickets count as duplicates of each other."""

    _name = "helpdesk_lite.merge.rule"
    _description = "Ticket Merge Rule"
    _order = "name, id"

    name = fields.Char(required=True)
    active = fields.Boolean(default=True, export_string_translation=False)
    company_id = fields.Many2one("res.company", default=lambda self: self.env.company)
