from datetime import datetime, time, timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from pytz import UTC, timezone


class TeamSla(models.Model):
    """The figures of the promises on a team's card: late now, due today, and how many were kept in 30 days."""

    _inherit = "helpdesk_lite.team"

    late_ticket_count = fields.Integer("Late", compute="_compute_sla_counts")
    due_ticket_count = fields.Integer("Due Today", compute="_compute_sla_counts")
    sla_success_rate = fields.Integer("SLA Met", compute="_compute_sla_counts", help="Of the last 30 days, in percent.")
    sla_judged_count = fields.Integer("Promises Judged", compute="_compute_sla_counts")

    @api.depends_context("uid", "tz", "allowed_company_ids")
    def _compute_sla_counts(self):
        """Count with the rights of the user, in three statements; in none where there are no policies."""
        self.late_ticket_count = self.due_ticket_count = self.sla_success_rate = self.sla_judged_count = 0
        # sudo: only whether there are policies
        if not self.ids or not self.env["helpdesk_lite.sla"]._get_rules():
            return
        now = fields.Datetime.now()
        zone = timezone(self.env.context.get("tz") or self.env.user.tz or "UTC")
        day = UTC.localize(now).astimezone(zone).date() + timedelta(days=1)
        tomorrow = zone.localize(datetime.combine(day, time.min)).astimezone(UTC).replace(tzinfo=None)
        due = Domain("team_id", "in", self.ids) & Domain("is_closed", "=", False) & Domain("sla_deadline", "<", tomorrow)
        late, later = {}, {}
        for team, is_late, count in self._read_due(due, now):
            (late if is_late else later)[team] = count
        judged = Domain("team_id", "in", self.ids) & Domain("state", "in", ("met", "failed"))
        judged &= Domain("start_date", ">=", now - timedelta(days=30))
        rates = {
            team.id: (rate, count)
            for team, rate, count in self.env["helpdesk_lite.sla.status"]._read_group(
                judged, ["team_id"], ["success_rate:avg", "__count"]
            )
        }
        for team in self:
            team.late_ticket_count = late.get(team.id, 0)
            team.due_ticket_count = later.get(team.id, 0)
            rate, count = rates.get(team.id, (0, 0))
            # no promise is reported as kept by rounding
            team.sla_success_rate, team.sla_judged_count = int(rate or 0), count

    def _read_due(self, domain, now):
        Ticket = self.env["helpdesk_lite.ticket"]
        for team, deadlines in Ticket._read_group(domain, ["team_id"], ["sla_deadline:array_agg"]):
            late = sum(deadline < now for deadline in deadlines)
            yield team.id, True, late
            yield team.id, False, len(deadlines) - late
