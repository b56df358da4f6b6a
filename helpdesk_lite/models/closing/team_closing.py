from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL


class TeamClosing(models.Model):
    """Which tickets of a team close by themselves, when, and what a message on a closed ticket does."""

    _inherit = "helpdesk_lite.team"

    auto_close = fields.Boolean("Automatic Closing", help="Tickets on which nobody writes are closed after some days.")
    auto_close_days = fields.Integer("Close after", default=7)
    auto_close_unit = fields.Selection(
        [("calendar", "calendar days"), ("working", "working days")], required=True, default="calendar", string="Unit of Days"
    )
    auto_close_only_answered = fields.Boolean(
        "Only If We Answered Last", default=True, help="A ticket never closes by itself while its customer waits for an answer."
    )
    auto_close_stage_ids = fields.Many2many(
        "helpdesk_lite.stage",
        "helpdesk_lite_team_auto_close_stage_rel",
        "team_id",
        "stage_id",
        string="In the Stages",
        domain="[('team_ids', '=', id), ('fold', '=', False)]",
        # a list of archived stages is not an empty one, which would mean all stages
        context={"active_test": False},
        help="Without a stage, in all open stages.",
    )
    auto_close_to_stage_id = fields.Many2one(
        "helpdesk_lite.stage",
        "Move to",
        domain="[('team_ids', '=', id), ('fold', '=', True)]",
        ondelete="set null",
        help="The folded stage in which tickets are closed. Without one, the first folded stage of the team.",
    )
    auto_close_reason_id = fields.Many2one(
        "helpdesk_lite.close.reason",
        "For the Reason",
        domain="['|', ('team_ids', '=', False), ('team_ids', '=', id)]",
        ondelete="set null",
    )
    auto_close_warn_days = fields.Integer(
        "Warn before", default=2, help="So many days before a ticket is closed, its customer gets an e-mail. 0 means never."
    )
    auto_close_warn_template_id = fields.Many2one(
        "mail.template",
        "Warning Email",
        domain=[("model", "=", "helpdesk_lite.ticket")],
        ondelete="restrict",
        default=lambda self: self.env.ref("helpdesk_lite.mail_template_closing_soon", raise_if_not_found=False),
    )
    auto_close_template_id = fields.Many2one(
        "mail.template",
        "Closing Email",
        domain=[("model", "=", "helpdesk_lite.ticket")],
        ondelete="restrict",
        default=lambda self: self.env.ref("helpdesk_lite.mail_template_closed", raise_if_not_found=False),
        help="Without a template, customers are not told that their ticket was closed.",
    )
    # first use
    auto_close_since = fields.Datetime("Automatic Closing since", readonly=True, copy=False)
    auto_close_spread_days = fields.Integer(
        "Spread over",
        default=7,
        help="Tickets that were due when automatic closing was turned on are closed over this many days, and not all at once.",
    )
    auto_close_old_mails = fields.Boolean("Write to the Customers of Old Tickets")
    auto_close_preview = fields.Integer("Due Now", compute="_compute_auto_close_preview")
    # afterwards
    reopen_policy = fields.Selection(
        [
            ("always", "reopens it"),
            ("within", "reopens it for some days, later makes a new ticket"),
            ("never", "makes a new ticket"),
        ],
        string="An Answer to a Closed Ticket",
        required=True,
        default="always",
    )
    reopen_days = fields.Integer("Reopen within", default=30)
    ignore_thanks = fields.Boolean(
        "Thanks Do Not Reopen", help="A message that only says thank you leaves a closed ticket closed. A note says so."
    )

    _auto_close_in_days = models.Constraint(
        "CHECK(auto_close IS NOT TRUE OR auto_close_days BETWEEN 1 AND 365)", "Tickets can close after 1 to 365 days."
    )
    _warning_before_closing = models.Constraint(
        "CHECK(auto_close IS NOT TRUE OR auto_close_warn_days >= 0 AND auto_close_warn_days < auto_close_days)",
        "The warning must be sent before the ticket is closed.",
    )
    _reopen_days_positive = models.Constraint(
        "CHECK(reopen_policy != 'within' OR reopen_days > 0)", "Closed tickets can be reopened for at least one day."
    )
    _spread_days_not_negative = models.Constraint(
        "CHECK(auto_close_spread_days BETWEEN 0 AND 365)", "Old tickets can be closed over up to 365 days."
    )

    @api.depends(
        "auto_close",
        "auto_close_days",
        "auto_close_unit",
        "auto_close_stage_ids",
        "auto_close_only_answered",
        "resource_calendar_id",
    )
    def _compute_auto_close_preview(self):
        for team in self:
            team.auto_close_preview = team._count_due() if team.auto_close and not team.auto_close_since and team._origin else 0

    @api.constrains("auto_close_to_stage_id", "auto_close", "stage_ids")
    def _check_auto_close_stage(self):
        for team in self.filtered("auto_close"):
            stage = team.auto_close_to_stage_id
            if stage and (not stage.fold or stage not in team.stage_ids):
                raise ValidationError(
                    self.env._("Tickets close by themselves in a folded stage of the team; “%s” is none.", stage.name)
                )
            if not team._get_closing_stage():
                raise ValidationError(self.env._("The team “%s” has no folded stage to close tickets in.", team.name))

    @api.model_create_multi
    def create(self, vals_list):
        now = fields.Datetime.now()
        # a new team has no old tickets
        teams = super().create(vals_list)
        # sudo: only the server writes since when
        teams.filtered("auto_close").sudo().auto_close_since = now
        return teams

    def write(self, vals):
        result = super().write(vals)
        if "auto_close" in vals:
            # sudo: only the server writes since when
            teams = self.sudo()
            teams.filtered(lambda team: not team.auto_close).auto_close_since = False
            teams.filtered(lambda team: team.auto_close and not team.auto_close_since).auto_close_since = fields.Datetime.now()
        return result

    def _get_closing_stage(self):
        """:return: the stage in which tickets of this team close by themselves; empty when it has no folded stage"""
        # sudo: tickets are closed whoever may see the stage
        team = self.sudo()
        folded = team.stage_ids.filtered("fold")
        return team.auto_close_to_stage_id & folded or folded[:1]

    def _count_due(self):
        """:return: how many tickets of this team would be closed at once, with the rules as they are in the form"""
        # sudo: the number of tickets is no secret to who may turn this on
        team = self.sudo()
        Ticket = team.env["helpdesk_lite.ticket"]
        Ticket.flush_model(["stage_id", "team_id", "active", "is_closed"])
        idle = Ticket._get_idle()
        condition = SQL("%s AND %s", Ticket._get_closing_condition(team), team._have_passed(idle, max(team.auto_close_days, 1)))
        return team.env.execute_query(SQL("SELECT count(*) FROM helpdesk_lite_ticket ticket WHERE %s", condition))[0][0]
