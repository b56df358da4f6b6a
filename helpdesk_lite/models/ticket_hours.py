from bisect import bisect_left
from datetime import datetime, time, timedelta

from odoo import api, fields, models
from odoo.tools.date_utils import localized
from pytz import timezone


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
        """Sum the working intervals of a team's calendar, which is read once for all tickets of a company."""
        self.assign_hours = self.close_hours = False
        dated = self.filtered(lambda ticket: ticket.opened_on and (ticket.assign_date or ticket.close_date))
        # sudo: the result must not depend on the user who moves the ticket
        grouped = dated.grouped(lambda ticket: (ticket.sudo().team_id.resource_calendar_id, ticket.sudo().team_id.company_id))
        for (calendar, company), tickets in grouped.items():
            hours_until = tickets._get_working_hours_counter(calendar, company)
            for ticket in tickets:
                start = hours_until(ticket.opened_on)
                if ticket.assign_date:
                    ticket.assign_hours = max(0, hours_until(ticket.assign_date) - start)
                if ticket.close_date:
                    ticket.close_hours = max(0, hours_until(ticket.close_date) - start)

    def _get_working_hours_counter(self, calendar, company):
        """Build a function that counts working hours since a moment before the dates of these tickets.

        :param calendar: record of ``resource.calendar``; if empty, every hour counts
        :param company: record of ``res.company``, whose public holidays do not count
        :return: function from a naive datetime in UTC to the number of working hours since that moment, float
        """
        moments = [moment for ticket in self for moment in (ticket.opened_on, ticket.assign_date, ticket.close_date) if moment]
        first, last = localized(min(moments)), localized(max(moments))
        if not calendar:
            return lambda moment: (localized(moment) - first).total_seconds() / 3600
        # A flexible calendar has its hours per week from the first day that is asked for. Whole weeks from Monday on
        # make them independent of the other tickets of the batch.
        tz = timezone(calendar.tz)
        monday = first.astimezone(tz).date() - timedelta(days=first.astimezone(tz).weekday())
        sunday = last.astimezone(tz).date() + timedelta(days=6 - last.astimezone(tz).weekday())
        first = tz.localize(datetime.combine(monday, time.min))
        last = tz.localize(datetime.combine(sunday, time.max))
        # without a domain, holidays of all companies would count
        holidays = [("time_type", "=", "leave"), ("company_id", "in", [False, company.id])]
        working = calendar._work_intervals_batch(first, last, domain=holidays)[False]
        intervals = [(start, stop) for start, stop, _meta in working]
        starts = [start for start, _stop in intervals]
        totals = [0.0]
        for start, stop in intervals:
            totals.append(totals[-1] + (stop - start).total_seconds() / 3600)

        def hours_until(moment):
            moment = localized(moment)
            index = bisect_left(starts, moment)
            overshoot = max(0, (intervals[index - 1][1] - moment).total_seconds() / 3600) if index else 0
            return totals[index] - overshoot

        return hours_until
