from odoo import api, models
from odoo.addons.helpdesk_lite.models.customer.customer_documents import Documents


class TicketDocuments(models.Model):
    """The opportunities of the customer are the first of the documents beside a ticket, for those who can see them."""

    _inherit = "helpdesk_lite.ticket"

    @api.model
    def _get_customer_documents(self):
        return [Documents("crm.lead", self.env._("Opportunities")), *super()._get_customer_documents()]
