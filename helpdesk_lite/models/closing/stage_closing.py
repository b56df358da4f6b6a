from odoo import api, models
from odoo.exceptions import UserError


class StageClosing(models.Model):
    """A list of stages in which tickets close by themselves never becomes empty by chance, which would mean all of them."""

    _inherit = "helpdesk_lite.stage"

    @api.ondelete(at_uninstall=False)
    def _unlink_except_only_closing_stage(self):
        # sudo: the teams may be hidden from the user
        Team = self.env["helpdesk_lite.team"].sudo().with_context(active_test=False)
        for team in Team.search([("auto_close", "=", True), ("auto_close_stage_ids", "in", self.ids)]):
            if team.auto_close_stage_ids <= self:
                raise UserError(
                    self.env._(
                        "Tickets of the team “%(team)s” close by themselves in the stage “%(stage)s” only. "
                        "Choose another stage for it first, or turn automatic closing off.",
                        team=team.name,
                        stage=team.auto_close_stage_ids[0].name,
                    )
                )
