from odoo import api, fields, models
from odoo.tools.date_utils import localized


class Hours(fields.Float):
    """Hours that may be unknown: stored as NULL, which averages leave out, and shown as nothing.

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
    """Measures how long it takes to assign and to close tickets, in the working hours of their teams."""

    _inherit = "helpdesk_lite.ticket"

    assign_hours = Hours(
        "Hours to Assign",
        compute="_compute_hours",
        store=True,
        aggregator="avg",
        copy=False,
        help="From opening to assignment, in the working hours of the team. Empty until then.",
    )
    close_hours = Hours(
        "Hours to Close",
        compute="_compute_hours",
        store=True,
        aggregator="avg",
        copy=False,
        help="From opening to closing, in the working hours of the team. Empty until then.",
    )

    @api.depends("assign_date", "close_date", "opened_on", "team_id.resource_calendar_id")
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
