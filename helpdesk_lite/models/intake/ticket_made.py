from odoo import api, models

from .delivery import current_delivery


class TicketMade(models.Model):
    """Tickets that a mail has just made: until it is processed, nobody else can read, lock or change them."""

    _inherit = "helpdesk_lite.ticket"

    @api.model
    def message_new(self, msg_dict, custom_values=None):
        ticket = super().message_new(msg_dict, custom_values)
        if delivery := current_delivery():
            delivery.made_ids.update(ticket.ids)
        return ticket

    def _is_unseen(self):
        delivery = current_delivery()
        return bool(delivery and self) and delivery.made_ids.issuperset(self.ids)
