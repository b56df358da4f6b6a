from odoo import fields, models


class MailDiscard(models.TransientModel):
    """Asks why mails are discarded. They stay readable until their time is over, and can be processed again."""

    _name = "helpdesk_lite.mail.discard"
    _description = "Discard Incoming Mails"
    _inherit = ["helpdesk_lite.mail.selection"]

    reason = fields.Char(required=True)

    def action_discard(self):
        """Discard the mails.

        :return: an action that shows what became of them
        """
        return self._get_mails()._discard(self.reason)
