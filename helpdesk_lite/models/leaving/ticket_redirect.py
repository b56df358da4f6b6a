from odoo import api, models


class TicketRedirect(models.Model):
    """Creates tickets from e-mails to an archived team in the team that it redirects to."""

    _inherit = "helpdesk_lite.ticket"

    @api.model
    def message_new(self, msg_dict, custom_values=None):
        values = dict(custom_values or {})
        team = self.env["helpdesk_lite.team"].browse(values.get("team_id") or []).exists()
        if team and (receiver := team._get_receiving_team()) and receiver != team:
            values = {"team_id": receiver.id}
        return super().message_new(msg_dict, values)
