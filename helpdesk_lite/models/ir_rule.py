from odoo import models

OURS = "helpdesk_lite"


class IrRule(models.Model):
    """What is refused is not named.

    In debug mode, which everybody turns on by an address, standard Odoo lists the names of the
    records that it refuses: subjects of private tickets.
    """

    _inherit = "ir.rule"

    def _make_access_error(self, operation, records):
        error = super()._make_access_error(operation, records)
        if not records._name.startswith(OURS):
            return error
        text = str(error)
        for record in records[:6]:
            number = f"({record._name}: {record.id}"
            if number in text:
                # sudo: the name is taken out
                text = text.replace(f", {record.sudo().display_name} {number}", f" {number}")
        records.invalidate_recordset()
        error.args = (text,)
        return error
