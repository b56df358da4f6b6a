from odoo import api, fields, models
from odoo.exceptions import ValidationError


class TicketCloseReason(models.Model):
    """Why a ticket was closed. Reopening it clears the reason; a closed ticket that moves to another team keeps it."""

    _inherit = "helpdesk_lite.ticket"

    close_reason_id = fields.Many2one(
        "helpdesk_lite.close.reason",
        compute="_compute_close_reason_id",
        store=True,
        readonly=False,
        precompute=True,
        index="btree_not_null",
        tracking=True,
        copy=False,
        ondelete="restrict",
        domain="['|', ('team_ids', '=', False), ('team_ids', '=', team_id)]",
    )

    @api.depends("is_closed")
    def _compute_close_reason_id(self):
        for ticket in self:
            ticket.close_reason_id = ticket.is_closed and ticket.close_reason_id

    @api.constrains("close_reason_id")
    def _check_close_reason_id(self):
        # sudo: the check must not depend on the reasons that the user can see
        for ticket in self.sudo():
            teams = ticket.close_reason_id.team_ids
            if teams and ticket.team_id not in teams:
                raise ValidationError(
                    self.env._(
                        "The close reason “%(reason)s” does not belong to the team “%(team)s”.",
                        reason=ticket.close_reason_id.name,
                        team=ticket.team_id.name,
                    )
                )
