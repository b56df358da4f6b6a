from odoo import api, fields, models


class TicketActions(models.Model):
    """The buttons on tickets: to the page on which they are merged, and back."""

    _inherit = "helpdesk_lite.ticket"

    can_undo_merge = fields.Boolean(compute="_compute_can_undo_merge")

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_can_undo_merge(self):
        for ticket in self:
            ticket.can_undo_merge = bool(ticket.merged_ticket_ids) and self.env["helpdesk_lite.merge"]._can_undo(ticket)

    def action_merge(self):
        """Show these tickets as one group that can be merged.

        :raise UserError: when there are too few or too many, or they cannot be merged with each other
        :raise AccessError: when the user cannot change all of them
        :return: the action of the group's page; its ``res_id`` is the group
        """
        tickets = self.browse(dict.fromkeys(self.ids)).exists()
        self.env["helpdesk_lite.merge"]._check(tickets)
        group = self.env["helpdesk_lite.merge.group"]._create_groups([{"ticket_ids": tickets.ids}])
        action = self.env["ir.actions.actions"]._for_xml_id("helpdesk_lite_data_cleaning.merge_group_action")
        return {**action, "res_id": group.id, "views": [(False, "form")], "view_mode": "form"}

    def action_undo_merge(self):
        """Undo the last merge into each of these tickets.

        :raise UserError: when there is none, or it can no longer be undone
        :raise AccessError: when the user cannot change all its tickets
        :return: True
        """
        for ticket in self:
            self.env["helpdesk_lite.merge"]._undo(ticket)
        return True
