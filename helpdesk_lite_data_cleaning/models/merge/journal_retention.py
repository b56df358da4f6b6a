from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

BATCH = 1000
# system parameter and days, if nothing else is set
DAYS = ("helpdesk_lite.merge_journal_days", 90)


class JournalRetention(models.Model):
    """Deletes the journals of merges that were undone. All others are kept: every merge can be undone, however old it is."""

    _inherit = "helpdesk_lite.merge.journal"

    @api.model
    def _get_days(self):
        """:return: int, how many days the journal of a merge is kept after it was undone"""
        name, days = DAYS
        # sudo: system parameters are read by every job
        value = (self.env["ir.config_parameter"].sudo().get_param(name) or "").strip()
        return int(value) if value.isdecimal() and len(value) < 6 else days

    @api.autovacuum
    def _gc_undone(self):
        """Delete a batch of journals, with their additions.

        :return: tuple (number of deleted journals, whether there are more)
        """
        self.env.cr.execute(
            SQL(
                """ DELETE FROM helpdesk_lite_merge_journal WHERE id IN (
                    SELECT id FROM helpdesk_lite_merge_journal
                     WHERE undone AND write_date < %s ORDER BY id LIMIT %s
                       FOR UPDATE SKIP LOCKED)
                """,
                fields.Datetime.now() - timedelta(days=self._get_days()),
                BATCH,
            )
        )
        self.invalidate_model()
        return self.env.cr.rowcount, self.env.cr.rowcount == BATCH
