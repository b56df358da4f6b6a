from odoo import api, fields, models
from odoo.exceptions import UserError


class Stage(models.Model):
    """A column in the pipelines of one or several teams. Tickets in a folded stage are *closed*."""

    _name = "helpdesk_lite.stage"
    _description = "Helpdesk Stage"
    _inherit = ["helpdesk_lite.links.mixin"]
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    fold = fields.Boolean(
        "Folded in Kanban",
        help="Tickets in a folded stage are closed: in lists, on the dashboard, in reports and for the customer.",
    )
    team_ids = fields.Many2many(
        "helpdesk_lite.team",
        "helpdesk_lite_stage_team_rel",
        "stage_id",
        "team_id",
        string="Helpdesk Teams",
        default=lambda self: self._default_team_ids(),
        help="The teams whose pipeline has this stage. A stage can be shared by several teams.",
    )
    template_id = fields.Many2one(
        "mail.template",
        "Email Template",
        domain=[("model", "=", "helpdesk_lite.ticket")],
        help="Sent to the customer of a ticket when it arrives in this stage.",
    )
    rotting_threshold_days = fields.Integer(
        "Days to Rot", default=0, help="A ticket that stays longer than this in the stage is shown as rotting. 0 means never."
    )
    is_default = fields.Boolean(
        "In New Teams", copy=False, help="A new team starts with this stage, shared with the other teams that have it."
    )

    _rotting_not_negative = models.Constraint("CHECK(rotting_threshold_days >= 0)", "The days to rot cannot be negative.")

    @api.model
    def _default_team_ids(self):
        team_id = self.env.context.get("default_team_id")
        return self.env["helpdesk_lite.team"].browse(team_id) if team_id else False

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        # sudo: the stage may hold tickets that the user cannot see
        used = (
            self.env["helpdesk_lite.ticket"]
            .sudo()
            .with_context(active_test=False)
            ._read_group([("stage_id", "in", self.ids)], ["stage_id"], ["__count"])
        )
        if used:
            stage, count = used[0]
            raise UserError(
                self.env._(
                    "The stage “%(stage)s” still holds tickets (%(count)s). Move them to another stage first, "
                    "or archive the stage.",
                    stage=stage.name,
                    count=count,
                )
            )

    def write(self, vals):
        if not {"fold", "active", "team_ids", "template_id"} & vals.keys():
            return super().write(vals)
        # teams that lose a stage are checked as well as those that have it now
        teams = self._get_teams()
        result = super().write(vals)
        (teams | self._get_teams())._check_pipeline()
        if vals.get("template_id"):
            self.template_id._warn_of_unknown_senders()
        return result

    def unlink(self):
        """Remove a stage that other teams share only from the team whose pipeline the user is looking at."""
        team = self._default_team_ids()
        shared = self.filtered(lambda stage: team and stage.team_ids - team)
        shared.team_ids -= team or shared.team_ids.browse()
        teams = (self - shared)._get_teams()
        result = super(Stage, self - shared).unlink()
        teams._check_pipeline()
        return result

    def _get_teams(self):
        # sudo: a shared stage may belong to teams that the user cannot see
        return self.sudo().team_ids
