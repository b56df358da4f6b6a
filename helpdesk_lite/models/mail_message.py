from odoo import api, models
from odoo.tools import SQL

from .mail_followers import OURS


class MailMessage(models.Model):
    """Notes on tickets and teams are for employees, whatever kind of message they are.

    Odoo hides from customers what is internal when it lists and searches, but by id only where it
    is a comment: what the system notes (type *notification*: who was assigned and who is off, where
    a ticket went) would be read by whoever counts the ids up.
    """

    _inherit = "mail.message"

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
        if operation in ("read", "create") and not self.env.user._is_internal():
            forbidden |= (self - forbidden)._filter_internal()
        return forbidden

    @api.model
    def _get_with_access(self, message_id, mode="read", **kwargs):
        """An access link opens the ticket's conversation, and no note in it."""
        message = super()._get_with_access(message_id, mode=mode, **kwargs)
        if message and not self.env.user._is_internal() and message._filter_internal():
            return self.browse()
        return message
