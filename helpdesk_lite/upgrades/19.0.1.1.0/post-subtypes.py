"""Take the description from the subtype of new tickets.

Odoo shows it in the bubble of the customer's own message. Translations of the description go with it.
"""

from odoo.addons.helpdesk_lite.upgrading import refresh


def migrate(cr, version):
    refresh(cr, "helpdesk_lite", "mt_ticket_new")
