from odoo import models


class IrRule(models.Model):
    """A lead that came from a ticket has its subject: it is not named where it is refused."""

    _inherit = "ir.rule"

    def _get_unnamed(self, records):
        if records._name != "crm.lead":
            return super()._get_unnamed(records)
        # sudo: which leads have to do with tickets
        return records.filtered(lambda lead: lead.sudo()._get_helpdesk_tickets())
