from odoo import api, fields, models


class ResUsers(models.Model):
    """The workload of a team names its members together with their time off."""

    _inherit = "res.users"

    @api.depends_context("helpdesk_lite_workload_team_id", "lang", "uid")
    def _compute_display_name(self):
        super()._compute_display_name()
        team_id = self.env.context.get("helpdesk_lite_workload_team_id")
        if not isinstance(team_id, int) or not self.env.user._is_internal():
            return
        # sudo: that colleagues are off is known to colleagues; why is not read
        team = self.env["helpdesk_lite.team"].sudo().browse(team_id).exists()
        now = fields.Datetime.now()
        away = team._get_away(self, team.company_id, now) if team else {}
        for user in self.filtered(lambda user: user.id in away):
            user.display_name = team._tell_time_off(user.display_name, away[user.id], now, team._get_time_zone())
