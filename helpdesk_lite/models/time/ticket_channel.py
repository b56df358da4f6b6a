from odoo import api, fields, models

CHANNELS = [("mail", "E-Mail"), ("form", "Public Form"), ("employee", "Created by an Employee")]


class TicketChannel(models.Model):
    """How a ticket came in: by mail, by a form that the customer filled in, or entered by an employee.

    It is known at creation and never changes. Policies of service levels and figures use it.
    """

    _inherit = "helpdesk_lite.ticket"

    channel = fields.Selection(CHANNELS, compute="_compute_channel", store=True, precompute=True, copy=False, readonly=True)

    @api.depends("message_id")
    def _compute_channel(self):
        """By who creates the ticket: what is stored already stays."""
        by_customer = self._get_author_kind() == "customer"
        for ticket in self:
            # sudo: nobody reads the identifier of the mail; that there is one is no secret
            by_mail = ticket.sudo().message_id
            ticket.channel = ticket.channel or ("mail" if by_mail else "form" if by_customer else "employee")
