from odoo import api, models


class TicketRedirect(models.Model):
    """Routes e-mails to an archived team to the team that it redirects to."""

    _inherit = "helpdesk_lite.ticket"

    @api.model
    def _route_to_threads(self, routes, msg_dict):
        """Redirect before the routes are counted: an e-mail to both teams is one request."""
        return super()._route_to_threads([self._redirect(route) for route in routes], msg_dict)

    @api.model
    def _redirect(self, route):
        """:return: the route, to another team where its team is archived"""
        model, thread_id, values, *rest = route
        if model != self._name or thread_id:
            return route
        team = self.env["helpdesk_lite.team"]._find_existing((values or {}).get("team_id"))
        receiver = team._get_receiving_team() if team else team
        # without the defaults of the alias, which belong to the archived team
        return route if receiver == team or not receiver else (model, thread_id, {"team_id": receiver.id}, *rest)
