from odoo import api, models


class ResCompany(models.Model):
    """Numbers the tickets of each company in a sequence of its own.

    The sequence is created with the company, not with its first ticket: two simultaneous first
    tickets would create two sequences that start at the same number.
    """

    _inherit = "res.company"

    @api.model_create_multi
    def create(self, vals_list):
        companies = super().create(vals_list)
        companies._create_ticket_sequence()
        return companies

    def _create_ticket_sequence(self):
        """Create the sequence ``helpdesk_lite.ticket`` for companies that have none.

        Numbers are unique in the whole database, so the prefix of every company except the
        first contains its id: ``T00042``, ``T2-00042``. Prefixes can be changed afterwards.
        """
        # sudo: creating a company must not require the right to create sequences
        Sequence = self.env["ir.sequence"].sudo()
        counted = Sequence.search([("code", "=", "helpdesk_lite.ticket"), ("company_id", "in", self.ids)]).company_id
        main = self.env.ref("base.main_company", raise_if_not_found=False)
        Sequence.create(
            [
                {
                    "name": self.env._("Helpdesk tickets of %s", company.name),
                    "code": "helpdesk_lite.ticket",
                    "prefix": "T" if company == main else f"T{company.id}-",
                    "padding": 5,
                    "company_id": company.id,
                }
                for company in self - counted
            ]
        )
