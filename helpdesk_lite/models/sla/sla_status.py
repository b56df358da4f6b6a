from odoo import api, fields, models
from odoo.tools import SQL

from ..ticket_hours import Hours
from .sla_target import KINDS

# tickets in one transaction
BATCH = 500
STATES = [("running", "Running"), ("paused", "Paused"), ("met", "Met"), ("failed", "Missed"), ("dropped", "Closed Without")]


class SlaStatus(models.Model):
    """What became of one promise on one ticket: written by the server only, and seen by those who see the ticket.

    What the policy promised then is copied, so that an edited or deleted policy does not change what was.
    """

    _name = "helpdesk_lite.sla.status"
    _description = "SLA Status"
    _inherit = ["helpdesk_lite.attached.mixin", "helpdesk_lite.protected.mixin", "helpdesk_lite.search.mixin"]
    _order = "deadline, id"
    _log_access = False
    _rec_name = "name"

    ticket_id = fields.Many2one("helpdesk_lite.ticket", required=True, readonly=True, ondelete="cascade", index=True)
    sla_id = fields.Many2one("helpdesk_lite.sla", "SLA Policy", readonly=True, ondelete="set null", index="btree_not_null")
    target_id = fields.Many2one("helpdesk_lite.sla.target", readonly=True, ondelete="set null")
    active = fields.Boolean(default=True, readonly=True)
    round = fields.Integer(readonly=True, required=True, help="Of several questions, which one awaits its answer.")
    name = fields.Char("Policy", readonly=True)
    kind = fields.Selection(KINDS, "Promise", readonly=True, required=True)
    state = fields.Selection(STATES, readonly=True, required=True)
    calendar_id = fields.Many2one("resource.calendar", "Working Hours", readonly=True, ondelete="set null")
    show_customer = fields.Boolean("Shown to Customers", readonly=True)
    budget_minutes = fields.Integer("Minutes Promised", readonly=True, aggregator="avg")
    worked_minutes = fields.Integer("Minutes Used", readonly=True, aggregator="avg")
    start_date = fields.Datetime("Since", readonly=True, required=True)
    deadline = fields.Datetime(readonly=True, help="Empty while the clock stands.")
    reached_date = fields.Datetime("Kept on", readonly=True)
    is_open = fields.Boolean("To Be Kept", readonly=True)
    failed = fields.Boolean("Missed", readonly=True)
    breach_date = fields.Datetime("Missed on", readonly=True)
    user_id = fields.Many2one(
        "res.users",
        "Assigned to",
        readonly=True,
        ondelete="set null",
        help="Who had the ticket when the promise was kept or missed.",
    )

    # of the ticket
    team_id = fields.Many2one(related="ticket_id.team_id")
    company_id = fields.Many2one(related="ticket_id.company_id")
    priority = fields.Selection(related="ticket_id.priority")
    partner_id = fields.Many2one(related="ticket_id.partner_id")

    # measures
    success_rate = Hours(
        "Success Rate (%)",
        readonly=True,
        aggregator="avg",
        help="100 for a promise that was kept, 0 for one that was missed. Others do not count.",
    )
    late_hours = Hours("Hours Late", readonly=True, aggregator="avg")

    _once = models.Constraint("UNIQUE(target_id, ticket_id, round)", "A promise has one status on a ticket.")
    _due_index = models.Index("(deadline) WHERE state = 'running'")

    def _get_guard(self):
        return self.env["helpdesk_lite.ticket"]._is_visible(SQL.identifier("helpdesk_lite_sla_status", "ticket_id"))

    def _end(self):
        """Await these promises no longer; those that were missed stay in the reports."""
        for status in self:
            status.is_open = False
            status.active = status.failed

    @api.model
    def _cron_due(self):
        """Note the promises whose deadlines have passed, some hundreds in each transaction."""
        done = set()
        while tickets := self._lock_due_tickets(done):
            tickets._write_sla_apart()
            done.update(tickets.ids)
            # there may be more after a full batch
            if not self.env["ir.cron"]._commit_progress(len(tickets), remaining=int(len(tickets) == BATCH)):
                return

    def _lock_due_tickets(self, done):
        """The tickets of which a promise has just been missed; those that somebody changes now come next time.

        :param set done: ids of tickets that are not to be found again
        :return: records of ``helpdesk_lite.ticket``
        """
        self.env.flush_all()
        self.env.cr.execute(
            """ SELECT ticket.id FROM helpdesk_lite_ticket ticket
                 WHERE ticket.id IN (SELECT ticket_id FROM helpdesk_lite_sla_status
                                      WHERE state = 'running' AND active AND deadline < %s)
                   AND ticket.id != ALL(%s)
                 ORDER BY ticket.id LIMIT %s FOR NO KEY UPDATE SKIP LOCKED
            """,
            # in whole minutes, as the clocks are
            [fields.Datetime.now().replace(second=0), list(done), BATCH],
        )
        return self.env["helpdesk_lite.ticket"].browse([ticket_id for (ticket_id,) in self.env.cr.fetchall()])
