from odoo import api, fields, models
from odoo.exceptions import ValidationError


class TicketType(models.Model):
    """The type of a ticket, which is one of its team."""

    _inherit = "helpdesk_lite.ticket"

    type_id = fields.Many2one(
        "helpdesk_lite.type",
        compute="_compute_type_id",
        store=True,
        readonly=False,
        precompute=True,
        index="btree_not_null",
        tracking=True,
        ondelete="restrict",
        domain="['|', ('team_ids', '=', False), ('team_ids', '=', team_id)]",
    )
    type_guide = fields.Html("Guide", related="type_id.guide")

    @api.depends("team_id")
    def _compute_type_id(self):
        """A type that the new team does not use is taken away."""
        for ticket in self:
            # sudo: employees need not have access to the types of other teams
            teams = ticket.sudo().type_id.team_ids
            ticket.type_id = ticket.type_id if not teams or ticket.team_id.id in teams.ids else False

    @api.constrains("type_id", "team_id")
    def _check_type_id(self):
        # sudo: the check must not depend on the types that the user can see
        for ticket in self.sudo():
            if ticket.type_id.team_ids and ticket.team_id not in ticket.type_id.team_ids:
                raise ValidationError(
                    self.env._(
                        "The type “%(type)s” does not belong to the team “%(team)s”.",
                        type=ticket.type_id.name,
                        team=ticket.team_id.name,
                    )
                )

    @api.onchange("type_id")
    def _onchange_type_id(self):
        if self.type_id.default_priority and not self._origin:
            self.priority = self.type_id.default_priority

    @api.onchange("team_id")
    def _onchange_team_id_type(self):
        # sudo: see _compute_type_id
        lost = self._origin.sudo().type_id
        if lost.team_ids and self.team_id.id not in lost.team_ids.ids:
            return {
                "warning": {
                    "title": self.env._("Another Type Is Needed"),
                    "message": self.env._("The new team does not use the type “%s”.", lost.name),
                }
            }
        return None

    @api.model
    def _prepare_create_values(self, vals_list):
        types = {vals["type_id"] for vals in vals_list if vals.get("type_id") and not vals.get("priority")}
        if types:
            # sudo: the priority of a type is no secret
            priorities = {kind.id: kind.default_priority for kind in self.env["helpdesk_lite.type"].sudo().browse(types)}
            vals_list = [
                {**vals, "priority": priorities[vals["type_id"]]}
                if not vals.get("priority") and priorities.get(vals.get("type_id"))
                else vals
                for vals in vals_list
            ]
        return super()._prepare_create_values(vals_list)
