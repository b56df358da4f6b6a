from odoo import api, fields, models
from odoo.exceptions import ValidationError

KINDS = [
    ("first_response", "First Response"),
    ("next_response", "Next Response"),
    ("resolution", "Resolution"),
    ("stage", "Reaching a Stage"),
]
PRIORITIES = ("low", "medium", "high", "urgent")
YEAR = 525_600


class SlaTarget(models.Model):
    """One row of a policy's table: what is promised, and within how much working time for each priority."""

    _name = "helpdesk_lite.sla.target"
    _description = "SLA Target"
    _inherit = ["helpdesk_lite.links.mixin", "helpdesk_lite.search.mixin"]
    _order = "sla_id, sequence, id"

    sla_id = fields.Many2one("helpdesk_lite.sla", "SLA Policy", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="sla_id.company_id", store=True, precompute=True)
    sequence = fields.Integer(default=10)
    kind = fields.Selection(
        KINDS,
        "Target",
        required=True,
        default="first_response",
        help="A first response is awaited from the customer's first word, a next response from each of their later "
        "questions, a resolution or a stage from the creation of the ticket.",
    )
    stage_id = fields.Many2one("helpdesk_lite.stage", ondelete="restrict", help="Which stage the ticket has to reach.")
    minutes_low = fields.Integer("Minutes (Low)")
    minutes_medium = fields.Integer("Minutes (Medium)")
    minutes_high = fields.Integer("Minutes (High)")
    minutes_urgent = fields.Integer("Minutes (Urgent)")
    hours_low = fields.Float("Low", compute="_compute_hours", inverse="_inverse_hours")
    hours_medium = fields.Float("Medium", compute="_compute_hours", inverse="_inverse_hours")
    hours_high = fields.Float("High", compute="_compute_hours", inverse="_inverse_hours")
    hours_urgent = fields.Float("Urgent", compute="_compute_hours", inverse="_inverse_hours")

    _minutes_range = models.Constraint(
        f"CHECK(LEAST(minutes_low, minutes_medium, minutes_high, minutes_urgent) >= 0 "
        f"AND GREATEST(minutes_low, minutes_medium, minutes_high, minutes_urgent) <= {YEAR})",
        "The time of an SLA target cannot be negative, or more than a year (8,760 hours).",
    )
    _stage_needed = models.Constraint(
        "CHECK((kind = 'stage') = (stage_id IS NOT NULL))",
        "A target that is about reaching a stage needs the stage, and no other target has one.",
    )

    @api.depends("minutes_low", "minutes_medium", "minutes_high", "minutes_urgent")
    def _compute_hours(self):
        for target in self:
            for name in PRIORITIES:
                target[f"hours_{name}"] = target[f"minutes_{name}"] / 60

    def _inverse_hours(self):
        for target in self:
            for name in PRIORITIES:
                target[f"minutes_{name}"] = round(target[f"hours_{name}"] * 60)

    # the kind is always there, a time may be missing
    @api.constrains("kind", "minutes_low", "minutes_medium", "minutes_high", "minutes_urgent")
    def _check_minutes(self):
        for target in self:
            if not any(target._get_minutes()):
                raise ValidationError(
                    self.env._(
                        "A target needs a time above 0 for at least one priority. Where it is empty, nothing is promised."
                    )
                )

    @api.constrains("stage_id", "sla_id")
    def _check_stage(self):
        # sudo: the check must not depend on the stages that the user can see
        for target in self.sudo().with_context(active_test=False):
            teams = target.sla_id.team_ids
            if target.stage_id and teams and not target.stage_id.team_ids & teams:
                raise ValidationError(
                    self.env._("The stage “%s” belongs to none of the teams of the policy.", target.stage_id.name)
                )

    @api.onchange("kind")
    def _onchange_kind(self):
        if self.kind != "stage":
            self.stage_id = False

    @api.model_create_multi
    def create(self, vals_list):
        """Know the minutes before they are checked, also where hours are given."""
        return super().create(
            [
                {
                    **vals,
                    **{f"minutes_{name}": round(vals[hours] * 60) for name in PRIORITIES if (hours := f"hours_{name}") in vals},
                }
                for vals in vals_list
            ]
        )

    def _get_minutes(self):
        """:return: list of minutes by priority, from low to urgent; 0 where nothing is promised"""
        self.ensure_one()
        return [self[f"minutes_{name}"] for name in PRIORITIES]

    @api.depends("kind", "stage_id.name", "sla_id.name")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for target in self:
            kind = target.stage_id.name if target.kind == "stage" else kinds.get(target.kind)
            target.display_name = ": ".join(filter(None, (target.sla_id.name, kind)))
