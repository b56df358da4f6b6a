from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

BATCH = 1000
# system parameter and days, if nothing else is set
DAYS = ("helpdesk_lite.assignment_days", 365)
# the ledger of a team looks for the choices of transactions that have just ended
LEAST_DAYS = 7


class AssignmentRetention(models.Model):
    """Forgets why a closed ticket went to whom, after a year. The line on the ticket stays."""

    _inherit = "helpdesk_lite.assignment"

    @api.model
    def _get_days(self):
        """:return: int, how many days the inputs of a choice are kept at least"""
        name, days = DAYS
        # sudo: system parameters are read by every job
        value = (self.env["ir.config_parameter"].sudo().get_param(name) or "").strip()
        return max(int(value), LEAST_DAYS) if value.isdecimal() and len(value) < 6 else days

    @api.autovacuum
    def _gc_old(self):
        """Delete a batch of old choices; those of open tickets stay, which are explained and may be assigned again.

        :return: tuple (number of deleted choices, whether there are more)
        """
        self.env.cr.execute(
            SQL(
                """ DELETE FROM helpdesk_lite_assignment WHERE id IN (
                    SELECT made.id FROM helpdesk_lite_assignment made
                      JOIN helpdesk_lite_ticket ticket ON ticket.id = made.ticket_id AND ticket.is_closed
                     WHERE made.date < %s ORDER BY made.id LIMIT %s
                       FOR UPDATE OF made SKIP LOCKED)
                """,
                fields.Datetime.now() - timedelta(days=self._get_days()),
                BATCH,
            )
        )
        self.invalidate_model()
        return self.env.cr.rowcount, self.env.cr.rowcount == BATCH
