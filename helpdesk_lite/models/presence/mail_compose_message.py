from odoo import fields, models

from .ticket_crossing import CrossingMessage

MODEL = "helpdesk_lite.ticket"


class MailComposeMessage(models.TransientModel):
    """The full composer, which says up to which message its user had seen the ticket when it was opened."""

    _inherit = "mail.compose.message"

    # a text, as it may be empty: whoever opens the composer by another way says nothing
    helpdesk_seen = fields.Char(export_string_translation=False, help="Id of the newest message that was shown, or nothing.")

    def _prepare_mail_values_static(self):
        """Hand on what its user has seen, also when the message is sent later."""
        values = super()._prepare_mail_values_static()
        if self.model == MODEL and self.composition_mode == "comment" and not self.composition_batch:
            seen = self._get_helpdesk_seen()
            if seen is not None:
                values["seen_message_id"] = seen
        return values

    def _get_helpdesk_seen(self):
        seen = self.helpdesk_seen or ""
        return int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 11 else None

    def _prepare_schedule_message_post_values(self, post_values):
        if self.model == MODEL and "seen_message_id" in post_values:
            # nobody is there to be asked
            post_values["hold_if_crossed"] = True
        return super()._prepare_schedule_message_post_values(post_values)

    def action_send_mail(self):
        """Send the message, or show what arrived while it was written.

        :return: an action
        """
        try:
            return super().action_send_mail()
        except CrossingMessage as crossing:
            return self._show_crossing(crossing)

    def _show_crossing(self, crossing):
        """Ask the user what becomes of the message. Nothing was written: a message is stopped before anything else happens.

        :param CrossingMessage crossing: why it was not sent
        :return: an action, see ``crossing_action.js``
        """
        self.ensure_one()
        ticket = self.env[MODEL].browse(self._evaluate_res_ids())
        seen = self._get_helpdesk_seen() or 0
        arrived = ticket.get_arrived(seen)
        # it is shown now: the next attempt is compared with what comes after it
        self.helpdesk_seen = str(arrived["seen_message_id"])
        return {
            "type": "ir.actions.client",
            "tag": "helpdesk_lite_crossing",
            "params": {
                "composer_id": self.id,
                "reason": str(crossing),
                "arrived": arrived,
                "body": str(self.body or ""),
                "then": self.helpdesk_then or False,
            },
        }

    def action_keep_as_note(self):
        """Log the message as an internal note, which no customer gets and with which nothing else happens.

        :return: an action that closes the window
        """
        self.ensure_one()
        self.write(
            {
                "subtype_id": self.env.ref("mail.mt_note").id,
                "partner_ids": [fields.Command.clear()],
                "helpdesk_staged": False,
                "helpdesk_then": False,
            }
        )
        return self.action_send_mail()
