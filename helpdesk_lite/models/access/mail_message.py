from odoo import api, models
from odoo.tools import SQL

from ..guards.pointer_mixin import OURS


class MailMessage(models.Model):
    """Messages on tickets and teams: notes are for employees, and no answer names what is hidden.

    Odoo hides from customers what is internal when it lists and searches, but by id only where it
    is a comment: what the system notes (type *notification*: who was assigned and who is off, where
    a ticket went) would be read by whoever counts the ids up.

    It also shows the name of the message answered to whoever reads the answer. An answer to something
    hidden in another thread is kept, so that no mail is lost, and answers nothing.
    """

    _inherit = "mail.message"

    # ------------------------------------------------------------
    # NOTES
    # ------------------------------------------------------------

    def _filter_internal(self):
        """Those of these messages that are notes on our records.

        :return: records of ``mail.message``
        """
        if not self.ids:
            return self.browse()
        self.flush_recordset(["model", "is_internal", "subtype_id"])
        rows = self.env.execute_query(SQL(
            """ SELECT message.id
                  FROM mail_message message
             LEFT JOIN mail_message_subtype subtype ON subtype.id = message.subtype_id
                 WHERE message.id = ANY(%s) AND message.model = ANY(%s)
                   AND (message.is_internal OR subtype.id IS NULL OR subtype.internal)
            """, self.ids, list(OURS),
        ))
        return self.browse(message_id for (message_id,) in rows)

    def _get_forbidden_access(self, operation):
        forbidden = super()._get_forbidden_access(operation)
        if operation == "read" and not self.env.user._is_internal():
            forbidden |= (self - forbidden)._filter_internal()
        return forbidden

    @api.model
    def _get_with_access(self, message_id, mode="read", **kwargs):
        """An access link opens the ticket's conversation, and no note in it."""
        message = super()._get_with_access(message_id, mode=mode, **kwargs)
        if message and not self.env.user._is_internal() and message._filter_internal():
            return self.browse()
        return message

    # ------------------------------------------------------------
    # ANSWERS
    # ------------------------------------------------------------

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
            if elsewhere and {parent.model, message.model} & set(OURS) and not parent.with_env(self.env).has_access("read"):
                message.parent_id = False
