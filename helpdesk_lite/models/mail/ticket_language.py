from odoo import api, fields, models


class TicketLanguage(models.Model):
    """The language of mails to a ticket's customer, whatever the agent's language is."""

    _inherit = "helpdesk_lite.ticket"

    partner_lang = fields.Selection(
        lambda self: self.env["res.lang"].get_installed(),
        "Customer Language",
        compute="_compute_partner_lang",
        store=True,
        readonly=False,
        precompute=True,
        help="The language of automatic mails to the customer: that of the contact, or of the page where they wrote.",
    )

    @api.depends("partner_id")
    def _compute_partner_lang(self):
        for ticket in self:
            ticket.partner_lang = ticket.partner_id.lang or ticket.partner_lang

    def _get_customer_lang(self):
        """The language of mails to the customer.

        :return: str, a language code; the company's language if the customer's is unknown
        """
        self.ensure_one()
        # sudo: the user who causes the mail need not have access to the customer
        ticket = self.sudo()
        return ticket.partner_id.lang or ticket.partner_lang or ticket.company_id.partner_id.lang or "en_US"
