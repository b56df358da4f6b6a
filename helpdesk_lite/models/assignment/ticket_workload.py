from odoo import api, fields, models
from odoo.fields import Domain


class TicketWorkload(models.Model):
    """Absence of assignees, and the rows of the workload chart."""

    _inherit = "helpdesk_lite.ticket"

    assignee_time_off = fields.Char(
        "Time Off", compute="_compute_assignee_time_off",
        help="Until when the assignee of an open ticket is off. Customers do not learn it.",
    )

    @api.depends_context("lang", "tz", "uid")
    @api.depends("user_id", "company_id", "is_closed")
    def _compute_assignee_time_off(self):
        self.assignee_time_off = False
        if not self.env.user._is_internal():
            return
        now, tz = fields.Datetime.now(), self.env.user.tz or "UTC"
        # sudo: until when a colleague is off is known to colleagues; why is not read
        held = self.filtered(lambda ticket: not ticket.is_closed and ticket.sudo().user_id)
        for company, tickets in held.grouped("company_id").items():
            users = tickets.sudo().user_id._origin
            away = self.env["helpdesk_lite.team"]._get_away(users, company, now)
            for ticket in tickets if away else ():
                # sudo: see above
                user = ticket.sudo().user_id._origin
                if until := away.get(user.id):
                    ticket.assignee_time_off = self.env["helpdesk_lite.team"]._tell_time_off(user.name, until, now, tz)

    @api.model
    def formatted_read_group(self, domain, groupby=(), aggregates=(), having=(), offset=0, limit=None, order=None):
        """As in stock; in the workload chart members without a ticket have a bar too, of height 0."""
        groups = super().formatted_read_group(domain, groupby, aggregates, having, offset, limit, order)
        team_id = self.env.context.get("helpdesk_lite_workload_team_id")
        if not isinstance(team_id, int) or list(groupby) != ["user_id", "is_closed"] or list(aggregates) != ["__count"]:
            return groups
        there = {group["user_id"] and group["user_id"][0] for group in groups}
        team = self.env["helpdesk_lite.team"].browse(team_id)
        for user in team._get_assignable_users().with_env(self.env) if team.has_access("read") else ():
            if user.id not in there:
                groups.append({
                    "user_id": (user.id, user.display_name), "is_closed": False, "__count": 0,
                    "__extra_domain": list(Domain("user_id", "=", user.id) & Domain("is_closed", "=", False)),
                })
        return groups
