from odoo import api, fields, models


class TicketWorkload(models.Model):
    """Shows until when the assignee of a ticket is off."""

    _inherit = "helpdesk_lite.ticket"

    assignee_time_off = fields.Char(
        "Time Off",
        compute="_compute_assignee_time_off",
        help="Until when the assignee of an open ticket is off. Customers cannot see it.",
    )

    @api.depends_context("lang", "tz", "uid")
    @api.depends("user_id", "company_id", "is_closed")
    def _compute_assignee_time_off(self):
        self.assignee_time_off = False
        if not self.env.user._is_internal():
            return
        now, tz = fields.Datetime.now(), self.env.user.tz or "UTC"
        # sudo: employees may know until when a colleague is off; the reason is not read
        held = self.filtered(lambda ticket: not ticket.is_closed and ticket.sudo().user_id)
        for company, tickets in held.grouped("company_id").items():
            users = tickets.sudo().user_id._origin
            away = self.env["helpdesk_lite.team"]._get_away(users, company, now)
            for ticket in tickets if away else ():
                # sudo: see above
                user = ticket.sudo().user_id._origin
                if until := away.get(user.id):
                    ticket.assignee_time_off = self.env["helpdesk_lite.team"]._tell_time_off(user.name, until, now, tz)
