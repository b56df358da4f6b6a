from odoo import api, fields, models
from odoo.tools.date_utils import localized

BATCH = 2000  # tickets whose hours are counted again in one transaction


class Hours(fields.Float):
    """Hours, or another figure, that may be unknown: stored as NULL, which averages leave out, and shown as nothing.

    Odoo stores an unknown float as 0, so that every ticket that waits would improve the average.
    """

    def convert_to_column(self, value, record, values=None, validate=True):
        return None if value is None or value is False else super().convert_to_column(value, record, values, validate)

    def convert_to_cache(self, value, record, validate=True):
        return None if value is None or value is False else super().convert_to_cache(value, record, validate)

    def convert_to_record(self, value, record):
        return False if value is None else value

    def convert_to_export(self, value, record):
        return "" if value is False else super().convert_to_export(value, record)


class TicketHours(models.Model):
    """Measures how long it takes to assign and to close tickets, in the working hours of their teams.

    When these change, the hours of open tickets are counted again, see ``team_hours.py``. Closed tickets keep theirs: they
    tell how long it took in the working hours of that time.
    """

    _inherit = "helpdesk_lite.ticket"

    assign_hours = Hours(
        "Hours to Assign",
        compute="_compute_hours",
        store=True,
        precompute=True,
        aggregator="avg",
        copy=False,
        help="From opening to assignment, in the working hours of the team. Empty until then.",
    )
    close_hours = Hours(
        "Hours to Close",
        compute="_compute_hours",
        store=True,
        precompute=True,
        aggregator="avg",
        copy=False,
        help="From opening to closing, in the working hours of the team. Empty until then.",
    )

    @api.depends("assign_date", "close_date", "opened_on", "team_id")
    def _compute_hours(self):
        """Read the clock of a team's calendar once for all tickets of a company."""
        self.assign_hours = self.close_hours = False
        dated = self.filtered(lambda ticket: ticket.opened_on and (ticket.assign_date or ticket.close_date))
        # sudo: the result must not depend on the user who moves the ticket
        grouped = dated.grouped(lambda ticket: (ticket.sudo().team_id.resource_calendar_id, ticket.sudo().team_id.company_id))
        for (calendar, company), tickets in grouped.items():
            moments = [moment for ticket in tickets for moment in ticket._get_hour_dates() if moment]
            clock = calendar._get_clock(company, min(moments), max(moments))
            for ticket in tickets:
                start, assigned, closed = (moment and localized(moment).timestamp() / 60 for moment in ticket._get_hour_dates())
                if assigned:
                    ticket.assign_hours = clock.worked(start, assigned) / 60
                if closed:
                    ticket.close_hours = clock.worked(start, closed) / 60

    def _get_hour_dates(self):
        return [self.opened_on, self.assign_date, self.close_date]

    # ------------------------------------------------------------
    # WHEN WORKING HOURS CHANGE
    # ------------------------------------------------------------

    @api.model
    def _cron_count_hours(self):
        """Count the hours of open tickets again in the teams whose working hours have changed, a batch at a time."""
        Team = self.env["helpdesk_lite.team"].with_context(active_test=False)
        while team := Team.search([("hours_due_from", ">", 0)], order="id", limit=1):
            count = self._count_next_hours(team)
            left = Team.search_count([("hours_due_from", ">", 0)])
            if not self.env["ir.cron"]._commit_progress(count, remaining=left):
                break

    @api.model
    def _count_next_hours(self, team):
        """Count the hours of the next batch of a team.

        :param team: record of ``helpdesk_lite.team``
        :return: int, the number of tickets
        """
        tickets = team._get_tickets_with_hours_due(BATCH)
        tickets._count_hours_again()
        team.hours_due_from = tickets[-1].id + 1 if len(tickets) == BATCH else 0
        return len(tickets)

    def _count_hours_again(self):
        for name in ("assign_hours", "close_hours"):
            self.env.add_to_compute(self._fields[name], self)
        self.flush_recordset(["assign_hours", "close_hours"])
        # the next batch need not carry this one along
        self.env.invalidate_all()
