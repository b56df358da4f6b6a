from odoo import api, fields, models


class TicketLanguage(models.Model):
    """The language in which a ticket's customer is written to, whatever the agent's is."""

    _inherit = "helpdesk_lite.ticket"

    partner_lang = fields.Selection(
        lambda self: self.env["res.lang"].get_installed(), "Customer Language",
        compute="_compute_partner_lang", store=True, readonly=False, precompute=True,
        help="Automatic mails to the customer are in this language: the contact's, or that of the page where they wrote.",
    )

    @api.depends("partner_id")
    def _compute_partner_lang(self):
        for ticket in self:
            ticket.partner_lang = ticket.partner_id.lang or ticket.partner_lang

    def _get_customer_lang(self):
        """The language of what is sent to the customer.

        :return: str; that of the company for a customer of whom nothing is known
        """
        self.ensure_one()
        # sudo: the mail is made for the customer in the name of whoever moved the ticket
        ticket = self.sudo()
        return ticket.partner_id.lang or ticket.partner_lang or ticket.company_id.partner_id.lang or "en_US"
