from odoo import api, models

from ..guards.attached_mixin import OURS


class MailMessage(models.Model):
    """A message does not name the record that it is on to people who cannot read that record.

    Odoo tells everybody who can read a message what its record is called, and people can always read what they wrote
    or were notified of. They may have lost access to the ticket since then; and after a merge, the message is on a
    ticket that they never saw.
    """

    _inherit = "mail.message"

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_record_name(self):
        result = super()._compute_record_name()
        self._filter_on_hidden().record_name = False
        return result

    def _to_store(self, store, fields, **kwargs):
        complete = "message_format" in fields
        result = super()._to_store(store, fields, **kwargs)
        hidden = (self | self.linked_message_ids)._filter_on_hidden() if complete else self.browse()
        for message, record in hidden._record_by_message().items():
            # sudo: the name of a model is no secret
            model_name = self.env["ir.model"].sudo()._get(record._name).name
            store.add(record, {"display_name": model_name}, as_thread=True)
            if message in self:
                store.add(message, {"default_subject": False})
        return result

    def _filter_on_hidden(self):
        """Select the messages on tickets and teams that the user cannot read.

        :return: records of ``mail.message``
        """
        hidden = self.browse()
        if self.env.su:
            return hidden
        # sudo: only where the messages are
        for model, messages in (
            self.sudo().filtered(lambda message: message.model in OURS and message.res_id).grouped("model").items()
        ):
            records = self.env[model].with_context(active_test=False).browse(set(messages.mapped("res_id"))).exists()
            unreadable = set((records - records._filtered_access("read")).ids)
            hidden |= messages.filtered(lambda message, ids=unreadable: message.res_id in ids).with_env(self.env)
        return hidden
