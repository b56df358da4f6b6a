from odoo import api, fields, models
from odoo.exceptions import UserError


class TicketMergeUndo(models.Model):
    """The last merge into a ticket can be undone, as long as all its tickets exist."""

    _inherit = "helpdesk_lite.ticket"

    can_undo_merge = fields.Boolean(compute="_compute_can_undo_merge")

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_can_undo_merge(self):
        for ticket in self:
            journal = ticket._merge_get_journal() if ticket.merged_ticket_ids else None
            ticket.can_undo_merge = bool(journal) and not ticket.is_merged and ticket._merge_may_undo(journal)

    def _merge_get_journal(self):
        """The last merge into this ticket that was not undone.

        :return: record of ``helpdesk_lite.merge.journal``, sudoed
        """
        # sudo: no user reads the journal; only users who can change all its tickets get here
        return (
            self.env["helpdesk_lite.merge.journal"]
            .sudo()
            .search([("master_id", "=", self.id), ("undone", "=", False)], limit=1)
        )

    def _merge_may_undo(self, journal):
        """Whether all tickets of a merge exist, and the user can change them."""
        tickets = (self | self.browse(journal.source_ids)).with_context(active_test=False)
        present = tickets.exists()
        return present == tickets and len(tickets._filtered_access("read")._filtered_access("write")) == len(tickets)

    def action_undo_merge(self):
        """Undo the last merge into each of these tickets.

        :raise UserError: when there is none, or it can no longer be undone
        :raise AccessError: when the user cannot change all its tickets
        :return: True
        """
        for ticket in self:
            ticket.check_access("write")
            journal = ticket._merge_get_journal()
            if not journal:
                raise UserError(self.env._("Nothing was merged into the ticket #%s.", ticket.number))
            if ticket.is_merged:
                raise UserError(
                    self.env._("The ticket #%s has since been merged into another one. Undo that merge first.", ticket.number)
                )
            sources = ticket.browse(journal.source_ids).with_context(active_test=False)
            if sources.exists() != sources:
                raise UserError(
                    self.env._(
                        "A ticket that was merged into #%s has been deleted. The merge cannot be undone any more.",
                        ticket.number,
                    )
                )
            sources.check_access("read")
            sources.check_access("write")
            (ticket | sources)._merge_lock()
            journal._undo()
            journal.undone = True
            journal.group_id.state = "undone"
            ticket._merge_note_undone(sources)
        return True
