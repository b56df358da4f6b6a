from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..ticket import PRIORITIES


class Type(models.Model):
    """What kind of request a ticket is, in two levels: *Delivery*, and below it *Late* or *Damaged*."""

    _name = "helpdesk_lite.type"
    _description = "Helpdesk Ticket Type"
    _inherit = ["helpdesk_lite.links.mixin", "helpdesk_lite.search.mixin"]
    _order = "sequence, id"
    _rec_names_search = ["name", "parent_id.name"]

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    parent_id = fields.Many2one(
        "helpdesk_lite.type", "Parent Type", index="btree_not_null", ondelete="restrict", domain="[('parent_id', '=', False)]"
    )
    child_ids = fields.One2many("helpdesk_lite.type", "parent_id", "Subtypes")
    team_ids = fields.Many2many(
        "helpdesk_lite.team",
        "helpdesk_lite_type_team_rel",
        "type_id",
        "team_id",
        "Helpdesk Teams",
        help="The teams that use this type. Without a team, all teams use it.",
    )
    default_priority = fields.Selection(
        PRIORITIES, help="The priority of new tickets of this type, unless somebody chooses another."
    )
    guide = fields.Html(
        translate=True, help="Shown to agents on tickets of this type, and to visitors who choose it on a public form."
    )
    show_in_form = fields.Boolean("On Public Forms", help="Visitors can choose this type on the public forms of its teams.")

    @api.depends("name", "parent_id.name")
    def _compute_display_name(self):
        for kind in self:
            # sudo: who sees a type may know what it belongs to
            parent = kind.sudo().parent_id
            kind.display_name = f"{parent.name} / {kind.name}" if parent else kind.name

    @api.constrains("parent_id")
    def _check_parent_id(self):
        # sudo: subtypes may be hidden from the user
        for kind in self.sudo().with_context(active_test=False):
            if kind.parent_id and (kind.parent_id == kind or kind.parent_id.parent_id or kind.child_ids):
                raise ValidationError(
                    self.env._(
                        "Types have two levels: “%(name)s” cannot be below “%(parent)s”.",
                        name=kind.name,
                        parent=kind.parent_id.name,
                    )
                )

    @api.constrains("team_ids")
    def _check_team_ids(self):
        """Keep the teams that have tickets of this type."""
        # sudo: tickets may be hidden from the user
        Ticket = self.env["helpdesk_lite.ticket"].sudo().with_context(active_test=False)
        for kind in self.filtered("team_ids"):
            if left := Ticket.search([("type_id", "=", kind.id), ("team_id", "not in", kind.team_ids.ids)], limit=1):
                raise ValidationError(
                    self.env._(
                        "The team “%(team)s” has tickets of the type “%(type)s”. Change them first.",
                        team=left.team_id.name,
                        type=kind.name,
                    )
                )

    def _filter_used_by(self, team):
        """Those of these types that a team uses.

        :param team: record of ``helpdesk_lite.team``; an empty one uses them all
        :return: records
        """
        # sudo: types also belong to teams that the user cannot see
        return self.filtered(lambda kind: not team or not kind.sudo().team_ids or team in kind.sudo().team_ids)
