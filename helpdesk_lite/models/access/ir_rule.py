from odoo import models

from ..guards.attached_mixin import filter_ours

# rows of these models reveal something about a record of any model
HANGING = (
    "mail.message",
    "mail.activity",
    "mail.scheduled.message",
    "mail.notification",
    "mail.followers",
    "mail.alias",
    "ir.attachment",
)


class IrRule(models.Model):
    """Removes the names of records from access errors.

    In debug mode, which everybody can turn on in the URL, standard Odoo lists the names of the
    records that it refuses: the subjects of private tickets, the names of their files.
    """

    _inherit = "ir.rule"

    def _make_access_error(self, operation, records):
        error = super()._make_access_error(operation, records)
        ours = self._get_unnamed(records[:6])
        if not ours:
            return error
        text = str(error)
        # sudo: the names are read to be removed
        for record in ours.sudo():
            text = text.replace(f", {record.display_name} ({record._name}: ", f" ({record._name}: ")
        records.invalidate_recordset()
        error.args = (text,)
        return error

    def _get_unnamed(self, records):
        """Select the refused records whose names an error must not contain; bridges add theirs.

        :param records: refused records of any model
        :return: records of the same model
        """
        return records if records._name in HANGING else filter_ours(records)
