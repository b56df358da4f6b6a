from odoo import api, fields, models
from odoo.fields import Domain

from ...tools.sla_clock import to_minutes

# working intervals that the browser is given; what is later counts as one piece
SHOWN = 40


class TicketCountdown(models.Model):
    """What the countdown on a ticket needs to go on by itself, without asking the server again."""

    _inherit = "helpdesk_lite.ticket"

    sla_countdown = fields.Json(compute="_compute_sla_countdown", string="Service Level")
    is_sla_late = fields.Boolean("Late", compute="_compute_is_sla_late", search="_search_is_sla_late")

    @api.depends("sla_state", "sla_deadline", "sla_budget", "sla_calendar_id", "company_id")
    def _compute_sla_countdown(self):
        """State, deadline in minutes since 1970, minutes promised, and the next working intervals."""
        now = fields.Datetime.now()
        start = to_minutes(now)
        for ticket in self:
            if not ticket.sla_state:
                ticket.sla_countdown = False
                continue
            countdown = {"state": ticket.sla_state}
            if ticket.sla_deadline:
                end = to_minutes(ticket.sla_deadline)
                # sudo: how long something takes does not depend on who asks
                calendar, company = ticket.sudo().sla_calendar_id, ticket.sudo().company_id
                first, last = sorted((now, ticket.sla_deadline))
                clock = calendar._get_clock(company, first, last)
                intervals = clock.upcoming(start, end, SHOWN)
                known = sum(stop - begin for begin, stop in intervals)
                late = clock.worked(end, start) if end < start else 0
                countdown |= {
                    "deadline": end,
                    "budget": ticket.sla_budget,
                    "intervals": intervals,
                    "rest": clock.worked(start, end) - known,
                    "late": late,
                }
            ticket.sla_countdown = countdown

    @api.depends("sla_deadline")
    def _compute_is_sla_late(self):
        now = fields.Datetime.now()
        for ticket in self:
            ticket.is_sla_late = bool(ticket.sla_deadline) and ticket.sla_deadline < now

    @api.model
    def _search_is_sla_late(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain("sla_deadline", "<", fields.Datetime.now()) & Domain("is_closed", "=", False)
