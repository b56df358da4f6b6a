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
        team = self.env["helpdesk_lite.team"].sudo(False).browse(team_id)
        if not team.has_access("read"):
            # the key comes from a client as well
            return
        # sudo: that colleagues are off is known to colleagues; why is not read
        team = team.sudo()
        now = fields.Datetime.now()
        away = team._get_away(self, team.company_id, now)
        for user in self.filtered(lambda user: user.id in away):
            user.display_name = team._tell_time_off(user.display_name, away[user.id], now, team._get_time_zone())
