from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..ticket import PRIORITIES

KINDS = [
    ("created", "Created"),
    ("stage", "Stage Changed"),
    ("team", "Team Changed"),
    ("user", "Assignee Changed"),
    ("priority", "Priority Changed"),
    ("customer", "Message of the Customer"),
    ("remark", "Message That Left the Ticket Closed"),
    ("agent", "Message to the Customer"),
    ("note", "Internal Note"),
    ("closed", "Closed"),
    ("reopened", "Reopened"),
    ("merged", "Merged into Another Ticket"),
    ("unmerged", "Merge Undone"),
    ("paused", "Archived"),
    ("resumed", "Unarchived"),
]


class Event(models.Model):
    """One thing that happened to a ticket. Rows are only added: nobody changes or deletes one.

    The order of the rows of a ticket is that of their ids, in which the server learned of them. ``date`` is when it happened: a
    mail can come late. Stage, assignee, team and priority are those after the event, on each row.
    """

    _name = "helpdesk_lite.event"
    _description = "Helpdesk Ticket Event"
    _inherit = ["helpdesk_lite.attached.mixin", "helpdesk_lite.protected.mixin", "helpdesk_lite.search.mixin"]
    _order = "id desc"
    _log_access = False
    _rec_name = "kind"

    ticket_id = fields.Many2one("helpdesk_lite.ticket", required=True, readonly=True, ondelete="cascade")
    date = fields.Datetime(required=True, readonly=True)
    stated_date = fields.Datetime(
        readonly=True, help="The date that the mail of the customer has, whether or not it is believed."
    )
    kind = fields.Selection(KINDS, required=True, readonly=True)
    author_kind = fields.Selection(
        [("customer", "Customer"), ("agent", "Agent"), ("automatic", "Automatic")], string="Author", readonly=True
    )
    message_id = fields.Many2one("mail.message", readonly=True, ondelete="set null", index="btree_not_null")
    # after the event
    stage_id = fields.Many2one("helpdesk_lite.stage", readonly=True, ondelete="set null")
    user_id = fields.Many2one("res.users", "Assigned to", readonly=True, ondelete="set null")
    team_id = fields.Many2one("helpdesk_lite.team", "Helpdesk Team", readonly=True, ondelete="set null")
    priority = fields.Selection(PRIORITIES, readonly=True)

    _ticket_index = models.Index("(ticket_id, id)")
    _kind_index = models.Index("(kind, date) INCLUDE (ticket_id)")
    # rows are added in the order of their dates, so this index is tiny
    _date_index = models.Index("USING brin (date)")

    def _get_guard(self):
        return self.env["helpdesk_lite.ticket"]._is_visible(SQL.identifier("helpdesk_lite_event", "ticket_id"))

    @api.model_create_multi
    def create(self, vals_list):
        """Refused, because rows are added by ``_log_events`` of the ticket only.

        :raise UserError: always, when there is something to create
        """
        self._refuse(vals_list)
        return super().create(vals_list)

    def write(self, vals):
        """Refused, because a log that can be changed proves nothing.

        :raise UserError: always, when there is something to change
        """
        self._refuse(self)
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        """The rows of a ticket go with it, in the database."""
        self._refuse(self)

    @api.model
    def _refuse(self, rows):
        if rows:
            raise UserError(self.env._("The event log cannot be changed."))
