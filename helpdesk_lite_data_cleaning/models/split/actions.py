from odoo import api, fields, models
from odoo.addons.helpdesk_lite.models.mail.ticket_automatic import BY_PEOPLE
from odoo.addons.helpdesk_lite.tools.ids import is_id
from odoo.fields import Command

MOST_LISTED = 40


class TicketSplit(models.Model):
    """The menu of a message that splits it off, and the button that brings it back."""

    _inherit = "helpdesk_lite.ticket"

    can_undo_split = fields.Boolean(compute="_compute_can_undo_split")

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_can_undo_split(self):
        for ticket in self:
            ticket.can_undo_split = bool(ticket._origin.id) and self.env["helpdesk_lite.split"]._can_undo(ticket._origin)

    def action_split(self, message_id=None):
        """Open the dialog that splits messages off this ticket.

        :param int message_id: id of a ``mail.message`` that is chosen already
        :return: a window action
        :raise UserError: when that message, or any of this ticket, cannot be split off
        :raise AccessError: when the user cannot change the ticket, or read the message
        """
        self.ensure_one()
        Split, Message = self.env["helpdesk_lite.split"], self.env["mail.message"]
        Split._check_ticket(self)
        chosen = Message.browse(message_id if is_id(message_id) else []).exists()
        if chosen:
            Split._check_messages(self, chosen)
        domain = [("model", "=", self._name), ("res_id", "=", self.id), ("message_type", "in", BY_PEOPLE)]
        listed = (Message.search(domain, order="id desc", limit=MOST_LISTED) | chosen).sorted("id", reverse=True)
        dialog = self.env["helpdesk_lite.split.dialog"].create(
            {
                "ticket_id": self.id,
                "line_ids": [Command.create({"message_id": message.id, "chosen": message in chosen}) for message in listed],
            }
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Split to New Ticket"),
            "res_model": dialog._name,
            "res_id": dialog.id,
            "views": [(False, "form")],
            "target": "new",
        }

    def action_undo_split(self):
        """Bring the messages of this ticket back to the one that they were split off.

        :return: an action that shows that one
        :raise UserError: when there was no split, or it can no longer be undone
        :raise AccessError: when the user cannot change both tickets
        """
        self.ensure_one()
        return self.env["helpdesk_lite.split"]._undo(self).get_formview_action()
