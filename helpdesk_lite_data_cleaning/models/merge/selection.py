from odoo import models


class TicketSelection(models.Model):
    """From a selection of tickets to the page on which they can be merged."""

    _inherit = "helpdesk_lite.ticket"

    def action_merge(self):
        """Show these tickets as one group that can be merged.

        :raise UserError: when there are too few or too many, or they cannot be merged with each other
        :raise AccessError: when the user cannot change all of them
        :return: the action of the group's page; its ``res_id`` is the group
        """
        tickets = self.browse(dict.fromkeys(self.ids)).exists()
        tickets._merge_check()
        group = self.env["helpdesk_lite.merge.group"]._create_groups([{"ticket_ids": tickets.ids}])
        action = self.env["ir.actions.actions"]._for_xml_id("helpdesk_lite_data_cleaning.merge_group_action")
        return {**action, "res_id": group.id, "views": [(False, "form")], "view_mode": "form"}
