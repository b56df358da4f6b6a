from odoo import fields, models

from .ticket_moves import THEN

MODEL = "helpdesk_lite.ticket"


class MailComposeMessage(models.TransientModel):
    """The full composer, with what is staged beside the message."""

    _inherit = "mail.compose.message"

    helpdesk_staged = fields.Json(export_string_translation=False)
    helpdesk_then = fields.Selection([("solve", "Solve"), ("wait", "Wait for the Customer")], "Then")

    def _prepare_mail_values_static(self):
        """Hand what is staged on to the message of a ticket, also when it is sent later."""
        values = super()._prepare_mail_values_static()
        if self.model == MODEL and self.composition_mode == "comment":
            staged = {
                "staged_replies": self._read_helpdesk_staged(),
                "then": self.helpdesk_then if self.helpdesk_then in THEN else False,
            }
            values |= {name: value for name, value in staged.items() if value}
        return values

    def _read_helpdesk_staged(self):
        """What the client keeps for its chips, in the form that a message takes."""
        items = self.helpdesk_staged if isinstance(self.helpdesk_staged, list) else []
        return [
            [item.get("id"), [part.get("key") for part in item.get("parts") or () if isinstance(part, dict)]]
            for item in items
            if isinstance(item, dict)
        ]

    def action_send_and_solve(self):
        """Send the message and close the ticket.

        :return: an action that closes the window
        """
        self.helpdesk_then = "solve"
        return self.action_send_mail()

    def action_send_and_wait(self):
        """Send the message and move the ticket to the stage in which the team waits for the customer.

        :return: an action that closes the window
        """
        self.helpdesk_then = "wait"
        return self.action_send_mail()
