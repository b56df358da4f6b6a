from odoo import api, fields, models
from odoo.tools.date_utils import localized


class TicketHours(models.Model):
    """Measures how long it takes to assign and to close tickets, in the working hours of their teams."""

    _inherit = "helpdesk_lite.ticket"

    assign_hours = fields.Float(
        "Hours to Assign",
        compute="_compute_hours",
        store=True,
        aggregator="avg",
        copy=False,
        help="From creation to assignment, in the working hours of the team.",
    )
    close_hours = fields.Float(
        "Hours to Close",
        compute="_compute_hours",
        store=True,
        aggregator="avg",
        copy=False,
        help="From creation to closing, in the working hours of the team.",
    )

    @api.depends("assign_date", "close_date", "create_date", "team_id.resource_calendar_id")
    def _compute_hours(self):
        """Read the clock of a team's calendar once for all tickets of a company."""
        self.assign_hours = self.close_hours = 0
        dated = self.filtered(lambda ticket: ticket.create_date and (ticket.assign_date or ticket.close_date))
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
        return [self.create_date, self.assign_date, self.close_date]
