from odoo import api, fields, models
from odoo.exceptions import UserError


class TicketMerge(models.Model):
    """Tickets that turned out to be one."""

    _inherit = "helpdesk_lite.ticket"

    merged_into_id = fields.Many2one("helpdesk_lite.ticket", "Merged into", readonly=True, copy=False)

    @api.model
    def _merge_choose_masters(self, groups):
        """The ticket of each group that stays: open before closed, most messages, oldest.

        :param groups: list of lists of ticket ids
        :return: list of records, one of each group
        """
        tickets = self.browse({ticket_id for group in groups for ticket_id in group})
        # sudo: messages are counted to decide, and not shown
        counts = dict(self.env["mail.message"].sudo()._read_group(
            [("model", "=", self._name), ("res_id", "in", tickets.ids), ("message_type", "!=", "notification")],
            ["res_id"], ["__count"],
        ))
        return [
            min(self.browse(group), key=lambda ticket: (
                ticket.is_closed or not ticket.active, -counts.get(ticket.id, 0), ticket.create_date, ticket.id,
            ))
            for group in groups
        ]

    def action_merge(self):
        """Show these tickets as one group that can be merged.

        :raise UserError: when there are fewer than two
        :return: the action of the group's page; its ``res_id`` is the group
        """
        if len(self) < 2:
            raise UserError(self.env._("Choose at least two tickets to merge."))
        self.check_access("write")
        group = self.env["helpdesk_lite.merge.group"]._create_groups([{"ticket_ids": self.ids}])
        action = self.env["ir.actions.act_window"]._for_xml_id("helpdesk_lite_data_cleaning.merge_group_action")
        return {**action, "res_id": group.id, "views": [(False, "form")], "view_mode": "form"}
