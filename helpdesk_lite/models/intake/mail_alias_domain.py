from odoo import api, models

from .delivery import current_delivery


class MailAliasDomain(models.Model):
    """Which addresses are our own is asked once for each mail: Odoo asks it of the same sender four times."""

    _inherit = "mail.alias.domain"

    @api.model
    def _find_aliases(self, email_list):
        delivery = current_delivery()
        if not delivery:
            return super()._find_aliases(email_list)
        known = delivery.own_addresses
        asked = [email for email in email_list or () if email and email not in known]
        if asked:
            ours = set(super()._find_aliases(asked))
            known.update((email, email in ours) for email in asked)
        return [email for email in email_list or () if known.get(email)]
