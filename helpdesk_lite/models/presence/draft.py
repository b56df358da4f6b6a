from odoo import api, fields, models
from odoo.tools import SQL


class Draft(models.Model):
    """What a user has begun to write on a ticket, for another device or a browser that forgot it.

    Nobody reads the rows, administrators neither: ``ticket_draft.py`` gives each user their own.
    """

    _name = "helpdesk_lite.draft"
    _description = "Draft of an Answer"
    _order = "id"
    _log_access = False
    _rec_name = "date"

    ticket_id = fields.Many2one("helpdesk_lite.ticket", required=True, readonly=True, ondelete="cascade")
    user_id = fields.Many2one("res.users", required=True, readonly=True, index=True, ondelete="cascade")
    body = fields.Html(sanitize_style=True, required=True, readonly=True)
    date = fields.Datetime(required=True, readonly=True)
    stamp = fields.Char(required=True, readonly=True, help="When it was written by the clock of the browser, in milliseconds.")

    _ticket_user_unique = models.UniqueIndex("(ticket_id, user_id)")

    @api.autovacuum
    def _gc_drafts(self):
        """Forget drafts that nobody has come back to for three months."""
        self.env.cr.execute(SQL("DELETE FROM helpdesk_lite_draft WHERE date < (now() AT TIME ZONE 'UTC') - interval '90 days'"))
