from odoo import api, models
from odoo.tools import SQL


class TicketMergedClosing(models.Model):
    """A master does not close by itself while the customer of a ticket that was joined with it waits."""

    _inherit = "helpdesk_lite.ticket"

    @api.model
    def _get_closing_condition(self, team):
        condition = super()._get_closing_condition(team)
        if not team.auto_close_only_answered:
            return condition
        return SQL(
            """ (%s AND NOT EXISTS (SELECT FROM helpdesk_lite_ticket joined
                            WHERE joined.merge_target_id = ticket.id AND joined.merge_kind = 'joined'
                              AND joined.waiting_since IS NOT NULL))""",
            condition,
        )

    def _find_closing_date(self):
        date = super()._find_closing_date()
        # asked last, as most tickets do not close by themselves
        if date and self.team_id.auto_close_only_answered and any(self._get_joined().mapped("waiting_since")):
            return False
        return date

    def _get_message_kind(self, message):
        """A merged ticket that was closed stays closed: whether its customer waits is decided by its last master."""
        kind = super()._get_message_kind(message)
        # sudo: the customer need not see the ticket on which their answer is worked on
        root = self.sudo()._merge_get_root()
        return "customer" if kind == "remark" and root != self and not root.is_closed else kind
