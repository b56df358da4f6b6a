from odoo import models


class TicketReplies(models.Model):
    """The next stage when somebody writes: the stage says which, for the customer and for an agent."""

    _inherit = "helpdesk_lite.ticket"

    def _log_message(self, message, colleagues_only=False):
        kind = super()._log_message(message, colleagues_only)
        if kind in ("customer", "agent") and not self._is_opening(message):
            self._move_by_reply(kind)
        return kind

    def _is_opening(self, message):
        """Whether a message is the request itself, with which the ticket began: a mail, or what a visitor wrote in the form."""
        # sudo: the author need not be able to read how the ticket was made
        message, ticket = message.sudo(), self.sudo()
        if ticket.message_id and message.message_id == ticket.message_id:
            return True
        return message.subtype_id == ticket._creation_subtype()

    def _move_by_reply(self, kind):
        """Move these tickets to the stage that follows theirs.

        :param str kind: "customer" or "agent"
        """
        # sudo: customers, and employees who can answer, need not be able to change tickets
        for ticket in self.sudo():
            stage = ticket.stage_id[f"on_{kind}_reply_stage_id"]
            if stage and stage.active and stage in ticket.team_id.stage_ids:
                ticket.stage_id = stage

    def _get_reopening_stage(self):
        """The stage of a closed ticket says where it goes when its customer writes, before that of the pipeline does."""
        stage = self.stage_id.on_customer_reply_stage_id
        if stage and stage.active and not stage.fold and stage in self.team_id.stage_ids:
            return stage
        return super()._get_reopening_stage()
