from odoo import api, fields, models
from odoo.tools import SQL


class TicketSnooze(models.Model):
    """Tickets that are put aside until a moment: they are not among the open ones until then, or until the customer writes.

    A snoozed ticket stays in its stage, and all clocks go on: the customer waits, whatever we plan.
    It does not close by itself.
    """

    _inherit = "helpdesk_lite.ticket"

    snooze_until = fields.Datetime(
        "Snoozed Until",
        compute="_compute_snooze_until",
        store=True,
        readonly=False,
        copy=False,
        tracking=True,
        index="btree_not_null",
        help="Until then, the ticket is not among the open ones. It comes back earlier if the customer writes.",
    )
    is_snoozed = fields.Boolean("Snoozed", compute="_compute_is_snoozed")

    @api.depends("is_closed")
    def _compute_snooze_until(self):
        """A closed ticket has nothing to come back for."""
        for ticket in self:
            ticket.snooze_until = False if ticket.is_closed else ticket.snooze_until

    @api.depends("snooze_until")
    def _compute_is_snoozed(self):
        now = fields.Datetime.now()
        for ticket in self:
            ticket.is_snoozed = bool(ticket.snooze_until and ticket.snooze_until > now)

    def write(self, vals):
        """Closed tickets are not put aside: they would be out of sight when somebody reopens them."""
        result = super().write(vals)
        if vals.get("snooze_until"):
            # sudo: the user may have lost sight of a ticket by the same write
            closed = self.sudo().filtered(lambda ticket: ticket.is_closed and ticket.snooze_until)
            closed.snooze_until = False
        return result

    # ------------------------------------------------------------
    # AUTOMATIC CLOSING
    # ------------------------------------------------------------

    @api.depends("snooze_until")
    def _compute_auto_close_date(self):
        return super()._compute_auto_close_date()

    @api.model
    def _get_idle(self):
        """A snooze is somebody's promise to come back: the days until closing count from its end."""
        return SQL("GREATEST(%s, ticket.snooze_until)", super()._get_idle())

    def _find_idle(self):
        idle = super()._find_idle()
        return max(idle, self.snooze_until) if self.snooze_until else idle

    # ------------------------------------------------------------
    # COMING BACK
    # ------------------------------------------------------------

    def _log_message(self, message, colleagues_only=False):
        """The customer's message ends the snooze, also one that leaves a closed ticket closed."""
        kind = super()._log_message(message, colleagues_only)
        # sudo: customers cannot change tickets
        ticket = self.sudo()
        if kind in ("customer", "remark") and ticket.snooze_until:
            ticket.snooze_until = False
        return kind

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_snooze(self):
        """Ask until when these tickets are put aside.

        :return: a window action
        """
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Snooze Until…"),
            "res_model": "helpdesk_lite.snooze",
            "view_mode": "form",
            "target": "new",
            "context": {"default_ticket_ids": self.ids},
        }

    def action_wake(self):
        """Put these tickets back among the open ones.

        :return: True, because XML-RPC has no None
        """
        return self.write({"snooze_until": False})
