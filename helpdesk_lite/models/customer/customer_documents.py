from typing import NamedTuple

from odoo import api, models
from odoo.fields import Domain

MOST_DOCUMENTS = 5


class Documents(NamedTuple):
    """One kind of document that other apps have on customers.

    ``partner`` is the field that holds the customer, ``domain`` limits what is shown, ``order`` says which come first.
    """

    model: str
    label: str
    partner: str = "partner_id"
    domain: tuple = ()
    order: str = "id desc"


class CustomerDocuments(models.Model):
    """What other apps have on the customer of a ticket, if they are installed and the agent may read it there."""

    _inherit = "helpdesk_lite.ticket"

    @api.model
    def _get_customer_documents(self):
        """The kinds of documents that are shown, in order: an extension point. Models that are not installed are left out.

        :return: list of Documents
        """
        sold = ("move_type", "in", ("out_invoice", "out_refund"))
        return [
            Documents("sale.order", self.env._("Orders"), order="date_order desc, id desc"),
            Documents("account.move", self.env._("Invoices"), domain=(sold,), order="invoice_date desc, id desc"),
            Documents("project.task", self.env._("Tasks")),
        ]

    @api.model
    def _find_customer_documents(self, commercial_partner_id):
        """The last documents on a customer and on all contacts of the same company, with the user's own rights.

        :param int commercial_partner_id: id of the ``res.partner`` that stands for the company
        :return: list of dicts: ``model``, ``label``, ``records`` (list of dicts with ``id`` and ``name``) and ``more``
        """
        found = []
        for kind in self._get_customer_documents():
            if kind.model not in self.env or not self.env[kind.model].has_access("read"):
                continue
            domain = Domain(f"{kind.partner}.commercial_partner_id", "=", commercial_partner_id) & Domain(list(kind.domain))
            records = self.env[kind.model].search_fetch(domain, ["display_name"], limit=MOST_DOCUMENTS + 1, order=kind.order)
            if records:
                found.append(
                    {
                        "model": kind.model,
                        "label": kind.label,
                        "records": [{"id": record.id, "name": record.display_name} for record in records[:MOST_DOCUMENTS]],
                        "more": len(records) > MOST_DOCUMENTS,
                    }
                )
        return found
