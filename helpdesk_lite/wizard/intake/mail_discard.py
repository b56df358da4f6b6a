from odoo import fields, models
from odoo.exceptions import UserError


class MailDiscard(models.TransientModel):
    """Asks why mails are discarded. They stay readable until their time is over, and can be processed again."""

    _name = "helpdesk_lite.mail.discard"
    _description = "Discard Incoming Mails"
    _inherit = ["helpdesk_lite.mail.selection"]

    reason = fields.Char()

    def action_discard(self):
        """Discard the mails.

        :return: an action that shows what became of them
        :raise UserError: when no reason is given
        """
        mails = self._get_mails()
        if not (self.reason or "").strip():
            raise UserError(self.env._("Say why the mails are discarded."))
        return mails._discard(self.reason)
