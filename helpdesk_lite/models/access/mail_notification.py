from odoo import models
from odoo.tools import SQL

from ..guards.attached_mixin import OURS


class MailNotification(models.Model):
    """Shows the notifications of a ticket's message only to people who can read the message.

    In standard Odoo every employee can read the notifications of all messages, with subjects and recipients.
    """

    _name = "mail.notification"
    _inherit = ["helpdesk_lite.attached.mixin", "mail.notification"]

    def _get_guard(self):
        self.env["mail.message"].flush_model(["model", "res_id", "author_id", "message_type", "is_internal", "subtype_id"])
        me = self.env.user.partner_id.id
        about = SQL(" OR ").join(
            SQL("message.model = %s AND %s", name, self.env[name]._is_visible(SQL.identifier("message", "res_id")))
            for name in OURS
        )
        return SQL(
            """ (mail_notification.res_partner_id = %(me)s OR mail_notification.author_id = %(me)s OR EXISTS (
                    SELECT FROM mail_message message
                     WHERE message.id = mail_notification.mail_message_id AND (
                           COALESCE(message.model, '') NOT LIKE 'helpdesk\\_lite%%'
                        OR %(shown)s AND (
                           message.author_id = %(me)s
                        OR EXISTS (SELECT FROM mail_notification own
                                    WHERE own.mail_message_id = message.id AND own.res_partner_id = %(me)s)
                        OR EXISTS (SELECT FROM mail_message_res_partner_rel named
                                    WHERE named.mail_message_id = message.id AND named.res_partner_id = %(me)s)
                        OR message.message_type != 'user_notification' AND (%(about)s)))))
            """,
            me=me,
            about=about,
            shown=self._get_message_guard("message"),
        )

    def _get_message_guard(self, alias):
        """Build the condition that the user may read a message on one of our records, apart from access to the record.

        :param str alias: of the table of messages
        :return: SQL condition
        """
        if self.env.user._is_internal():
            return SQL("TRUE")
        # customers must not see who received an internal note on their ticket
        return SQL(
            "(%(internal)s IS NOT TRUE AND EXISTS (SELECT FROM mail_message_subtype subtype "
            "WHERE subtype.id = %(subtype)s AND subtype.internal IS NOT TRUE))",
            internal=SQL.identifier(alias, "is_internal"),
            subtype=SQL.identifier(alias, "subtype_id"),
        )
