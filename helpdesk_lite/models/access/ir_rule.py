from odoo import models

from ..guards.pointer_mixin import filter_ours

# what these say is said of a record of any model
HANGING = (
    "mail.message", "mail.activity", "mail.scheduled.message", "mail.notification", "mail.followers", "mail.alias",
    "ir.attachment",
)


class IrRule(models.Model):
    """What is refused is not named.

    In debug mode, which everybody turns on by an address, standard Odoo lists the names of the
    records that it refuses: subjects of private tickets, names of their files.
    """

    _inherit = "ir.rule"

    def _make_access_error(self, operation, records):
        error = super()._make_access_error(operation, records)
        ours = self._get_unnamed(records[:6])
        if not ours:
            return error
        text = str(error)
        # sudo: the names are taken out
        for record in ours.sudo():
            text = text.replace(f", {record.display_name} ({record._name}: ", f" ({record._name}: ")
        records.invalidate_recordset()
        error.args = (text,)
        return error

    def _get_unnamed(self, records):
        """Those of some refused records whose names are told to nobody; bridges add theirs."""
        return records if records._name in HANGING else filter_ours(records)
