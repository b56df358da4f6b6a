from odoo import api, models
from odoo.tools import SQL

from ..guards.attached_mixin import OURS


class MailMessage(models.Model):
    """Messages on tickets and teams: only employees can read notes, and answers do not reveal hidden messages.

    Odoo hides internal messages from customers in lists and searches, but by id it hides only
    comments. Customers could read system notes (type *notification*: who was assigned, who is off,
    where a ticket was moved) by trying one id after the other.

    Odoo also shows the name of the answered message to everybody who can read the answer. When the
    answered message is hidden and belongs to another record, the answer is kept, so that no mail is
    lost, but its link to that message is removed.
    """

    _inherit = "mail.message"

    # ------------------------------------------------------------
    # NOTES
    # ------------------------------------------------------------

    def _filter_internal(self):
        """Select the internal notes on tickets and teams.

        :return: records of ``mail.message``
        """
        if not self.ids:
            return self.browse()
        self.flush_recordset(["model", "is_internal", "subtype_id"])
        rows = self.env.execute_query(
            SQL(
                """ SELECT message.id
                  FROM mail_message message
             LEFT JOIN mail_message_subtype subtype ON subtype.id = message.subtype_id
                 WHERE message.id = ANY(%s) AND message.model = ANY(%s)
                   AND (message.is_internal OR subtype.id IS NULL OR subtype.internal)
            """,
                self.ids,
                list(OURS),
            )
        )
        return self.browse(message_id for (message_id,) in rows)

    def _get_forbidden_access(self, operation):
        forbidden = super()._get_forbidden_access(operation)
        if operation == "read" and not self.env.user._is_internal():
            forbidden |= (self - forbidden)._filter_internal()
        return forbidden

    @api.model
    def _get_with_access(self, message_id, mode="read", **kwargs):
        """An access link opens the ticket's conversation without the internal notes."""
        message = super()._get_with_access(message_id, mode=mode, **kwargs)
        # sudo: only the model is read
        if message and mode != "read" and message.sudo().model in OURS:
            # followers may react to messages on whatever they follow, also where they cannot read them any more
            message &= super()._get_with_access(message_id, mode="read", **kwargs)
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
        is_internal = self.env.user._is_internal()
        # sudo: only the records of the two messages are compared
        for message in self.sudo().filtered("parent_id"):
            parent = message.parent_id
            # who works on a record reads all of its messages, but its customer does not
            is_near = is_internal and (parent.model, parent.res_id) == (message.model, message.res_id)
            if {parent.model, message.model} & set(OURS) and not is_near and not parent.with_env(self.env).has_access("read"):
                message.parent_id = False
