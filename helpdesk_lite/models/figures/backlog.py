from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..ticket import PRIORITIES

# a mail may tell of a date so far back; see ``tools/event_log.py``
LATE_DAYS = 3
# so many days in one transaction
BATCH = 31
# the day from which days are to be counted, and the last event that was there when that was decided
FROM, SEEN = "helpdesk_lite.backlog_from", "helpdesk_lite.backlog_seen"

# A closed ticket whose last closing was before the first day was not open since. Of all others, the events tell from which
# day on they were open at its end, and on which day they were not any more. Both joins are lateral, as PostgreSQL would read
# the events and the tickets of all years otherwise.
COUNT = """
    INSERT INTO helpdesk_lite_backlog (day, team_id, company_id, priority, type_id, open_count, new_count, closed_count,
                                       net_count, oldest_days)
    WITH candidate AS (
        SELECT id, type_id, opened_on
          FROM helpdesk_lite_ticket
         WHERE counted_elsewhere IS NOT TRUE AND opened_on < %(end)s AND (is_closed IS NOT TRUE OR close_date >= %(start)s)
    ), history AS (
        SELECT candidate.type_id, candidate.opened_on, told.*
          FROM candidate
         CROSS JOIN LATERAL (
                SELECT event.date, event.team_id, event.priority, lead(event.date) OVER later AS until,
                       sum(CASE event.kind WHEN 'closed' THEN 1 WHEN 'reopened' THEN -1 ELSE 0 END) OVER later <= 0
                       AND sum(CASE event.kind WHEN 'paused' THEN 1 WHEN 'resumed' THEN -1 ELSE 0 END) OVER later <= 0
                       AS is_open
                  FROM helpdesk_lite_event event
                 WHERE event.ticket_id = candidate.id
                   AND event.kind IN ('created', 'closed', 'reopened', 'paused', 'resumed', 'team', 'priority')
                WINDOW later AS (ORDER BY event.id)
             ) told
    ), span AS (
        SELECT team_id, priority, type_id, opened_on::date AS opened, GREATEST(date::date, %(start)s::date) AS first,
               LEAST(until::date, %(end)s::date) AS until
          FROM history
         WHERE is_open
    ), figures AS (
        SELECT first + place AS day, team_id, priority, type_id, count(*) AS opened, 0 AS created, 0 AS closed,
               max(first + place - opened) AS oldest
          FROM span
         CROSS JOIN generate_series(0, until - first - 1) place
         GROUP BY first + place, team_id, priority, type_id
         UNION ALL
        SELECT event.date::date, event.team_id, event.priority, ticket.type_id, 0, (event.kind = 'created')::int,
               (event.kind = 'closed')::int, NULL
          FROM helpdesk_lite_event event
         CROSS JOIN LATERAL (
                SELECT type_id FROM helpdesk_lite_ticket
                 WHERE id = event.ticket_id AND counted_elsewhere IS NOT TRUE OFFSET 0
             ) ticket
         WHERE event.kind IN ('created', 'closed') AND event.date >= %(start)s AND event.date < %(end)s
    )
    SELECT figures.day, figures.team_id, team.company_id, figures.priority, figures.type_id, sum(figures.opened),
           sum(figures.created), sum(figures.closed), sum(figures.created) - sum(figures.closed), max(figures.oldest)
      FROM figures
      JOIN helpdesk_lite_team team ON team.id = figures.team_id
     GROUP BY figures.day, figures.team_id, team.company_id, figures.priority, figures.type_id
"""


class Backlog(models.Model):
    """What was open at the end of a day, and what came and went on it, by team, priority and type: written each night.

    It is read from the event log, so tickets that were closed and opened again are open on the days on which they were. Days
    are those of UTC. The last days are counted again each night, because a mail may be late and tickets may be imported.
    """

    _name = "helpdesk_lite.backlog"
    _description = "Backlog by Day"
    _inherit = ["helpdesk_lite.attached.mixin", "helpdesk_lite.protected.mixin", "helpdesk_lite.search.mixin"]
    _order = "day desc, team_id, id"
    _log_access = False
    _rec_name = "day"

    day = fields.Date(required=True, readonly=True, index=True)
    team_id = fields.Many2one(
        "helpdesk_lite.team", "Helpdesk Team", required=True, readonly=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="team_id.company_id", store=True, precompute=True, readonly=True)
    priority = fields.Selection(PRIORITIES, readonly=True)
    type_id = fields.Many2one("helpdesk_lite.type", readonly=True, ondelete="set null", index="btree_not_null")
    open_count = fields.Integer("Open at the End of the Day", readonly=True, help="Adds up over teams, not over days.")
    new_count = fields.Integer("New", readonly=True)
    closed_count = fields.Integer("Closed", readonly=True)
    net_count = fields.Integer("Net Change", readonly=True, help="New tickets minus closed ones.")
    oldest_days = fields.Integer("Age of the Oldest (Days)", readonly=True, aggregator="max")

    def _get_guard(self):
        """Those who see a team see all its tickets, and so may know how many there were."""
        return self.env["helpdesk_lite.team"]._is_visible(SQL.identifier("helpdesk_lite_backlog", "team_id"))

    @api.model
    def _cron_count(self):
        """Count the days that are not counted yet, and the last ones again."""
        today = fields.Date.today()
        start = self._get_first_day(today)
        while start < today:
            end = min(start + timedelta(days=BATCH), today)
            self._count_days(start, end)
            start = end
            if not self.env["ir.cron"]._commit_progress(BATCH, remaining=(today - end).days):
                return

    @api.model
    def _get_first_day(self, today):
        """The first day to be counted, which is also remembered: a run may end before it has come to the last one.

        What was learned of after its day was counted, as by an import, makes that day the first one again.

        :param date today: the day that is not over
        :return: date
        """
        parameters = self.env["ir.config_parameter"]
        self.env.flush_all()
        self.env.cr.execute(
            """ SELECT (SELECT max(day) FROM helpdesk_lite_backlog),
                       (SELECT min(date)::date FROM helpdesk_lite_event WHERE kind = 'created'),
                       (SELECT min(date)::date FROM helpdesk_lite_event WHERE id > %(seen)s),
                       (SELECT COALESCE(max(id), 0) FROM helpdesk_lite_event)
            """,
            {"seen": int(parameters.get_param(SEEN) or 0)},
        )
        last, first, late, seen = self.env.cr.fetchone()
        if not first:
            return today
        again = last - timedelta(days=LATE_DAYS - 1) if last else first
        left = fields.Date.to_date(parameters.get_param(FROM) or None) or again
        start = max(min(day for day in (again, late, left) if day), first)
        parameters.set_param(SEEN, seen)
        parameters.set_param(FROM, fields.Date.to_string(start))
        return start

    @api.model
    def _count_days(self, start, end):
        """Count some days in two statements, from the events up to them.

        :param date start: the first day
        :param date end: the day after the last one
        """
        self.env.cr.execute(SQL("DELETE FROM helpdesk_lite_backlog WHERE day >= %s AND day < %s", start, end))
        self.env.cr.execute(COUNT, {"start": start, "end": end})
        self.env["ir.config_parameter"].set_param(FROM, fields.Date.to_string(end))
        self.invalidate_model(flush=False)
