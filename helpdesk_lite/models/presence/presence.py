from odoo import api, fields, models
from odoo.tools import SQL

# How long somebody is taken to be there without a sign of life: one sign may get lost, see ``INTERVAL`` in
# ``presence_service.js``. Others ask as often as they give signs, so a closed laptop is gone after this and one interval.
SECONDS = 40


class Presence(models.Model):
    """Who has a ticket open, in one row for each user and ticket, whatever the number of tabs.

    Nobody reads the rows, as they would tell who works when: ``ticket_presence.py`` tells agents who is there now.

    It is an ordinary table. An unlogged one would save little, as a row is written four times a minute, and a standby server
    could not read it.
    """

    _name = "helpdesk_lite.presence"
    _description = "Presence on a Ticket"
    _order = "id"
    _log_access = False
    _rec_name = "seen_at"

    ticket_id = fields.Many2one("helpdesk_lite.ticket", required=True, readonly=True, ondelete="cascade")
    user_id = fields.Many2one("res.users", required=True, readonly=True, index=True, ondelete="cascade")
    seen_at = fields.Datetime("Last Sign of Life", required=True, readonly=True)
    wrote_at = fields.Datetime("Last Sign of Writing", readonly=True)
    tab = fields.Char(readonly=True, help="The browser tab that gave the last sign. Closing another one ends nothing.")
    writing_tab = fields.Char(readonly=True, help="The tab in which they write. Reading in another one ends nothing.")

    _ticket_user_unique = models.UniqueIndex("(ticket_id, user_id)")

    @api.autovacuum
    def _gc_presences(self):
        """Forget who was somewhere yesterday."""
        self.env.cr.execute(
            SQL("DELETE FROM helpdesk_lite_presence WHERE seen_at < (now() AT TIME ZONE 'UTC') - interval '1 day'")
        )
