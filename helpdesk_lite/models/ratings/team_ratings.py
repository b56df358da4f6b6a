from odoo import api, fields, models
from odoo.exceptions import ValidationError

MAX_DELAY = 168  # hours
MAX_PAUSE = 365  # days


class TeamRatings(models.Model):
    """Whether the customers of a team are asked how satisfied they are, when, and how often."""

    _inherit = "helpdesk_lite.team"

    use_rating = fields.Boolean(
        "Customer Ratings", help="Customers are asked how satisfied they are, some time after their ticket was closed."
    )
    # closed tickets of the time before are not asked about
    rating_since = fields.Datetime("Customer Ratings since", readonly=True, copy=False)
    rating_delay_hours = fields.Integer(
        "Ask After", default=24, help="Hours after the ticket was closed. Who reopens the ticket before is not asked."
    )
    rating_pause_days = fields.Integer(
        "Ask at Most Every", default=14, help="Nobody is asked again within so many days, whatever the number of their tickets."
    )
    rating_template_id = fields.Many2one(
        "mail.template",
        "Rating Email",
        domain=[("model", "=", "helpdesk_lite.ticket")],
        ondelete="restrict",
        compute="_compute_rating_template_id",
        store=True,
        readonly=False,
        help="The three faces to click on are put below its text.",
    )
    rating_low_user_id = fields.Many2one(
        "res.users",
        "Who Follows Up",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        ondelete="set null",
        help="Gets an activity when a customer is unhappy, if they can see the ticket; otherwise the assignee gets it.",
    )

    @api.depends("use_rating")
    def _compute_rating_template_id(self):
        template = self.env.ref("helpdesk_lite.mail_template_rating", raise_if_not_found=False)
        for team in self:
            team.rating_template_id = team.rating_template_id or (template if team.use_rating else False)

    @api.constrains("use_rating", "rating_delay_hours", "rating_pause_days", "rating_template_id")
    def _check_rating(self):
        for team in self:
            if not 0 <= team.rating_delay_hours <= MAX_DELAY:
                raise ValidationError(self.env._("Ask for a rating at most %s hours after closing.", MAX_DELAY))
            if not 0 <= team.rating_pause_days <= MAX_PAUSE:
                raise ValidationError(self.env._("Choose a pause between two questions of at most %s days.", MAX_PAUSE))
            if team.use_rating and not team.rating_template_id:
                raise ValidationError(self.env._("Choose the e-mail that asks customers for a rating."))

    @api.model_create_multi
    def create(self, vals_list):
        teams = super().create(vals_list)
        teams._note_rating_start()
        return teams

    def write(self, vals):
        result = super().write(vals)
        if "use_rating" in vals:
            self._note_rating_start()
        return result

    def _note_rating_start(self):
        """Note from when on closed tickets are asked about; forget it when nobody is asked any more."""
        # sudo: nobody may write this date, and it follows from the switch, which was written with its author's rights
        teams = self.sudo()
        teams.filtered(lambda team: team.use_rating and not team.rating_since).rating_since = fields.Datetime.now()
        teams.filtered(lambda team: not team.use_rating and team.rating_since).rating_since = False
