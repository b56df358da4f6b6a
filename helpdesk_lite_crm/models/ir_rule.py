from odoo import models


class IrRule(models.Model):
    """Removes the names of leads with a ticket from access errors, because they may contain its subject."""

    _inherit = "ir.rule"

    def _get_unnamed(self, records):
        if records._name != "crm.lead":
            return super()._get_unnamed(records)
        # sudo: only the links to tickets are read
        return records.filtered(lambda lead: lead.sudo()._get_helpdesk_tickets())
