from odoo import models


class TicketLinks(models.Model):
    """Links that need no check of their own: by ``security/rules.xml``, all who see a team see its stages."""

    _inherit = "helpdesk_lite.ticket"

    def _add_implied_links(self, known):
        known = super()._add_implied_links(known)
        # sudo: only the ids of the stages are compared
        teams = self.env["helpdesk_lite.team"].sudo().browse(known.get(("helpdesk_lite.team", "read")))
        stage = ("helpdesk_lite.stage", "read")
        return {**known, stage: {*known.get(stage, ()), *teams.stage_ids.ids}} if teams else known
