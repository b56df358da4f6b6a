import json
from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_date

WEEKS = 8


class TeamDashboard(models.Model):
    """The figures on the cards of teams, in three grouped queries for all teams.

    They are counted with the rights of the user, so a card counts exactly the tickets that its
    buttons open.
    """

    _inherit = "helpdesk_lite.team"

    open_ticket_count = fields.Integer("Open", compute="_compute_ticket_counts")
    unassigned_ticket_count = fields.Integer("Unassigned", compute="_compute_ticket_counts")
    urgent_ticket_count = fields.Integer("Urgent", compute="_compute_ticket_counts")
    waiting_ticket_count = fields.Integer("Waiting for Us", compute="_compute_ticket_counts")
    my_ticket_count = fields.Integer("Mine", compute="_compute_ticket_counts")
    closed_ticket_count = fields.Integer("Closed in the Last 7 Days", compute="_compute_ticket_counts")
    dashboard_graph_data = fields.Text(compute="_compute_dashboard_graph_data")

    @api.depends_context("uid", "allowed_company_ids")
    @api.depends(
        "ticket_ids.is_closed",
        "ticket_ids.user_id",
        "ticket_ids.priority",
        "ticket_ids.active",
        "ticket_ids.waiting_since",
        "ticket_ids.snooze_until",
    )
    def _compute_ticket_counts(self):
        Ticket, now = self.env["helpdesk_lite.ticket"], fields.Datetime.now()
        counts = defaultdict(lambda: [0] * 5)
        of_teams = Domain("team_id", "in", self.ids)
        # as the filter "Open": without what is put aside
        shown = Domain("snooze_until", "=", False) | Domain("snooze_until", "<=", now)
        # by itself, so that an index answers it: open tickets are few beside those of all years
        for team, user, priority, count, waiting in Ticket._read_group(
            of_teams & Domain("is_closed", "=", False) & shown,
            ["team_id", "user_id", "priority"],
            ["__count", "waiting_since:count"],
        ):
            added = [count, count * (not user), count * (priority == "3"), count * (user == self.env.user), waiting]
            counts[team.id] = [total + more for total, more in zip(counts[team.id], added, strict=True)]
        closed = {
            team.id: count
            for team, count in Ticket._read_group(
                of_teams & Domain("is_closed", "=", True) & Domain("close_date", ">=", now - timedelta(days=7)),
                ["team_id"],
                ["__count"],
            )
        }
        for team in self:
            (
                team.open_ticket_count,
                team.unassigned_ticket_count,
                team.urgent_ticket_count,
                team.my_ticket_count,
                team.waiting_ticket_count,
            ) = counts[team._origin.id]
            team.closed_ticket_count = closed.get(team._origin.id, 0)

    @api.depends_context("uid", "lang", "allowed_company_ids")
    def _compute_dashboard_graph_data(self):
        """Count the new tickets per week, for the bar chart on the card."""
        today = fields.Date.context_today(self)
        this_week = today - timedelta(days=today.weekday())
        weeks = [this_week - timedelta(weeks=back) for back in reversed(range(WEEKS))]
        counts = defaultdict(int)
        groups = self.env["helpdesk_lite.ticket"]._read_group(
            [("team_id", "in", self.ids), ("opened_on", ">=", weeks[0])], ["team_id", "opened_on:day"], ["__count"]
        )
        for team, day, count in groups:
            day = day.date()
            counts[team.id, day - timedelta(days=day.weekday())] += count
        for team in self:
            values = [
                {
                    "label": format_date(self.env, week, date_format="d MMM"),
                    "value": counts[team._origin.id, week],
                    "type": "future" if week == this_week else "past",
                }
                for week in weeks
            ]
            team.dashboard_graph_data = json.dumps(
                [{"key": self.env._("New tickets"), "title": "", "is_sample_data": False, "values": values}]
            )
