from odoo import api, models

from .pointer_mixin import OURS


class MailMessage(models.Model):
    """Nobody learns the subject of a message that they may not read by claiming to answer it.

    Odoo shows the name of the message answered to whoever reads the answer. An answer to something
    hidden in another thread is kept, so that no mail is lost, and answers nothing.
    """

    _inherit = "mail.message"

    @api.model_create_multi
    def create(self, vals_list):
        messages = super().create(vals_list)
        messages._forget_hidden_parents()
        return messages

    def write(self, vals):
        result = super().write(vals)
        if "parent_id" in vals:
            self._forget_hidden_parents()
        return result

    def _forget_hidden_parents(self):
        if self.env.su:
            return
        # sudo: looked at to know what is answered
        for message in self.sudo().filtered("parent_id"):
            parent = message.parent_id
            elsewhere = (parent.model, parent.res_id) != (message.model, message.res_id)
            if parent.model in OURS and elsewhere and not parent.with_env(self.env).has_access("read"):
                message.parent_id = False
