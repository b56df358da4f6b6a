from odoo import fields, models


class HeldReply(models.Model):
    """An answer that was held, because it crossed a message and its author was not there to be asked.

    What it says is an internal note on the ticket. This row says whose it is and what it would have done. It ends when its
    author sends it, or leaves it as a note. Nobody reads the rows: ``ticket_held.py`` shows authors their own.
    """

    _name = "helpdesk_lite.held.reply"
    _description = "Held Answer"
    _order = "id"
    _log_access = False
    _rec_name = "date"

    ticket_id = fields.Many2one("helpdesk_lite.ticket", required=True, readonly=True, index=True, ondelete="cascade")
    user_id = fields.Many2one("res.users", required=True, readonly=True, index=True, ondelete="cascade")
    message_id = fields.Many2one("mail.message", "Note", required=True, readonly=True, index=True, ondelete="cascade")
    date = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)
    subject = fields.Char(readonly=True)
    parameters = fields.Json(readonly=True, help="Recipients, what its author had seen, and what was staged beside it.")
