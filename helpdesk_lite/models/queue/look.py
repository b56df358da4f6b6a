from odoo import api, fields, models
from odoo.tools import SQL


class Look(models.Model):
    """Up to which message of its customer a user has looked at a ticket.

    Each user has rows of their own, so that looking never writes a ticket. Nobody reads them: they would tell who works when.
    """

    _name = "helpdesk_lite.look"
    _description = "Look at a Ticket"
    _order = "id"
    _log_access = False
    _rec_name = "date"

    ticket_id = fields.Many2one("helpdesk_lite.ticket", required=True, readonly=True, index=True, ondelete="cascade")
    user_id = fields.Many2one("res.users", required=True, readonly=True, ondelete="cascade")
    date = fields.Datetime(required=True, readonly=True, help="Of the last message of the customer that was there.")

    _user_ticket_unique = models.UniqueIndex("(user_id, ticket_id)")

    @api.autovacuum
    def _gc_looks(self):
        """Forget looks at tickets whose customers do not wait: their next message is newer than any look."""
        self.env.cr.execute(
            SQL(
                """ DELETE FROM helpdesk_lite_look WHERE id IN (
                        SELECT look.id FROM helpdesk_lite_look look
                          JOIN helpdesk_lite_ticket ticket ON ticket.id = look.ticket_id
                         WHERE ticket.waiting_since IS NULL LIMIT 100000)
                """
            )
        )
