from odoo import fields, models


class CloseReason(models.Model):
    """Why a ticket was closed: solved, a duplicate, no answer from the customer."""

    _name = "helpdesk_lite.close.reason"
    _description = "Helpdesk Close Reason"
    _inherit = ["helpdesk_lite.links.mixin", "helpdesk_lite.search.mixin"]
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    team_ids = fields.Many2many(
        "helpdesk_lite.team",
        "helpdesk_lite_close_reason_team_rel",
        "reason_id",
        "team_id",
        "Helpdesk Teams",
        help="The teams that use this reason. Without a team, all teams use it.",
    )
    require_note = fields.Boolean("Ask for a Note", help="Who closes a ticket for this reason explains it in an internal note.")
